"""Looking claims nothing, the first act does; a claim lasts while its page is there."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance import policy
from compliance.desk.models import Claim
from compliance.evidence import custody
from compliance.queue import watching
from compliance.verification import claims, escalation
from compliance.verification.claims import Sign
from compliance.verification.models import VerificationRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(ada, sign_in):
    return sign_in(ada)


def url(act, request, *more):
    return reverse(f"queue_{act}", args=[request.pk, *more])


def left(claim):
    claim.refresh_from_db()
    return (claim.expires_at - timezone.now()).total_seconds()


def seconds(life):
    return pytest.approx(life.total_seconds(), abs=5)


def test_looking_claims_nothing_and_shows_what_can_be_done(pending, desk):
    request = pending()
    page = desk.get(url("item", request), headers={"HX-Request": "true"}).content.decode()
    assert 'id="claim"' in page and 'id="reveal"' in page and 'id="approve"' in page
    assert not Claim.objects.exists()


def test_a_row_of_the_list_is_a_link(pending, desk):
    request = pending()
    page = desk.get("/queue/").content.decode()
    assert f'href="/queue/{request.pk}/"' in page
    assert f'action="/queue/{request.pk}/claim/"' not in page


def test_revealing_claims(pending, desk, ada):
    request = pending()
    assert desk.post(url("picture", request, 1)).content.startswith(b"\xff\xd8\xff")
    claim = Claim.objects.get()
    assert (claim.moderator, claim.ended_at) == (ada, None)
    assert claim.revealed_at is not None
    known = {"version": str(request.version), "holder": "0"}
    assert watching.watch(request.pk, ada, known).happened == "", "nothing of oneself"


@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize("begins", ["claim", "picture", "next"])
def test_a_page_that_gives_no_sign_is_soon_not_there(pending, cora, sign_in, ada, begins, handed):
    """Also of an escalated request, whose page keeps it for its lease from its first sign on."""
    request, desk = pending(), sign_in(cora)
    if handed:
        claims.claim(request.pk, ada)
        escalation.escalate(request.pk, moderator=ada, version=request.version, note="?")
    more = [1] if begins == "picture" else []
    desk.post(reverse("queue_next") if begins == "next" else url(begins, request, *more))
    claim = Claim.objects.get(ended_at=None)
    lease = policy.ESCALATION_LEASE if handed else policy.CLAIM_LEASE
    assert left(claim) == seconds(policy.SIGN_VISIBLE_LIFE)
    assert claim.lease_until - claim.started_at == lease
    desk.post(url("sign", request), {"state": "visible"})
    assert left(claim) == seconds(lease if handed else policy.SIGN_VISIBLE_LIFE)


def test_the_first_act_claims_also_where_it_is_refused(pending, desk, ada):
    request = pending()
    form = {"version": request.version, "key": uuid.uuid4(), "reason": "altered"}
    answer = desk.post(url("deny", request), form)
    assert answer.status_code == 422
    assert "nobody decides unseen" in answer.content.decode()
    assert claims.running_claim(request.pk).moderator == ada


def test_escalating_claims_first(pending, desk):
    request = pending()
    desk.post(url("escalate", request), {"version": request.version, "note": "Look."})
    request.refresh_from_db()
    assert request.state == "escalated"


def test_what_somebody_else_holds_is_refused(pending, desk, bo):
    request = pending()
    claims.claim(request.pk, bo)
    answer = desk.post(url("picture", request, 1))
    assert (answer.status_code, answer.content.decode()) == (409, "bo is working on this.")


def test_a_decided_request_says_who_decided(pending, desk, bo, decide):
    request = pending()
    decide(request, bo)
    answer = desk.post(url("deny", request), {"version": 2, "reason": "altered"})
    assert "bo decided this already: approved." in answer.content.decode()


@pytest.mark.parametrize(
    ("sign", "life"),
    [
        (Sign.VISIBLE, policy.SIGN_VISIBLE_LIFE),
        (Sign.HIDDEN, policy.SIGN_HIDDEN_LIFE),
        (Sign.LEFT, policy.SIGN_LEFT_LIFE),
    ],
)
def test_a_claim_lasts_as_long_as_its_page(pending, desk, ada, sign, life):
    request = pending()
    claim = claims.claim(request.pk, ada)
    answer = desk.post(url("sign", request), {"state": sign})
    assert left(claim) == seconds(life)
    assert answer.content.decode() == claim.lease_until.isoformat(), "the work's own lease"


def test_a_reloaded_page_keeps_it(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    claims.sign(request.pk, ada, Sign.LEFT)
    claims.sign(request.pk, ada, Sign.VISIBLE)
    assert left(claim) == seconds(policy.SIGN_VISIBLE_LIFE)


def test_a_closed_page_was_left_whatever_arrives_last(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    claims.sign(request.pk, ada, Sign.LEFT)
    claims.sign(request.pk, ada, Sign.HIDDEN)
    assert left(claim) == seconds(policy.SIGN_LEFT_LIFE)


def test_no_sign_outlasts_the_lease(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    Claim.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
    claims.sign(request.pk, ada, Sign.HIDDEN)
    assert left(claim) == seconds(timedelta(seconds=30))


def test_work_lengthens_the_lease_and_is_a_sign(pending, ada):
    request = pending()
    claim = claims.claim(request.pk, ada)
    claims.sign(request.pk, ada, Sign.VISIBLE)
    Claim.objects.update(lease_until=timezone.now() + timedelta(seconds=90))
    claims.renew(request.pk, ada)
    assert left(claim) == seconds(policy.SIGN_VISIBLE_LIFE)
    assert claim.lease_until - timezone.now() > policy.CLAIM_LEASE - timedelta(seconds=5)


def test_an_escalated_one_is_kept_behind_other_pages(pending, ada, cora):
    request = pending()
    claims.claim(request.pk, ada)
    escalation.escalate(request.pk, moderator=ada, version=request.version, note="Look.")
    claim = claims.claim(request.pk, cora)
    claims.sign(request.pk, cora, Sign.HIDDEN)
    assert left(claim) == seconds(policy.ESCALATION_LEASE)
    claims.sign(request.pk, cora, Sign.LEFT)
    assert left(claim) == seconds(policy.SIGN_LEFT_LIFE)


def test_a_sign_without_a_claim(pending, desk, bo):
    request = pending()
    claims.claim(request.pk, bo)
    assert desk.post(url("sign", request), {"state": "visible"}).status_code == 409
    assert left(Claim.objects.get()) == seconds(policy.CLAIM_LEASE)


def test_a_damaged_sign(pending, desk, ada):
    request = pending()
    claims.claim(request.pk, ada)
    assert desk.post(url("sign", request), {"state": "asleep"}).status_code == 422


def test_what_was_left_is_free(pending, ada, bo):
    request = pending()
    claims.claim(request.pk, ada)
    custody.reveal(request.pk, 1, ada)
    claims.sign(request.pk, ada, Sign.LEFT)
    Claim.objects.update(expires_at=timezone.now())
    assert claims.claim(request.pk, bo).revealed_at is None
    assert VerificationRequest.objects.get().state == "pending"
