from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules


class KpisConfig(AppConfig):
    name = "monitoring.kpis"
    label = "kpis"
    verbose_name = "KPIs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.kpis import registry

        autodiscover_modules("kpis")
        unknown = settings.KPI_TARGETS.keys() - {kpi.slug for kpi in registry.all_kpis()}
        if unknown:
            raise ImproperlyConfigured(f"KPI_TARGETS: there is no KPI called {min(unknown)}.")
