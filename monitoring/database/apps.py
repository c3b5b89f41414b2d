from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "monitoring.database"
    label = "database"
    verbose_name = "Database"
    default_auto_field = "django.db.models.BigAutoField"
