from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "compliance.providers"
    label = "providers"
    verbose_name = "Outside age checks"
    default_auto_field = "django.db.models.BigAutoField"
