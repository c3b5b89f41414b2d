"""Everything that can still be taken back is shown, the newest first, wherever it was done."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.desk import undoing
from compliance.verification import decisions, escalation
from compliance.verification.models import Decision

pytestmark = pytest.mark.django_db


def denied(request, by):
    request.refresh_from_db()
    named = {"moderator": by, "version": request.version, "reason": "altered"}
    return decisions.deny(request.pk, **named)


def handed_on(request, by):
    named = {"moderator": by, "version": request.version, "note": "Look."}
    return escalation.escalate(request.pk, **named)


def toasts(page):
    """(words, address, whether the key takes it) of each."""
    found = re.findall(
        r'data-toast.*?<span>(.*?) <span.*?action="(.*?)".*?<button(.*?)>', page, re.S
    )
    return [(words, url, "data-key" in attributes) for words, url, attributes in found]


def test_it_works(revealed, ada, sign_in):
    fern = denied(revealed(ada, "fern"), ada)
    moss = handed_on(revealed(ada, "moss"), ada)
    basil = denied(revealed(ada, "basil"), ada)
    shown = [
        ("Denied basil. Message follows in", reverse("queue_undo", args=[basil.pk]), True),
        (
            "Handed moss to compliance. Final in",
            reverse("queue_escalation_undo", args=[moss.pk]),
            False,
        ),
        ("Denied fern. Message follows in", reverse("queue_undo", args=[fern.pk]), False),
    ]
    client = sign_in(ada)
    for page in ("/queue/", f"/queue/{fern.request_id}/", "/appeals/"):
        assert toasts(client.get(page).content.decode()) == shown, page
    client.post(shown[0][1])
    assert toasts(client.get("/queue/").content.decode())[0][:2] == shown[1][:2]


def test_after_the_next_decision_too(revealed, ada, sign_in):
    first, second = revealed(ada, "fern"), revealed(ada, "moss")
    client = sign_in(ada)
    for request in (first, second):
        form = {"version": request.version, "reason": "altered"}
        url = reverse("queue_deny", args=[request.pk])
        answer = client.post(url, form, headers={"HX-Request": "true"})
    assert [words for words, *_ in toasts(answer.content.decode())] == [
        "Denied moss. Message follows in",
        "Denied fern. Message follows in",
    ]


def test_nobody_elses_and_nothing_that_is_over(revealed, ada, bo):
    decision = denied(revealed(ada), ada)
    assert undoing.of(bo) == []
    Decision.objects.update(undo_until=timezone.now())
    assert undoing.of(ada) == []
    assert decision.standing
