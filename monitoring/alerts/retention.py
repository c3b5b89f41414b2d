"""How long alerts are kept: the recorded job `alert_retention`."""

from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Alert, Delivery, DeliveryKind, DeliveryState, Raised
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
        Alert.objects.filter(pk__in=ids).delete()
        removed += len(ids)
        context.line(f"{removed:,} alerts removed")
    others = Delivery.objects.filter(
        created_at__lt=now - policy.ALERT_TEST_RETENTION,
        state__in=(DeliveryState.SENT, DeliveryState.FAILED),
    ).exclude(kind=DeliveryKind.ALERT)
    # A bundle is kept as long as its parts are.
    tests, _ = others.filter(parts__isnull=True).delete()
    raised, _ = Raised.objects.filter(end_sent_at__lt=now - policy.ALERT_RETENTION).delete()
    context.finding("ok", f"{removed:,} alerts removed", f"{tests + raised:,} other rows with them")
