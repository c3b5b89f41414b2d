"""A moderator hands a request on, to a named person or to compliance; only they decide it then."""

import re

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk import escalations
from compliance.desk.models import Claim, Escalation
from compliance.evidence import custody
from compliance.refusals import Refusal
from compliance.verification import claims, decisions, escalation, taking_back
from compliance.verification.states import State
from monitoring.audit.models import Entry
from tests.pages import in_one_line

pytestmark = pytest.mark.django_db
NOTE = "The photo looks glued on."


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def handed_on(request, by, to=None):
    escalation.escalate(request.pk, moderator=by, version=request.version, note=NOTE, to=to)
    request.refresh_from_db()
    return request


def test_it_works(revealed, ada, cora):
    request = revealed(ada)
    due_at = request.due_at
    handed_on(request, ada)
    assert (request.state, request.due_at) == (State.ESCALATED, due_at)
    assert not Claim.objects.filter(ended_at=None).exists()
    assert Entry.objects.filter(action="verification.escalated").count() == 1
    claim = claims.claim(request.pk, cora)
    assert claim.expires_at - claim.started_at > policy.CLAIM_LEASE, "a long hold"


def test_claiming_it_again_shortens_nothing(revealed, ada, cora):
    request = handed_on(revealed(ada), ada)
    first = claims.claim(request.pk, cora)
    assert claims.claim(request.pk, cora).expires_at >= first.expires_at


def test_nor_does_it_where_the_page_gave_a_sign(revealed, ada, cora):
    request = handed_on(revealed(ada), ada)
    claims.claim(request.pk, cora, from_page=True)
    signed = claims.sign(request.pk, cora, claims.Sign.VISIBLE)
    assert claims.renew(request.pk, cora).expires_at >= signed.expires_at


def test_compliance_decides_it(revealed, ada, cora):
    request = handed_on(revealed(ada), ada)
    claims.claim(request.pk, cora)
    custody.reveal(request.pk, 1, cora)
    decision = decisions.approve(request.pk, moderator=cora, version=request.version)
    assert decision.state_before == State.ESCALATED
    taking_back.undo(decision.pk, moderator=cora)
    request.refresh_from_db()
    assert request.state == State.ESCALATED


def test_the_named_person_decides_it(revealed, ada, bo):
    request = handed_on(revealed(ada), ada, to=bo)
    assert claims.next_for(bo) == request.pk
    assert claims.claim(request.pk, bo)


def test_nobody_else_does(revealed, ada, bo, staff):
    request = handed_on(revealed(ada), ada, to=bo)
    carl = staff("moderator", username="carl")
    for other in (ada, carl):
        assert code_of(claims.claim, request.pk, other) == "escalated_to_other"
        assert claims.next_for(other) is None


def test_the_newest_one_counts(revealed, ada, bo, cora):
    request = handed_on(revealed(ada), ada, to=bo)
    claims.claim(request.pk, bo)
    assert code_of(
        escalation.escalate, request.pk, moderator=bo, version=request.version, note=NOTE
    ) in {"already_there", "not_allowed"}
    assert claims.CLAIMS.may_take(claims.CLAIMS.place(request.pk), cora)


def test_without_words(revealed, ada):
    request = revealed(ada)
    refused = code_of(
        escalation.escalate, request.pk, moderator=ada, version=request.version, note=" "
    )
    assert refused == "reason_missing"


def test_without_a_claim(pending, ada):
    request = pending()
    refused = code_of(
        escalation.escalate, request.pk, moderator=ada, version=request.version, note=NOTE
    )
    assert refused == "not_claimed"


def test_to_oneself(revealed, ada):
    request = revealed(ada)
    refused = code_of(
        escalation.escalate, request.pk, moderator=ada, version=request.version, note=NOTE, to=ada
    )
    assert refused == "not_allowed"


def test_to_who_may_not_decide(revealed, ada, staff):
    request = revealed(ada)
    viewer = staff("viewer")
    refused = code_of(
        escalation.escalate,
        request.pk,
        moderator=ada,
        version=request.version,
        note=NOTE,
        to=viewer,
    )
    assert refused == "not_allowed"


def test_to_the_member_themselves(revealed, ada, bo):
    request = revealed(ada)
    bo.discord_id = request.member_id
    bo.save(update_fields=["discord_id"])
    refused = code_of(
        escalation.escalate, request.pk, moderator=ada, version=request.version, note=NOTE, to=bo
    )
    assert refused == "own_request"


def test_from_a_stale_page(revealed, ada):
    request = revealed(ada)
    refused = code_of(
        escalation.escalate, request.pk, moderator=ada, version=request.version - 1, note=NOTE
    )
    assert refused == "stale"


# --- over HTTP ----------------------------------------------------------------


def test_from_the_desk(revealed, ada, bo, sign_in):
    request = revealed(ada)
    answer = sign_in(ada).post(
        f"/queue/{request.pk}/escalate/",
        {"version": request.version, "to": "bo", "note": NOTE},
    )
    assert answer.status_code == 302
    page = in_one_line(sign_in(bo).get(f"/queue/{request.pk}/"))
    assert NOTE in page and "handed this to <bdi>bo</bdi>" in page


def test_to_nobody_of_that_name(revealed, ada, sign_in):
    request = revealed(ada)
    answer = sign_in(ada).post(
        f"/queue/{request.pk}/escalate/",
        {"version": request.version, "to": "zed", "note": NOTE},
    )
    assert answer.status_code == 422
    request.refresh_from_db()
    assert request.state == State.PENDING


def test_override_from_the_desk(revealed, ada, cora, sign_in, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    request.refresh_from_db()
    client = sign_in(cora)
    assert "Override this decision" in client.get(f"/queue/{request.pk}/").content.decode()
    answer = client.post(
        f"/queue/{request.pk}/override/",
        {"version": request.version, "reason": "altered", "note": "The edge is cut."},
    )
    assert answer.status_code == 302
    request.refresh_from_db()
    assert request.state == State.DENIED


def test_a_moderator_may_not_override(revealed, ada, bo, sign_in, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    client = sign_in(bo)
    assert "Override" not in client.get(f"/queue/{request.pk}/").content.decode()
    assert client.post(f"/queue/{request.pk}/override/", {"version": 3}).status_code == 403


def test_undo_takes_it_back(revealed, ada, cora):
    request = revealed(ada)
    named = {"moderator": ada, "version": request.version, "note": NOTE}
    row = escalation.escalate(request.pk, **named)
    taken_back = escalation.undo(row.pk, moderator=ada)
    assert (taken_back.state, taken_back.version) == (State.PENDING, request.version + 2)
    assert claims.running_claim(request.pk).moderator == ada
    assert escalations.current("verification", taken_back.pk) is None
    assert Entry.objects.get(action="verification.undone").data["escalation"] == row.pk
    claims.release(request.pk, ada)
    assert claims.claim_next(cora).item.subject == request.pk, "it waits for anybody again"


def test_undo_refused(revealed, ada, bo, cora):
    request = revealed(ada)
    named = {"moderator": ada, "version": request.version, "note": NOTE}
    row = escalation.escalate(request.pk, **named)
    assert code_of(escalation.undo, 0, moderator=ada) == "unknown"
    assert code_of(escalation.undo, row.pk, moderator=bo) == "not_allowed"
    claims.claim(request.pk, cora)
    assert code_of(escalation.undo, row.pk, moderator=ada) == "undo_over"
    claims.release(request.pk, cora)
    Escalation.objects.update(undo_until=timezone.now())
    assert code_of(escalation.undo, row.pk, moderator=ada) == "undo_over"
    Escalation.objects.update(undo_until=timezone.now() + policy.UNDO_WINDOW)
    escalation.undo(row.pk, moderator=ada)
    assert code_of(escalation.undo, row.pk, moderator=ada) == "already_there"


def test_whom_one_can_name(pending, ada, bo, cora, sign_in):
    """All of compliance may decide any escalated one, so it is one choice."""
    page = sign_in(ada).get(f"/queue/{pending().pk}/").content.decode()
    assert re.findall(r'<option value="(\w*)">(\w+)</option>', page.partition("escalate-to")[2])[
        :2
    ] == [("", "Compliance"), ("bo", "bo")]
    assert '<option value="cora">' not in page
