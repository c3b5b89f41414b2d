"""/effects/: what Discord still has to do; names are for whoever may see members."""

import pytest
from django.utils import timezone

from compliance.effects import delivery
from compliance.effects.kinds import role
from compliance.effects.models import Effect, EffectState
from compliance.members.models import Member, Subject
from compliance.members.roster import subject_of

ANNA, GONE = 1187342001234567890, 1187342001234567891
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    found = Member.objects.create(
        discord_id=ANNA, username="anna_grows", display_name="Anna Grows", joined_at=timezone.now()
    )
    subject_of(ANNA)
    return found


def effect(member_id, state, error=""):
    made = role.want(member_id, "verified", True, cause="test:1", not_before=timezone.now())
    Effect.objects.filter(pk=made.pk).update(state=state, error=error)
    return made


TABS = {
    "failed": EffectState.FAILED,
    "parked": EffectState.PARKED,
    "waiting": EffectState.READY,
    "delivered": EffectState.DELIVERED,
}


@pytest.mark.parametrize("role", ["moderator", "compliance"])
def test_it_works(anna, staff, sign_in, role):
    effect(ANNA, EffectState.FAILED, "The role stands too high.")
    page = sign_in(staff(role)).get("/effects/").content.decode()
    assert f'<a href="/members/{ANNA}/"><span class="member"><bdi>Anna Grows</bdi>' in page
    assert "The role stands too high." in page


@pytest.mark.parametrize("tab", TABS)
def test_an_operator_sees_subject_ids(anna, staff, sign_in, tab):
    effect(ANNA, TABS[tab], f"Discord refused: {ANNA} is unknown")
    page = sign_in(staff("operator")).get(f"/effects/?tab={tab}").content.decode()
    assert str(Subject.objects.get(discord_id=ANNA).pk) in page
    assert "[member] is unknown" in page
    for known in ("Anna", "anna_grows", str(ANNA)):
        assert known not in page


def test_an_operator_and_somebody_whom_the_trail_does_not_know(staff, sign_in):
    effect(GONE, EffectState.FAILED)
    page = sign_in(staff("operator")).get("/effects/").content.decode()
    assert str(GONE) not in page


def test_a_retry_by_an_operator_says_no_name(anna, staff, sign_in):
    effect(ANNA, EffectState.READY)
    (leased,) = delivery.lease_due()
    delivery.failed(leased, "The role stands too high.")
    client = sign_in(staff("operator"))
    answer = client.post(f"/effects/{leased.pk}/retry/", follow=True)
    page = answer.content.decode()
    assert "It is being tried again." in page
    assert "Anna" not in page
    assert str(ANNA) not in page
