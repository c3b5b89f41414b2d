from django.apps import AppConfig


class UptimeConfig(AppConfig):
    name = "monitoring.uptime"
    label = "uptime"
    verbose_name = "Outside services"
    default_auto_field = "django.db.models.BigAutoField"
