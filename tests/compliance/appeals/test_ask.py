"""A denied member appeals once a decision; every other case is refused in plain words."""

import pytest
from django.db import IntegrityError, transaction

from compliance import policy
from compliance.appeals import asking
from compliance.appeals.models import Appeal
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import decisions
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def refused(member_id, words="It can be read."):
    with pytest.raises(Refusal) as refusal:
        asking.appeal(member_id, words)
    assert not Appeal.objects.filter(member_id=member_id, words=words).exists()
    return refusal.value


def test_it_works(denied, ada):
    decision = denied(ada)
    assert asking.why_not(decision.request.member_id) is None
    appeal = asking.appeal(decision.request.member_id, "  It can be read.  ")
    assert (appeal.decision, appeal.decision_by, appeal.words) == (decision, ada, "It can be read.")
    entry = Entry.objects.get(action="appeal.opened")
    assert entry.actor_type == "member" and "read" not in str(entry.data)


def test_somebody_who_never_asked(member):
    assert refused(member().pk).code == "no_denial"
    assert refused(1).code == "no_denial"


def test_approved(revealed, ada, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    assert refused(request.member_id).code == "no_denial"


def test_in_the_cool_down_it_says_until_when(denied, ada):
    decision = denied(ada, cooled=False)
    refusal = refused(decision.request.member_id)
    at = int((decision.decided_at + policy.DENIAL_APPEAL_COOL_DOWN).timestamp())
    assert refusal.code == "cooling_down" and f"<t:{at}:f>" in refusal.sentence


def test_already_appealed(appealed, ada):
    appeal = appealed(ada)
    assert refused(appeal.member_id, "Again.").code == "already_appealed"


def test_the_database_holds_one_a_decision(appealed, ada):
    appeal = appealed(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(decision=appeal.decision, member=appeal.member, words="Again.")


def test_an_open_request(denied, ada, opened, pending):
    decision = denied(ada)
    opening.open_request(decision.request.member)
    assert refused(decision.request.member_id).code == "open_request"
    assert "waits for a review" in refused(pending().member_id).sentence


def test_words(denied, ada):
    member_id = denied(ada).request.member_id
    assert refused(member_id, " ").code == "words_missing"
    assert refused(member_id, "x" * 1001).code == "words_too_many"
    asking.appeal(member_id, "x" * 1000)


def test_not_while_it_can_still_be_undone(monkeypatch, revealed, ada):
    monkeypatch.setattr(policy, "DENIAL_APPEAL_COOL_DOWN", policy.UNDO_WINDOW * 0)
    request = revealed(ada)
    decisions.deny(request.pk, moderator=ada, version=request.version, reason="altered")
    assert refused(request.member_id).code == "cooling_down"
