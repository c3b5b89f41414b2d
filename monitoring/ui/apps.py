from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "monitoring.ui"
    label = "ui"
    verbose_name = "Template tags"
