from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "monitoring.resources"
    label = "resources"
    verbose_name = "Host resources"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Connects to the worker's signal; it starts in the worker's main process only.
        from monitoring.resources import watching  # noqa: F401
