"""Acknowledge an alert, and withdraw it: who looks after it, said once."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring.alerts import intake, telling
from monitoring.alerts.models import Acknowledgement, Alert, AlertEvent, Status
from monitoring.alerts.signals import acknowledgement_changed
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.people import Person
from monitoring.refusals import Refusal

COMMENT_AT_MOST = 500


def acknowledge(alert_id: int, *, by: Person, comment: str = "") -> Acknowledgement:
    """`by` looks after an alert that fires, also after somebody who has left.

    Raises Refusal, Alert.DoesNotExist.
    """
    comment = comment.strip()[:COMMENT_AT_MOST]
    try:
        with transaction.atomic():
            # Locked: an end that comes in now waits, and then ends the acknowledgement too.
            alert = Alert.objects.select_for_update(no_key=True).get(pk=alert_id)
            if alert.status == Status.RESOLVED:
                raise Refusal("over", "It is resolved; there is nothing to acknowledge any more.")
            left = Acknowledgement.objects.open().filter(alert=alert, by__is_active=False)
            left.update(withdrawn_at=timezone.now(), withdrawn_by=by)
            made = Acknowledgement.objects.create(alert=alert, by=by, comment=comment)
            _record("acknowledged", made, by, comment)
    except IntegrityError:
        held = Acknowledgement.objects.open().select_related("by").filter(alert=alert_id).first()
        raise Refusal(
            "taken", f"{held.by if held else 'Somebody'} has acknowledged it already."
        ) from None
    return made


def withdraw(alert_id: int, *, by: Person) -> Acknowledgement:
    """Nobody looks after it any more. Raises Refusal."""
    with transaction.atomic():
        held = (
            Acknowledgement.objects.open()
            .select_for_update(of=("self",))
            .select_related("alert")
            .filter(alert=alert_id)
            .first()
        )
        if held is None:
            raise Refusal("not_allowed", "It is not acknowledged.")
        held.withdrawn_at, held.withdrawn_by = timezone.now(), by
        held.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _record("withdrawn", held, by, "")
    return held


def _record(what: str, made: Acknowledgement, by: Person, comment: str) -> None:
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
    telling.changed([alert.pk])
    acknowledgement_changed.send(
        Acknowledgement, alert=alert, acknowledgement=made, is_open=what == "acknowledged"
    )
