"""A moderator hands a request on, to a named person or to compliance; only they decide it then."""

import pytest

from compliance import policy
from compliance.verification import assignment, claims, decisions, escalation, evidence
from compliance.verification.errors import Refusal
from compliance.verification.models import Claim
from compliance.verification.states import State
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db
NOTE = "The photo looks glued on."


@pytest.fixture
def ada(staff):
    return staff("moderator", username="ada")


@pytest.fixture
def bo(staff):
    return staff("moderator", username="bo")


@pytest.fixture
def cora(staff):
    return staff("compliance", username="cora")


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


def test_compliance_decides_it(revealed, ada, cora):
    request = handed_on(revealed(ada), ada)
    claims.claim(request.pk, cora)
    evidence.reveal(request.pk, 1, cora)
    decision = decisions.approve(request.pk, moderator=cora, version=request.version)
    assert decision.state_before == State.ESCALATED
    decisions.undo(decision.pk, moderator=cora)
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
    assert assignment.may_decide(request, cora)


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
    page = sign_in(bo).get(f"/queue/{request.pk}/").content.decode()
    assert NOTE in page and "handed this to bo" in page


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
