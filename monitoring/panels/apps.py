from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PanelsConfig(AppConfig):
    name = "monitoring.panels"
    label = "panels"
    verbose_name = "Boards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring.panels import board

        autodiscover_modules("panels")
        board.keep_all()
