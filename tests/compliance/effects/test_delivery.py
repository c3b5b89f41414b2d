"""Effects: desired states with versions, leased, ended once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.effects import delivery, outbox
from compliance.effects.kinds import message, role
from compliance.effects.models import Effect, EffectState

MEMBER = 1187342001234567890
pytestmark = pytest.mark.django_db


def want(present=True, *, wait=timedelta(0), cause="test:1"):
    return role.want(MEMBER, "verified", present, cause=cause, not_before=timezone.now() + wait)


def state(effect):
    return Effect.objects.get(pk=effect.pk).state


def test_it_works():
    effect = want()
    (leased,) = delivery.lease_due()
    assert leased.pk == effect.pk
    assert delivery.delivered(leased)
    assert state(effect) == EffectState.DELIVERED


def test_nothing_is_leased_within_the_undo_window():
    want(wait=timedelta(seconds=10))
    assert delivery.lease_due() == []


def test_a_newer_wish_supersedes_the_older():
    older, newer = want(True), want(False)
    assert state(older) == EffectState.SUPERSEDED
    assert [e.pk for e in delivery.lease_due()] == [newer.pk]


def test_nothing_is_leased_twice():
    want()
    assert len(delivery.lease_due()) == 1
    assert delivery.lease_due() == []


def test_a_newer_version_waits_while_the_older_is_being_delivered():
    want(True)
    (old,) = delivery.lease_due()
    newer = want(False)
    assert delivery.lease_due() == []
    delivery.delivered(old)
    assert [e.pk for e in delivery.lease_due()] == [newer.pk]


def test_a_late_retry_never_lands_after_the_revocation():
    want(True)
    (old,) = delivery.lease_due()
    newer = want(False)
    delivery.retry_later(old, "Discord answered 500")
    assert state(old) == EffectState.SUPERSEDED
    assert [e.pk for e in delivery.lease_due()] == [newer.pk]


def test_a_call_without_an_answer_may_still_land_so_other_versions_wait():
    want(True)
    (old,) = delivery.lease_due()
    newer = want(False)
    delivery.no_answer(old, "No answer")
    assert (state(old), delivery.lease_due()) == (EffectState.SUPERSEDED, [])
    assert delivery.next_due_at() is None
    Effect.objects.filter(pk=old.pk).update(may_land_until=timezone.now())
    assert [e.pk for e in delivery.lease_due()] == [newer.pk]


def test_a_call_without_an_answer_is_repeated_itself():
    effect = want(True)
    delivery.no_answer(delivery.lease_due()[0], "No answer")
    delivery.hasten()
    assert [e.pk for e in delivery.lease_due()] == [effect.pk]


def test_a_wish_after_a_killed_bots_call_waits_until_that_cannot_land():
    want(True)
    delivery.lease_due()
    delivery.release_all_leases()
    want(False)
    assert delivery.lease_due() == []


def test_while_a_version_is_delivered_nothing_says_that_the_next_is_due():
    want(True)
    delivery.lease_due()
    want(False)
    assert delivery.next_due_at() is None


def test_a_retry_waits_and_says_why():
    effect = want()
    (leased,) = delivery.lease_due()
    delivery.retry_later(leased, "Discord answered 500", 0)
    again = Effect.objects.get(pk=effect.pk)
    assert again.state == EffectState.READY
    assert again.not_before > timezone.now()
    assert again.error == "Discord answered 500"


def test_a_failure_keeps_code_and_words():
    effect = want()
    (leased,) = delivery.lease_due()
    delivery.failed(leased, "Move the bot's role above Verified 21+.", 50013)
    failed = Effect.objects.get(pk=effect.pk)
    assert (failed.state, failed.error_code) == (EffectState.FAILED, 50013)


def test_a_person_may_retry_a_failure(staff):
    effect = want()
    (leased,) = delivery.lease_due()
    delivery.failed(leased, "no", 50013)
    assert delivery.retry(effect.pk, staff("operator"))
    assert delivery.lease_due()[0].pk == effect.pk


def test_retry_of_what_is_not_failed(staff):
    effect = want()
    assert not delivery.retry(effect.pk, staff("operator"))


def test_a_parked_effect_waits_for_the_member():
    want()
    (leased,) = delivery.lease_due()
    delivery.park(leased)
    assert delivery.lease_due() == []
    assert delivery.unpark(MEMBER) == 1
    assert len(delivery.lease_due()) == 1


def test_who_comes_back_lets_go_what_was_parked_for_them_alone():
    for member in (MEMBER, MEMBER + 1):
        role.want(member, "verified", True, cause="test:1", not_before=timezone.now())
    for leased in delivery.lease_due():
        delivery.park(leased)
    assert delivery.unpark(MEMBER) == 1
    parked = Effect.objects.filter(state=EffectState.PARKED)
    assert list(parked.values_list("member_id", flat=True)) == [MEMBER + 1]


def test_a_dead_bots_lease_comes_back():
    effect = want()
    (dead,) = delivery.lease_due()
    Effect.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert delivery.release_expired_leases() == 1
    (again,) = delivery.lease_due()
    assert again.pk == effect.pk
    assert not delivery.delivered(dead), "the first holder's word counts no more"
    assert delivery.delivered(again)


def test_withdrawing_within_the_window():
    effect = want(wait=timedelta(seconds=10))
    assert outbox.withdraw("test:1") == 1
    assert state(effect) == EffectState.SUPERSEDED


def test_withdrawing_too_late():
    want()
    delivery.lease_due()
    with pytest.raises(outbox.Delivered):
        outbox.withdraw("test:1")


def say(content, cause):
    return message.want(MEMBER, "verification", content, cause=cause, not_before=timezone.now())


def test_newer_words_take_the_place_of_older_ones():
    first, second = say("no", "x:1"), say("yes", "x:2")
    assert state(first) == EffectState.SUPERSEDED
    assert [e.pk for e in delivery.lease_due()] == [second.pk]


def test_a_retry_goes_on_when_what_was_newer_is_withdrawn():
    first = say("no", "x:1")
    (leased,) = delivery.lease_due()
    say("yes", "x:2")
    outbox.withdraw("x:2")
    delivery.retry_later(leased, "out")
    assert state(first) == EffectState.READY


def test_what_a_living_bot_has_in_hand_is_not_given_back():
    want()
    (leased,) = delivery.lease_due()
    Effect.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert delivery.release_expired_leases([leased.pk]) == 0
    assert delivery.delivered(leased)


def test_what_nobody_has_taken_is_ended_by_nobody():
    effect = want()
    assert not delivery.delivered(Effect.objects.get(pk=effect.pk))
    assert state(effect) == EffectState.WAITING


def test_discord_is_back_and_what_can_still_be_taken_back_waits_all_the_same():
    effect = want(wait=timedelta(seconds=10))
    assert delivery.hasten() == 0
    effect.refresh_from_db()
    assert effect.not_before > timezone.now()
    assert delivery.lease_due() == []
