"""Watches the escalation itself: what is late, and a heartbeat to the outside while nothing is."""

from dataclasses import dataclass
from datetime import datetime

import httpx
import structlog
from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef
from django.utils import timezone

from monitoring import policy
from monitoring.delivery.models import ON_ITS_WAY, Message
from monitoring.incidents.models import EscalationStepRun, Incident, RunState
from monitoring.incidents.states import State
from monitoring.metrics.families import CounterFamily

log = structlog.get_logger(__name__)
_client = httpx.Client(timeout=5, trust_env=False)
incident_escalation_audits_total = CounterFamily(
    "incident_escalation_audits_total",
    "Looks of the escalation at itself.",
    {"outcome": ("clean", "late")},
)


@dataclass(frozen=True)
class Audit:
    """What a look found; clean when nothing is late."""

    late_steps: int
    late_seconds: float
    late_messages: int
    unheard: int  # open incidents of which nobody at all could be told

    @property
    def is_clean(self) -> bool:
        return not (self.late_steps or self.late_messages or self.unheard)


def look(now: datetime | None = None) -> Audit:
    """Steps that wait, or were done in the last minute, more than 30 s late; and messages that
    wait for more than 2 minutes and are not held back by a person's limits."""
    now = now or timezone.now()
    waiting = EscalationStepRun.objects.filter(
        state=RunState.WAITING, due_at__lt=now - policy.ESCALATION_LATE
    )
    done = EscalationStepRun.objects.filter(
        state__in=(RunState.DONE, RunState.NOBODY),
        done_at__gte=now - policy.ESCALATION_AUDIT_EVERY,
        late_seconds__gt=policy.ESCALATION_LATE.total_seconds(),
    )
    return Audit(
        late_steps=waiting.count() + done.count(),
        late_seconds=late_seconds(now),
        late_messages=_late_messages(now),
        unheard=_unheard(),
    )


def late_seconds(now: datetime | None = None) -> float:
    """How late the latest step is that waits, or that was done within the last minute."""
    now = now or timezone.now()
    oldest = EscalationStepRun.objects.filter(state=RunState.WAITING, due_at__lt=now).aggregate(
        at=Min("due_at")
    )["at"]
    done = EscalationStepRun.objects.filter(
        state__in=(RunState.DONE, RunState.NOBODY),
        done_at__gte=now - policy.ESCALATION_AUDIT_EVERY,
    ).aggregate(most=Max("late_seconds"))["most"]
    waits = (now - oldest).total_seconds() if oldest else 0.0
    return max(waits, done or 0.0)


def audit() -> Audit:
    """Look, count, and ping ESCALATION_HEARTBEAT_URL when it is clean, and only then."""
    found = look()
    incident_escalation_audits_total.inc(outcome="clean" if found.is_clean else "late")
    if not found.is_clean:
        log.error(
            "escalation_late",
            steps=found.late_steps,
            seconds=round(found.late_seconds),
            messages=found.late_messages,
            unheard=found.unheard,
        )
        return found
    if settings.ESCALATION_HEARTBEAT_URL:
        _ping(settings.ESCALATION_HEARTBEAT_URL)
    return found


def _late_messages(now: datetime) -> int:
    before = now - policy.ESCALATION_MESSAGE_LATE
    return Message.objects.filter(
        source="incidents",
        state__in=ON_ITS_WAY,
        created_at__lt=before,
        not_before__lt=before,
    ).count()


def _unheard() -> int:
    """Every step of the round is done, and none reached anybody."""
    runs = EscalationStepRun.objects.filter(incident=OuterRef("pk"), round=OuterRef("round"))
    return (
        Incident.objects.filter(state=State.OPEN)
        .filter(Exists(runs), ~Exists(runs.exclude(state=RunState.NOBODY)))
        .count()
    )


def _ping(url: str) -> None:
    try:
        answer = _client.get(url)
    except httpx.HTTPError as error:
        log.warning("escalation_heartbeat_failed", error=type(error).__name__)
        return
    if not answer.is_success:
        log.warning("escalation_heartbeat_refused", status=answer.status_code)
