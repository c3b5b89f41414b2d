"""The statement that puts thousands into a bundle writes what the model would write."""

import pytest
from django.forms.models import model_to_dict

from monitoring.delivery import outbox
from monitoring.delivery.models import Kind, Message, State

pytestmark = pytest.mark.django_db


def test_it_works(staff):
    common = {
        "source": "alerts",
        "channel": "sms",
        "target": "ada",
        "place": "+1",
        "person": staff("operator", username="ada"),
        "urgency": 2,
    }
    bundle = Message.objects.create(**common, kind=Kind.BUNDLE)
    times = {"not_before": bundle.not_before, "due_at": bundle.not_before}
    outbox._add(bundle, [1])
    by_sql = Message.objects.get(subject_id=1)
    by_model = Message.objects.create(
        **common, **times, kind=Kind.SINGLE, subject_id=2, state=State.BUNDLED, bundle=bundle
    )
    ours = {"id", "subject_id", "created_at"}
    fields = [field.attname for field in Message._meta.concrete_fields]
    assert {name: getattr(by_sql, name) for name in fields if name not in ours} == {
        name: getattr(by_model, name) for name in fields if name not in ours
    }


def test_what_is_there_stays_as_it_is():
    bundle = Message.objects.create(source="alerts", channel="sms", target="x", kind=Kind.BUNDLE)
    single = Message.objects.create(source="alerts", channel="sms", target="x", subject_id=1)
    outbox._add(bundle, [1, 2])
    before = model_to_dict(single)
    single.refresh_from_db()
    assert model_to_dict(single) == before
    assert list(bundle.parts.values_list("subject_id", flat=True)) == [2]
