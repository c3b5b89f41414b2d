from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "compliance.verification"
    label = "verification"
    verbose_name = "Age verification"
    default_auto_field = "django.db.models.BigAutoField"
