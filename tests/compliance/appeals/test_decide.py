"""Somebody else decides an appeal; nothing happens in Discord before the undo window is over."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.appeals import asking, deciding
from compliance.appeals.models import Appeal
from compliance.effects import delivery
from compliance.effects.models import Effect, EffectState
from compliance.privacy import erasure
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import overriding, taking_back
from compliance.verification.states import State
from growmies_admin.bot.wording import content_of
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def open_effects(appeal):
    found = Effect.objects.filter(member_id=appeal.member_id)
    return found.exclude(state=EffectState.SUPERSEDED).exclude(cause__startswith="decision:")


def test_uphold(appealed, ada, bo):
    appeal = deciding.uphold(appealed(ada).pk, staff=bo, version=1, note="It is too dark.")
    assert (appeal.state, appeal.decided_by, appeal.version) == ("upheld", bo, 2)
    effect = open_effects(appeal).get()
    assert effect.not_before == appeal.undo_until
    assert "It is too dark." in content_of(effect)
    assert Entry.objects.filter(action="appeal.upheld", actor=bo).exists()


def test_grant_opens_a_request_when_the_message_is_sent(appealed, ada, bo, settings):
    appeal = deciding.grant(appealed(ada).pk, staff=bo, version=1)
    member = appeal.member
    assert member.verifications.count() == 1, "nothing before the undo window is over"
    effect = open_effects(appeal).get()
    assert "http" not in str(effect.payload), "no link is written down"
    text = content_of(effect)
    assert f"{settings.PUBLIC_URL}/verify/" in text
    newest = member.verifications.order_by("-pk").first()
    assert (newest.state, member.verifications.count()) == (State.OPENED, 2)
    assert f"{settings.PUBLIC_URL}/verify/" in content_of(effect), "tried again: a newer link"
    assert newest.links.filter(used_at=None, revoked_at=None).count() == 1


def test_granted_but_asked_meanwhile_there_is_no_second_request(appealed, ada, bo, picture):
    from compliance import policy
    from compliance.uploads import submission

    appeal = deciding.grant(appealed(ada).pk, staff=bo, version=1)
    token = opening.open_request(appeal.member).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    text = content_of(open_effects(appeal).get())
    assert "already waits for a review" in text and "http" not in text


def test_reverse(appealed, ada, cora):
    appeal = deciding.reverse(appealed(ada).pk, staff=cora, version=1, note="Seen in person.")
    request = appeal.decision.request
    request.refresh_from_db()
    assert (appeal.state, request.state) == ("reversed", State.APPROVED)
    assert appeal.override.decided_by == cora
    wanted = Effect.objects.filter(kind="role").exclude(state=EffectState.SUPERSEDED).get()
    assert wanted.payload["present"] is True


def test_reverse_is_for_compliance(appealed, ada, bo):
    act = {"staff": bo, "version": 1, "note": "x"}
    assert code_of(deciding.reverse, appealed(ada).pk, **act) == "not_allowed"


@pytest.mark.parametrize("act", [deciding.uphold, deciding.grant, deciding.reverse])
def test_never_by_the_author(appealed, cora, act):
    appeal = appealed(cora)
    assert code_of(act, appeal.pk, staff=cora, version=1, note="x") == "own_decision"


def test_the_database_refuses_the_author_too(appealed, ada):
    appeal = appealed(ada)
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(
            state="granted", decided_by=ada, decided_at=now, undo_until=now
        )


@pytest.mark.parametrize("act", [deciding.uphold, deciding.grant, deciding.reverse])
def test_never_by_the_member(appealed, ada, cora, act):
    appeal = appealed(ada)
    cora.discord_id = appeal.member_id
    cora.save()
    assert code_of(act, appeal.pk, staff=cora, version=1, note="x") == "own_appeal"


def test_upheld_with_words_only(appealed, ada, bo):
    appeal = appealed(ada)
    assert code_of(deciding.uphold, appeal.pk, staff=bo, version=1, note=" ") == "reason_missing"


def test_once(appealed, ada, bo, cora):
    appeal = appealed(ada)
    deciding.grant(appeal.pk, staff=bo, version=1)
    with pytest.raises(Refusal) as refusal:
        deciding.uphold(appeal.pk, staff=cora, version=1, note="x")
    assert refusal.value.sentence == "bo decided this already: may send again."


def test_a_stale_page_decides_nothing(appealed, ada, bo):
    appeal = appealed(ada)
    deciding.grant(appeal.pk, staff=bo, version=1)
    deciding.undo(appeal.pk, staff=bo)
    assert code_of(deciding.grant, appeal.pk, staff=bo, version=1) == "stale"
    assert deciding.grant(appeal.pk, staff=bo, version=3).state == "granted"
    assert open_effects(appeal).count() == 1


def test_undo(appealed, ada, bo, cora):
    appeal = appealed(ada)
    deciding.uphold(appeal.pk, staff=bo, version=1, note="x")
    assert code_of(deciding.undo, appeal.pk, staff=cora) == "not_allowed"
    deciding.undo(appeal.pk, staff=bo)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by, appeal.note) == ("open", None, "")
    assert not open_effects(appeal).exists()
    assert code_of(deciding.undo, appeal.pk, staff=bo) == "already_there"


def test_undo_in_time_only(appealed, ada, bo):
    appeal = deciding.uphold(appealed(ada).pk, staff=bo, version=1, note="x")
    Appeal.objects.filter(pk=appeal.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    assert code_of(deciding.undo, appeal.pk, staff=bo) == "undo_over"


def test_not_once_it_is_being_sent(appealed, ada, bo):
    appeal = deciding.uphold(appealed(ada).pk, staff=bo, version=1, note="x")
    Effect.objects.filter(cause__startswith="appeal:").update(not_before=timezone.now())
    assert delivery.lease_due()
    assert code_of(deciding.undo, appeal.pk, staff=bo) == "undo_over"


@pytest.mark.parametrize("where", ["appeal", "desk"])
def test_a_reversal_undone_opens_the_appeal_again(appealed, ada, cora, where):
    appeal = deciding.reverse(appealed(ada).pk, staff=cora, version=1, note="x")
    if where == "appeal":
        deciding.undo(appeal.pk, staff=cora)
    else:
        taking_back.undo(appeal.override_id, moderator=cora)
    appeal.refresh_from_db()
    request = appeal.decision.request
    request.refresh_from_db()
    assert (appeal.state, appeal.override, request.state) == ("open", None, State.DENIED)
    deciding.grant(appeal.pk, staff=cora, version=appeal.version)


def test_moot_when_the_member_has_asked_again(appealed, ada, bo):
    appeal = appealed(ada)
    assert code_of(deciding.close, appeal.pk, staff=bo, version=1) == "not_allowed"
    opening.open_request(appeal.member)
    assert code_of(deciding.grant, appeal.pk, staff=bo, version=1) == "moot"
    assert deciding.close(appeal.pk, staff=bo, version=1).state == "moot"
    assert not open_effects(appeal).exists(), "nobody is told"


def test_moot_when_the_denial_was_overridden(appealed, ada, bo, cora):
    appeal = appealed(ada)
    request = appeal.decision.request
    request.refresh_from_db()
    overriding.override(
        request.pk,
        staff=cora,
        version=request.version,
        result=State.APPROVED,
        reason="",
        note="Seen.",
    )
    assert code_of(deciding.uphold, appeal.pk, staff=bo, version=1, note="x") == "moot"


def test_erased_with_the_member(appealed, ada, bo, cora):
    appeal, other = appealed(ada), appealed(ada)
    erased = erasure.erase(appeal.member, by=cora, reason="asked")
    assert erased.rows["appeals.appeal"] == 1
    assert Appeal.objects.get() == other


def test_erased_while_the_message_waits(appealed, ada, bo, cora):
    appeal = deciding.grant(appealed(ada).pk, staff=bo, version=1)
    effect = open_effects(appeal).get()
    erasure.erase(appeal.member, by=cora, reason="asked")
    assert not Effect.objects.exists()
    assert "http" not in content_of(effect), "nothing is opened for somebody who is gone"


def test_another_denial_may_be_appealed_again(appealed, denied, ada, bo):
    appeal = appealed(ada)
    deciding.uphold(appeal.pk, staff=bo, version=1, note="x")
    assert asking.why_not(appeal.member_id).code == "already_appealed"
