from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MetricsConfig(AppConfig):
    name = "monitoring.metrics"
    label = "metrics"
    verbose_name = "Metrics"

    def ready(self) -> None:
        # Every family exists, with its series at 0, in each process that exports it.
        autodiscover_modules("metrics")
