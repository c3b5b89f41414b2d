from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "monitoring.incidents"
    label = "incidents"
    verbose_name = "Incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.alerts import attended, belonging
        from monitoring.incidents import attending, listening

        listening.connect()
        attended.beside += [attending.by_incident, attending.by_window]
        belonging.beside.append(attending.incident_of)
