"""A decision is reversed by a new one, by somebody else, with words why; and that may be undone."""

import pytest

from compliance.desk.models import Claim
from compliance.effects import delivery, outbox
from compliance.effects.models import Effect, EffectState
from compliance.members import roster
from compliance.refusals import Refusal
from compliance.uploads import opening
from compliance.verification import decisions, overriding, rejoining, taking_back
from compliance.verification.models import Decision
from compliance.verification.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(revealed, ada, end_undo_window):
    """A request that ada approved, past the undo window."""

    def make():
        request = revealed(ada)
        decision = decisions.approve(request.pk, moderator=ada, version=request.version)
        end_undo_window(decision)
        request.refresh_from_db()
        return request

    return make


def overridden(request, cora, **changed):
    given = {"result": State.DENIED, "reason": "altered", "note": "The edge is cut."} | changed
    request.refresh_from_db()
    return overriding.override(request.pk, staff=cora, version=request.version, **given)


def role_wanted(request):
    effects = Effect.objects.filter(member_id=request.member_id, kind="role")
    return effects.exclude(state=EffectState.SUPERSEDED).get().payload["present"]


def test_it_works(approved, cora):
    request = approved()
    decision = overridden(request, cora)
    request.refresh_from_db()
    assert (request.state, decision.standing) == (State.DENIED, True)
    assert Decision.objects.filter(standing=True).count() == 1
    assert role_wanted(request) is False


def test_its_author_may_not(approved, ada):
    with pytest.raises(Refusal) as refusal:
        overridden(approved(), ada)
    assert refusal.value.code == "own_decision"


def test_without_words_why(approved, cora):
    with pytest.raises(Refusal) as refusal:
        overridden(approved(), cora, note=" ")
    assert refusal.value.code == "reason_missing"


def test_undone_it_lets_the_earlier_decision_stand(approved, cora):
    request = approved()
    decision = overridden(request, cora)
    taking_back.undo(decision.pk, moderator=cora)
    request.refresh_from_db()
    assert request.state == State.APPROVED
    standing = Decision.objects.get(standing=True)
    assert (standing.result, standing.overrides) == (State.APPROVED, None)
    assert role_wanted(request) is True
    assert not Claim.objects.filter(ended_at=None).exists(), "nobody reviews what is decided"


def test_undone_it_may_be_made_again(approved, cora):
    request = approved()
    taking_back.undo(overridden(request, cora).pk, moderator=cora)
    overridden(request, cora)
    assert role_wanted(request) is False


def unsaid(request):
    """What the member is still to read."""
    effects = Effect.objects.filter(member_id=request.member_id, kind="message")
    open_ = effects.exclude(state__in=[EffectState.SUPERSEDED, EffectState.DELIVERED])
    return ["verified" in text for text in open_.values_list("payload__content", flat=True)]


def deliver():
    """The role, and then the message that waits for it."""
    while leased := delivery.lease_due():
        for effect in leased:
            delivery.delivered(effect)


def test_the_member_never_reads_the_overridden_decision_last(approved, cora):
    request = approved()
    assert unsaid(request) == [True]
    overridden(request, cora)
    assert unsaid(request) == [False]


def test_undone_what_was_not_said_is_said_after_all(approved, cora):
    request = approved()
    for _ in range(2):
        taking_back.undo(overridden(request, cora).pk, moderator=cora)
        assert unsaid(request) == [True]


def test_undone_what_was_said_is_not_said_again(approved, cora):
    request = approved()
    deliver()
    for _ in range(2):
        taking_back.undo(overridden(request, cora).pk, moderator=cora)
        assert unsaid(request) == []


def test_undone_while_the_earlier_message_is_on_its_way(approved, cora):
    request = approved()
    leased = delivery.lease_due()
    taking_back.undo(overridden(request, cora).pk, moderator=cora)
    for effect in leased:
        delivery.retry_later(effect, "out")
    assert unsaid(request) == [True]


def test_not_of_what_the_member_has_asked_again(revealed, ada, cora, end_cool_down):
    request = revealed(ada)
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="unreadable"
    )
    end_cool_down(decision)
    opening.open_request(request.member)
    with pytest.raises(Refusal) as refusal:
        overridden(request, cora, result=State.APPROVED, reason="")
    assert "asked again" in refusal.value.sentence


def test_who_left_and_is_back_gets_the_role_again(approved, end_undo_window):
    from django.utils import timezone

    request = approved()
    for effect in delivery.lease_due():
        delivery.delivered(effect)
    roster.left(request.member_id)
    roster.seen(request.member_id, "hazel", joined_at=timezone.now(), has_verified_role=False)
    assert rejoining.give_again([request.member_id]) == 1
    assert role_wanted_version(request) == 2
    assert rejoining.give_again() == 0, "once is enough"


def role_wanted_version(request):
    key = f"role:{request.member_id}:verified"
    return Effect.objects.filter(key=key).order_by("-version").first().version


def test_whose_role_was_taken_in_discord_does_not_get_it_again(approved):
    from django.utils import timezone

    request = approved()
    roster.seen(request.member_id, "hazel", joined_at=timezone.now())
    for effect in delivery.lease_due():
        delivery.delivered(effect)
    roster.seen(request.member_id, "hazel", has_verified_role=False)
    assert rejoining.give_again() == 0


def test_a_wish_for_nobody_is_none(db):
    assert outbox.withdraw("decision:0") == 0
