"""Taking the next request does not make others wait, nor wait for them."""

import itertools
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from compliance.desk import claims as desk_claims
from compliance.members.models import Member
from compliance.refusals import Refusal
from compliance.verification import claims, decisions
from compliance.verification.models import VerificationRequest

pytestmark = pytest.mark.django_db(transaction=True)
_ids = itertools.count(1487342001234567890)


def waiting(count):
    now = timezone.now()
    return [
        VerificationRequest.objects.create(
            member=Member.objects.create(discord_id=next(_ids), username="member"),
            method="in_person",
            state="pending",
            submitted_at=now,
            due_at=now,
        )
        for _ in range(count)
    ]


def elsewhere(act):
    """What an act answers or raises over a connection of its own that waits for no lock."""
    said = []

    def run():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            said.append(act())
        except Exception as error:
            said.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return said[0]


def test_a_request_about_to_be_taken_can_be_claimed_by_somebody_else(ada, bo):
    """Each would wait for the other: one for the claim, one for the row that it points to."""
    (request,) = waiting(1)
    with transaction.atomic():
        assert claims.next_for(ada, skip_locked=True) == request.pk
        assert elsewhere(lambda: claims.claim(request.pk, bo)).moderator_id == bo.pk
        with pytest.raises(Refusal) as refused:
            claims.claim(request.pk, ada)
    assert refused.value.code == "claimed_by_other"


def test_one_who_looked_too_early_does_not_wait_for_the_holder(ada, bo):
    """The holder is deciding, and needs the row that the other one has locked."""
    (request,) = waiting(1)
    claims.claim(request.pk, bo)
    with transaction.atomic():
        held = claims.held_claim(request.pk, bo)
        desk_claims.end(held, "decided")  # as deciding begins; not committed yet
        answer = elsewhere(lambda: claims.claim(request.pk, ada))
    assert isinstance(answer, Refusal)
    assert answer.code == "claimed_by_other"


def test_both_go_on_afterwards(ada, bo):
    first, second = waiting(2)
    assert claims.claim_next(ada).item.subject == first.pk
    assert claims.claim_next(bo).item.subject == second.pk
    assert claims.claim_next(ada).item.subject == first.pk  # one's own is renewed
    with pytest.raises(Refusal):
        decisions.approve(first.pk, moderator=bo, version=2)
