from django.apps import AppConfig
from django.urls import register_converter
from django.utils.module_loading import autodiscover_modules

from monitoring.ui.unlogged import CONVERTERS


class UiConfig(AppConfig):
    name = "monitoring.ui"
    label = "ui"
    verbose_name = "Template tags"

    def ready(self) -> None:
        for name, converter in CONVERTERS.items():
            register_converter(converter, name)
        autodiscover_modules("nav")
