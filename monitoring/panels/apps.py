from django.apps import AppConfig


class PanelsConfig(AppConfig):
    name = "monitoring.panels"
    label = "panels"
    verbose_name = "Boards"
    default_auto_field = "django.db.models.BigAutoField"
