import sys

from django.apps import AppConfig
from django.conf import settings
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
            sys.stderr.write(
                f"Growmies Admin can't start: KPI_TARGETS names {min(unknown)}, which is no KPI.\n"
            )
            raise SystemExit(2)
