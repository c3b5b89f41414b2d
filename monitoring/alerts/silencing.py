"""Silences: made and ended through Alertmanager, which keeps them; we record who did it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts import alertmanager, intake, sending
from monitoring.alerts.acknowledging import COMMENT_AT_MOST, NotDone
from monitoring.alerts.alertmanager import AlertmanagerUnavailable, Matcher, Silence
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.audit import trail
from monitoring.audit.models import Category


def silence(alert_id: int, *, by: Any, until: datetime, comment: str = "") -> str:
    """Nobody is told of this alert until then; returns the silence's id.

    Raises NotDone, Alert.DoesNotExist.
    """
    alert = Alert.objects.get(pk=alert_id)
    now = timezone.now()
    if not now < until <= now + policy.SILENCE_AT_MOST:
        days = policy.SILENCE_AT_MOST.days
        raise NotDone(f"A silence must end in the future, within {days} days.")
    comment = comment.strip()[:COMMENT_AT_MOST]
    matchers = [Matcher(name, value) for name, value in sorted(alert.labels.items()) if value]
    try:
        silence_id = alertmanager.add_silence(
            matchers or [Matcher("alertname", alert.name)],
            until=until,
            created_by=str(by),
            comment=comment or f"Silenced at {alert.name}",
        )
    except AlertmanagerUnavailable as why:
        raise NotDone(f"It was not silenced: {why}") from why
    with transaction.atomic():
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
        sending.changed([alert.pk])
    return silence_id


def expire(silence_id: str, *, by: Any) -> None:
    """End a silence now, also one that was made elsewhere. Raises NotDone."""
    try:
        alertmanager.expire_silence(silence_id)
    except AlertmanagerUnavailable as why:
        raise NotDone(f"It was not ended: {why}") from why
    trail.record(
        "alert.silence_ended",
        category=Category.TECHNICAL,
        actor=by,
        data={"silence": silence_id},
    )


def of_alert(alert: Alert, silences: list[Silence]) -> list[Silence]:
    """Those silences that hold for this alert now."""
    return [s for s in silences if s.state == "active" and _matches(s, alert.labels)]


def _matches(silence: Silence, labels: dict[str, str]) -> bool:
    # Regular expressions are Alertmanager's to judge: its own flag says whether they hold.
    plain = [m for m in silence.matchers if not m.is_regex]
    return bool(plain) and all((labels.get(m.name, "") == m.value) == m.is_equal for m in plain)
