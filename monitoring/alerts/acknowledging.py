"""Acknowledge an alert, and withdraw it: who looks after it, said once."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring.alerts import intake, sending
from monitoring.alerts.models import Acknowledgement, Alert, AlertEvent, Status
from monitoring.alerts.signals import acknowledgement_changed
from monitoring.audit import trail
from monitoring.audit.models import Category

COMMENT_AT_MOST = 500


class NotDone(Exception):
    """An act on an alert that was refused; the message says why."""


def acknowledge(alert_id: int, *, by: Any, comment: str = "") -> Acknowledgement:
    """`by` looks after an alert that fires. Raises NotDone, Alert.DoesNotExist."""
    comment = comment.strip()[:COMMENT_AT_MOST]
    try:
        with transaction.atomic():
            # Locked: an end that comes in now waits, and then ends the acknowledgement too.
            alert = Alert.objects.select_for_update(no_key=True).get(pk=alert_id)
            if alert.status == Status.RESOLVED:
                raise NotDone("It is resolved; there is nothing to acknowledge any more.")
            made = Acknowledgement.objects.create(alert=alert, by=by, comment=comment)
            _record("acknowledged", made, by, comment)
    except IntegrityError:
        held = Acknowledgement.objects.open().select_related("by").filter(alert=alert_id).first()
        raise NotDone(f"{held.by if held else 'Somebody'} has acknowledged it already.") from None
    return made


def withdraw(alert_id: int, *, by: Any) -> Acknowledgement:
    """Nobody looks after it any more. Raises NotDone."""
    with transaction.atomic():
        held = (
            Acknowledgement.objects.open()
            .select_for_update(of=("self",))
            .select_related("alert")
            .filter(alert=alert_id)
            .first()
        )
        if held is None:
            raise NotDone("It is not acknowledged.")
        held.withdrawn_at, held.withdrawn_by = timezone.now(), by
        held.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _record("withdrawn", held, by, "")
    return held


def _record(what: str, made: Acknowledgement, by: Any, comment: str) -> None:
    alert = made.alert
    intake.note([AlertEvent(alert=alert, kind=what, by=by, text=comment)])
    data = {"name": alert.name}
    if what == "acknowledged":
        trail.record(
            "alert.acknowledged", category=Category.TECHNICAL, actor=by, target=alert, data=data
        )
    else:
        trail.record(
            "alert.acknowledgement_withdrawn",
            category=Category.TECHNICAL,
            actor=by,
            target=alert,
            data=data,
        )
    sending.changed([alert.pk])
    acknowledgement_changed.send(
        Acknowledgement, alert=alert, acknowledgement=made, is_open=what == "acknowledged"
    )
