"""How long alerts are kept: the recorded job `alert_retention`."""

from django.db import transaction
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.messages import SOURCE
from monitoring.alerts.models import Alert, KnownSilence, Raised
from monitoring.delivery import outbox, retention
from monitoring.maintenance.running import Context

BATCH = 2000


def run(context: Context) -> None:
    """In batches, each a transaction of its own; safe to run twice."""
    now = timezone.now()
    old = Alert.objects.filter(
        status="resolved", ends_at__lt=now - policy.ALERT_RETENTION
    ).order_by("ends_at")
    removed = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            outbox.forget(SOURCE, ids)
            Alert.objects.filter(pk__in=ids).delete()
        removed += len(ids)
        context.line(f"{removed:,} alerts removed")
    tests = retention.forget_rest(now - policy.DELIVERY_TEST_RETENTION)
    raised, _ = Raised.objects.filter(end_sent_at__lt=now - policy.ALERT_RETENTION).delete()
    KnownSilence.objects.filter(ends_at__lt=now - policy.ALERT_RETENTION).delete()
    context.finding("ok", f"{removed:,} alerts removed", f"{tests + raised:,} other rows with them")
