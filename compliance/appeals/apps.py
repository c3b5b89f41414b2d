from typing import Any

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "compliance.appeals"
    label = "appeals"
    verbose_name = "Appeals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.appeals import listing
        from compliance.desk import undoing
        from compliance.verification.signals import decision_undone

        undoing.register(listing.undoable_by)
        decision_undone.connect(_reopen, dispatch_uid="appeals.reopen")


def _reopen(sender: Any, decision: Any, **_: Any) -> None:
    """The override that granted an appeal was taken back."""
    from compliance.appeals import deciding

    deciding.reopen(decision)
