from django.apps import AppConfig


class ViolationsConfig(AppConfig):
    name = "compliance.violations"
    label = "violations"
    verbose_name = "Violations"
    default_auto_field = "django.db.models.BigAutoField"
