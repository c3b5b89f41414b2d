from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "monitoring.alerts"
    label = "alerts"
    verbose_name = "Alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.alerts import attended, firing
        from monitoring.health import score

        score.beside.append(firing.labels)
        score.attending.append(attended.of_labels)
        score.describing.append(firing.summaries)
        score.confirming.append(firing.is_confirmed)
