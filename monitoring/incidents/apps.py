from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "monitoring.incidents"
    label = "incidents"
    verbose_name = "Incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.incidents import listening

        listening.connect()
