from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class HealthConfig(AppConfig):
    name = "monitoring.health"
    label = "health"
    verbose_name = "Health"

    def ready(self) -> None:
        autodiscover_modules("checks")
        from monitoring.health import scoring  # noqa: F401 - exports the score with each sample
