"""Silences: made and ended through Alertmanager, which keeps them; we record who did it.

What was not recorded here was made elsewhere: elsewhere.py looks for that.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring import locks, policy
from monitoring.alerts import alertmanager, intake, telling
from monitoring.alerts.acknowledging import COMMENT_AT_MOST
from monitoring.alerts.alertmanager import AlertmanagerUnavailable, Matcher
from monitoring.alerts.models import Alert, AlertEvent, KnownSilence, Origin
from monitoring.audit import trail
from monitoring.audit.models import Category
from monitoring.people import Person
from monitoring.refusals import Refusal


def silence(alert_id: int, *, by: Person, until: datetime, comment: str = "") -> str:
    """Nobody is told of this alert until then; returns the silence's id.

    Raises Refusal, Alert.DoesNotExist.
    """
    alert = Alert.objects.get(pk=alert_id)
    now = timezone.now()
    if not now < until <= now + policy.SILENCE_AT_MOST:
        days = policy.SILENCE_AT_MOST.days
        raise Refusal("invalid", f"A silence must end in the future, within {days} days.")
    comment = comment.strip()[:COMMENT_AT_MOST]
    matchers = [Matcher(name, value) for name, value in sorted(alert.labels.items()) if value]
    with transaction.atomic():
        try:
            silence_id = make(
                matchers or [Matcher("alertname", alert.name)],
                by=by,
                until=until,
                comment=comment or f"Silenced at {alert.name}",
            )
        except AlertmanagerUnavailable as why:
            raise Refusal("away", f"It was not silenced: {why}") from why
        Alert.objects.filter(pk=alert.pk).update(is_silenced=True)
        text = f"until {until.isoformat(timespec='minutes')}"
        intake.note(
            [AlertEvent(alert=alert, kind=AlertEvent.Kind.SILENCED, by=by, text=comment or text)]
        )
        trail.record(
            "alert.silenced",
            category=Category.TECHNICAL,
            actor=by,
            target=alert,
            data={"name": alert.name, "until": until.isoformat(), "silence": silence_id},
        )
        telling.changed([alert.pk])
    return silence_id


@transaction.atomic
def make(matchers: list[Matcher], *, by: Person, until: datetime, comment: str) -> str:
    """A silence from now on, and that it is ours; returns its id.

    In the caller's transaction: when that is rolled back, the silence counts as made elsewhere.
    Raises AlertmanagerUnavailable.
    """
    hold()
    silence_id = alertmanager.add_silence(
        matchers, until=until, created_by=str(by), comment=comment
    )
    KnownSilence.objects.create(
        silence_id=silence_id, origin=Origin.HERE, made_by=by, ends_at=until
    )
    return silence_id


def hold() -> None:
    """Until the transaction ends nobody else makes a silence, or looks which ones are ours."""
    locks.hold(locks.Lock.SILENCES)


def expire(silence_id: str, *, by: Person) -> None:
    """End a silence now, also one that was made elsewhere. Raises Refusal."""
    try:
        alertmanager.expire_silence(silence_id)
    except AlertmanagerUnavailable as why:
        raise Refusal("away", f"It was not ended: {why}") from why
    trail.record(
        "alert.silence_ended",
        category=Category.TECHNICAL,
        actor=by,
        data={"silence": silence_id},
    )
