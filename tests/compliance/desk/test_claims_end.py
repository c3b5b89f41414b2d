"""Claims end when the role or the person goes, in the same act, and the trail says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.desk import sweeping
from compliance.desk.models import Claim
from compliance.evidence import custody
from compliance.quality import second_claims
from compliance.refusals import Refusal
from compliance.verification import claims
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.models import RoleAssignment, Staff
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(ada, bo, pending, due):
    """Bo holds a request and a second review."""
    review = due(ada)
    request = pending()
    claims.claim(request.pk, bo)
    second_claims.claim(review.pk, bo)
    return request, review


def open_claims():
    return (
        Claim.objects.filter(item__kind="verification", ended_at=None).count(),
        Claim.objects.filter(item__kind="second_review").filter(ended_at=None).count(),
    )


def released():
    entries = Entry.objects.filter(action__endswith=".released").order_by("pk")
    return [(e.action, e.actor, e.data["reason"], e.data.get("holder")) for e in entries]


def test_it_works(root, bo, held):
    acts.deactivate(bo, by=root)
    assert open_claims() == (0, 0)
    assert released() == [
        ("verification.released", root, "right_ended", bo.pk),
        ("second_review.released", root, "right_ended", bo.pk),
    ]


def test_what_they_held_is_free_for_others(root, ada, bo, held):
    request, _ = held
    with pytest.raises(Refusal):
        claims.claim(request.pk, ada)
    acts.deactivate(bo, by=root)
    assert claims.claim(request.pk, ada)


def test_the_role_is_taken_away(root, bo, held):
    acts.set_roles(bo, ["viewer"], by=root)
    assert open_claims() == (0, 0)
    assert [actor for _, actor, *_ in released()] == [root, root]


def test_another_role_that_may_decide(root, bo, held):
    acts.set_roles(bo, ["compliance"], by=root)
    assert open_claims() == (1, 1)
    assert released() == []


def test_a_role_that_ends_by_time(bo, held):
    RoleAssignment.objects.filter(staff=bo).update(ends_at=timezone.now() + timedelta(hours=1))
    sweeping.sweep()
    assert open_claims() == (1, 1)
    RoleAssignment.objects.filter(staff=bo).update(ends_at=timezone.now())
    assert sweeping.sweep()["leases"] == 2
    assert open_claims() == (0, 0)
    assert released() == [
        ("verification.released", None, "right_ended", bo.pk),
        ("second_review.released", None, "right_ended", bo.pk),
    ]


def test_an_account_that_was_switched_off_past_the_page(bo, held):
    Staff.objects.filter(pk=bo.pk).update(is_active=False)
    sweeping.sweep()
    assert open_claims() == (0, 0)


def test_others_keep_theirs(root, ada, bo, cora, pending):
    mine, theirs = pending(), pending()
    claims.claim(mine.pk, ada)
    claims.claim(theirs.pk, cora)
    acts.deactivate(ada, by=root)
    sweeping.sweep()
    assert claims.open_claim(theirs.pk, cora)


def test_a_refused_deactivation_ends_nothing(root, pending):
    acts.set_roles(root, ["administrator", "moderator"], by=root)
    request = pending()
    claims.claim(request.pk, root)
    with pytest.raises(Refusal):
        acts.deactivate(root, by=root)
    assert claims.open_claim(request.pk, root)


def test_a_picture_that_was_revealed_can_not_be_looked_at_any_more(root, bo, pending):
    request = pending()
    claims.claim(request.pk, bo)
    custody.reveal(request.pk, 1, bo)
    acts.set_roles(bo, ["viewer"], by=root)
    with pytest.raises(Refusal):
        custody.reveal(request.pk, 1, bo)


def test_at_sign_out_they_are_given_back_by_themselves(bo, held, client):
    client.force_login(bo, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post("/accounts/logout/")
    assert open_claims() == (0, 0)
    assert released() == [
        ("verification.released", bo, "signed_out", None),
        ("second_review.released", bo, "signed_out", None),
    ]
