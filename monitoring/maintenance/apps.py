from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MaintenanceConfig(AppConfig):
    name = "monitoring.maintenance"
    label = "maintenance"
    verbose_name = "Maintenance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.maintenance import metrics, registry

        autodiscover_modules("jobs", "cleanup_steps")
        names = [job.name for job in registry.all_jobs()]
        metrics.job_runs_total.bounded.learn("job", names)
        metrics.job_runs_total.start_at_zero()
        metrics.job_duration_seconds.bounded.learn("job", names)
