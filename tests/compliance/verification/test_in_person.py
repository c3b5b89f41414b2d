"""In person: the request waits without a picture, and nobody is approved without an attestation."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk import sweeping
from compliance.effects.models import Effect
from compliance.queue import listing
from compliance.refusals import Refusal
from compliance.verification import age, claims, decisions, in_person, taking_back
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import State
from monitoring.audit.models import ActorType, Entry


@pytest.fixture
def asked(member, all_methods, ada):
    """A request in person that ada has claimed."""

    def make():
        request = in_person.ask(member(), consent_version=1)
        claims.claim(request.pk, ada)
        return request

    return make


def today():
    return age.born_on_or_before().isoformat()


def approve(request, ada, attested):
    return decisions.approve(request.pk, moderator=ada, version=request.version, attested=attested)


def test_it_works(asked, ada):
    request = asked()
    assert request.submitted_at is not None and not request.evidence.exists()
    decision = approve(request, ada, today())
    assert (decision.threshold_years, decision.result, decision.method) == (
        21, State.APPROVED, "in_person",
    )  # fmt: skip
    assert (decision.actor_type, decision.decided_by) == (ActorType.STAFF, ada)
    assert decision.decided_at is not None
    entry = Entry.objects.get(action="verification.approved")
    assert entry.actor == ada
    assert entry.data["attested"] == "seen in person with their ID"
    assert entry.data["born_on_or_before"] == today()
    told = Effect.objects.get(kind="message").payload["content"]
    assert told == "You are verified as 21 or over. Welcome!"
    assert Effect.objects.get(kind="role").not_before == decision.undo_until


@pytest.mark.parametrize("attested", ["", "on", "2004-02-31", "9999-01-01"])
def test_without_the_attestation_nobody_is_approved(asked, ada, attested):
    request = asked()
    with pytest.raises(Refusal) as refusal:
        approve(request, ada, attested)
    assert refusal.value.code == "not_attested"
    request.refresh_from_db()
    assert request.state == State.PENDING
    assert not Decision.objects.exists() and not Effect.objects.exists()


def test_a_page_of_yesterday_is_stricter_and_counts(asked, ada):
    day = age.born_on_or_before() - timedelta(days=1)
    assert approve(asked(), ada, day.isoformat()).result == State.APPROVED


def test_a_later_day_than_today_s_does_not(asked, ada):
    day = age.born_on_or_before() + timedelta(days=1)
    with pytest.raises(Refusal) as refusal:
        approve(asked(), ada, day.isoformat())
    assert refusal.value.code == "not_attested"


def test_a_denial_needs_a_reason_and_no_attestation(asked, ada):
    request = asked()
    with pytest.raises(Refusal) as refusal:
        decisions.deny(request.pk, moderator=ada, version=request.version, reason="")
    assert refusal.value.code == "reason_missing"
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="not_the_member"
    )
    assert decision.method == "in_person"
    told = Effect.objects.get(kind="message").payload["content"]
    assert "the ID does not seem to be yours" in told and "picture" not in told
    assert "attested" not in Entry.objects.get(action="verification.denied").data


def test_asking_for_more_speaks_of_no_picture(asked, ada):
    request = asked()
    decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="Please come on Friday."
    )
    assert "picture" not in Effect.objects.get().payload["content"]


def test_undo_gives_it_back_to_be_attested_anew(asked, ada):
    request = asked()
    decision = approve(request, ada, today())
    taking_back.undo(decision.pk, moderator=ada)
    request.refresh_from_db()
    with pytest.raises(Refusal):
        approve(request, ada, "")
    assert approve(request, ada, today()).result == State.APPROVED


def test_its_deadline_is_days_away_and_no_evidence_ends_it(asked, ada):
    request = asked()
    assert request.due_at == request.submitted_at + policy.IN_PERSON_REVIEW_TARGET
    long_ago = timezone.now() - timedelta(days=5)
    VerificationRequest.objects.filter(pk=request.pk).update(
        submitted_at=long_ago, due_at=long_ago + policy.IN_PERSON_REVIEW_TARGET
    )
    sweeping.sweep()
    request.refresh_from_db()
    assert request.state == State.PENDING
    (row,) = listing.page(listing.Filters(), ada).rows
    assert (row.due_words, row.share) == ("", 71)


def test_nobody_attests_themselves(member, all_methods, ada):
    person = member()
    ada.discord_id = person.pk
    ada.save(update_fields=["discord_id"])
    request = in_person.ask(person, consent_version=1)
    with pytest.raises(Refusal) as refusal:
        claims.claim(request.pk, ada)
    assert refusal.value.code == "own_request"


def test_asked_twice_it_waits(asked):
    with pytest.raises(Refusal) as refusal:
        in_person.ask(asked().member, consent_version=1)
    assert refusal.value.code == "waits"


def test_the_desk_says_that_there_is_no_picture_and_what_to_do(asked, ada, sign_in):
    request = asked()
    page = sign_in(ada).get(f"/queue/{request.pk}/").content.decode()
    assert "There is no picture here" in page and "agree where and when you meet" in page
    assert f'name="attested" value="{today()}"' in page
    assert "/pictures/" not in page


def test_the_desk_refuses_and_says_why_then_takes_it(asked, ada, sign_in):
    request = asked()
    desk, url = sign_in(ada), f"/queue/{request.pk}/approve/"
    answer = desk.post(url, {"version": request.version})
    assert answer.status_code == 422
    assert "Tick that you have seen this person and their ID" in answer.content.decode()
    answer = desk.post(url, {"version": request.version, "attested": today()})
    assert answer.status_code == 302
    request.refresh_from_db()
    assert request.state == State.APPROVED
