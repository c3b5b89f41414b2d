"""What is too old goes, with all that belongs to it; what fires stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring import policy
from monitoring.alerts.models import Alert, AlertEvent
from monitoring.delivery import outbox
from monitoring.delivery.models import Message
from monitoring.maintenance import running
from tests.monitoring.alerts.conftest import alert

pytestmark = pytest.mark.django_db


def test_it_works(deliver, staff, nothing_queued):
    deliver(alert(1), alert(2), alert(3), alert(4))
    deliver(alert(1, end=5), alert(2, end=5))
    Alert.objects.filter(fingerprint=f"{2:016x}").update(ends_at=timezone.now())
    old = timezone.now() - policy.ALERT_RETENTION * 2
    Alert.objects.filter(fingerprint=f"{1:016x}").update(starts_at=old, ends_at=old)
    Alert.objects.filter(fingerprint=f"{3:016x}").update(starts_at=old)
    test = outbox.test("discord", "ops-alerts", by=staff("operator"))
    Message.objects.filter(pk=test.pk).update(
        state="sent",
        shown=1,
        sent_at=timezone.now(),
        created_at=timezone.now() - timedelta(days=31),
    )
    run = running.run_now("alert_retention")
    assert (run.state, run.findings[0]["title"]) == ("succeeded", "1 alerts removed")
    kept = Alert.objects.order_by("fingerprint").values_list("fingerprint", flat=True)
    assert list(kept) == [f"{number:016x}" for number in (2, 3, 4)]
    assert not AlertEvent.objects.exclude(alert__in=Alert.objects.all()).exists()
    assert not Message.objects.filter(pk=test.pk).exists()
    about = set(Message.objects.values_list("subject_id", flat=True))
    assert about == set(Alert.objects.values_list("pk", flat=True))
