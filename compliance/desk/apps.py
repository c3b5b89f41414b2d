from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.utils.module_loading import autodiscover_modules

from monitoring.people import Person


class DeskConfig(AppConfig):
    name = "compliance.desk"
    label = "desk"
    verbose_name = "Desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.desk import undoing

        undoing.register(undoing.held_by)
        autodiscover_modules("review")
        user_logged_out.connect(_give_back, dispatch_uid="desk.give_back")


def _give_back(sender: Any, request: Any, user: Person, **_: Any) -> None:
    """Whoever signs out holds nothing any more."""
    from compliance.desk import giving_back

    if user is not None:
        giving_back.at_sign_out(user)
