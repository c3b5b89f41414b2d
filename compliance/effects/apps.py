from django.apps import AppConfig


class EffectsConfig(AppConfig):
    name = "compliance.effects"
    label = "effects"
    verbose_name = "Effects"
    default_auto_field = "django.db.models.BigAutoField"
