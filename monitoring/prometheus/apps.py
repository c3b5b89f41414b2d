from django.apps import AppConfig


class PrometheusConfig(AppConfig):
    name = "monitoring.prometheus"
    label = "prometheus"
    verbose_name = "Prometheus"
    default_auto_field = "django.db.models.BigAutoField"
