"""Effects that were due a while ago and are not delivered."""

from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone

from compliance import policy
from compliance.effects.models import DUE, Effect, EffectState
from monitoring.health.registry import WEB, Check, Unhealthy, register


def effects() -> dict[str, Any]:
    """Healthy while nothing due is older than the policy allows."""
    now = timezone.now()
    try:
        oldest = (
            Effect.objects.filter(state__in=DUE, not_before__lte=now)
            .order_by("not_before")
            .values_list("not_before", flat=True)
            .first()
        )
        failed = Effect.objects.filter(state=EffectState.FAILED).count()
    except DatabaseError as error:
        raise Unhealthy("PostgreSQL does not answer") from error
    finally:
        connections.close_all()
    late = now - oldest if oldest else timedelta(0)
    if late > policy.EFFECT_LATE:
        raise Unhealthy(f"the oldest has been due for {late.total_seconds():.0f} s")
    return {"oldestDueSeconds": int(late.total_seconds()), "failed": failed}


register(
    Check(
        "effects",
        effects,
        critical=False,
        processes=frozenset({WEB}),
        runbook="docs/runbooks/health-effects.md",
    )
)
