"""A message about a role is said when the role was given, or says that it follows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.effects import delivery, outbox
from compliance.effects.kinds import message as messages
from compliance.effects.kinds import role as roles
from compliance.effects.models import Effect, EffectState
from compliance.verification.messages import ROLE_FOLLOWS
from growmies_admin.bot.wording import content_of

MEMBER = 1187342001234567890
pytestmark = pytest.mark.django_db


@pytest.fixture
def wanted():
    """The role and the message of one decision."""
    role, message = (
        roles.wish(MEMBER, "verified", True),
        messages.wish(MEMBER, "verification", "You are verified."),
    )
    return outbox.want([role, message], cause="decision:1", not_before=timezone.now())


def long_ago(effects):
    ago = policy.UNDO_WINDOW + policy.MESSAGE_WAITS_FOR_ROLE + timedelta(seconds=1)
    Effect.objects.filter(pk__in=[e.pk for e in effects]).update(created_at=timezone.now() - ago)


def test_it_works(wanted):
    role, message = wanted
    (leased,) = delivery.lease_due()
    assert leased.pk == role.pk
    assert delivery.lease_due() == []
    delivery.delivered(leased)
    (leased,) = delivery.lease_due()
    assert leased.pk == message.pk
    assert content_of(leased) == "You are verified."


def test_it_waits_while_the_role_is_tried_again_and_asks_nobody_to_hurry(wanted):
    (leased,) = delivery.lease_due()
    delivery.retry_later(leased, "Discord answered 403", 40333)
    Effect.objects.filter(pk=leased.pk).update(not_before=timezone.now() + timedelta(seconds=30))
    assert delivery.lease_due() == []
    assert delivery.next_due_at() > timezone.now() + timedelta(seconds=20)


def test_after_a_while_it_says_that_the_role_follows(wanted):
    (leased,) = delivery.lease_due()
    delivery.retry_later(leased, "Discord answered 403", 40333)
    Effect.objects.filter(pk=leased.pk).update(not_before=timezone.now() + timedelta(minutes=4))
    long_ago(wanted)
    (message,) = delivery.lease_due()
    assert content_of(message) == "You are verified." + ROLE_FOLLOWS


def test_a_refused_role_is_not_told_as_given(wanted):
    (leased,) = delivery.lease_due()
    delivery.failed(leased, "The bot lacks a permission.", 50013)
    (message,) = delivery.lease_due()
    assert content_of(message).endswith(ROLE_FOLLOWS)


def test_a_message_without_a_role_does_not_wait(wanted):
    messages.want(MEMBER, "appeal", "Read.", cause="appeal:1", not_before=timezone.now())
    causes = {e.cause for e in delivery.lease_due()}
    assert causes == {"decision:1", "appeal:1"}


def test_the_role_of_another_decision_is_not_waited_for(wanted):
    messages.want(MEMBER, "verification", "More.", cause="decision:2", not_before=timezone.now())
    found = [e for e in delivery.lease_due() if e.cause == "decision:2"]
    assert [content_of(e) for e in found] == ["More."]
    assert Effect.objects.filter(pk=wanted[1].pk, state=EffectState.SUPERSEDED).exists()
