"""Ways of verification: switched on and off, chosen, changed, and held back after a denial."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import policy
from compliance.desk import sweeping
from compliance.desk.models import Claim
from compliance.effects.models import Effect
from compliance.members.models import Consent
from compliance.providers import provider
from compliance.providers.models import ProviderSession
from compliance.refusals import Refusal
from compliance.uploads import opening, submission
from compliance.uploads.models import UploadLink
from compliance.verification import (
    claims,
    consent,
    decisions,
    in_person,
    messages,
    requests,
    status,
)
from compliance.verification.models import VerificationRequest
from compliance.verification.states import Method, State
from monitoring.audit.models import Entry


def refused(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def newest(member):
    return member.verifications.order_by("-pk").first()


def test_only_pictures_are_on_without_a_setting(member):
    assert requests.methods() == [Method.ID_DOCUMENT]
    assert opening.open_request(member()).request.method == Method.ID_DOCUMENT


@pytest.mark.parametrize("method", [Method.IN_PERSON, Method.PROVIDER])
def test_what_is_off_is_refused(member, method):
    act = in_person.ask if method == Method.IN_PERSON else provider.hand_over
    person = member()
    assert refused(act, person, consent_version=1) == "method_off"
    assert not VerificationRequest.objects.exists() and not Consent.objects.exists()


def test_pictures_can_be_off(member, all_methods):
    all_methods.VERIFICATION_METHODS = ("in_person",)
    assert refused(opening.open_request, member()) == "method_off"


@pytest.mark.parametrize("act", [in_person.ask, provider.hand_over])
@pytest.mark.parametrize(
    ("version", "code"), [(None, "consent_missing"), (0, "consent_changed"), (2, "consent_changed")]
)
def test_without_consent_to_this_text_nothing_begins(member, all_methods, act, version, code):
    assert refused(act, member(), consent_version=version) == code
    assert not VerificationRequest.objects.exists()
    assert not ProviderSession.objects.exists()
    assert not Consent.objects.exists()


def test_consent_says_to_which_text_of_which_method(member, all_methods, picture):
    one, two, three = member(), member(), member()
    token = opening.open_request(one).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    in_person.ask(two, consent_version=1)
    provider.hand_over(three, consent_version=1)
    given = Consent.objects.order_by("pk").values_list("member", "method", "version")
    assert list(given) == [
        (one.pk, "id_document", policy.CONSENT_VERSION),
        (two.pk, "in_person", 1),
        (three.pk, "provider", 1),
    ]
    for person in (one, two, three):
        assert newest(person).consent == person.consents.get()


@pytest.mark.parametrize("method", Method.values)
def test_every_text_is_there_and_fits_into_an_answer_of_discord(all_methods, method):
    text = consent.text_of(method)
    assert "21 or over" in text and "You may take your request back" in text
    assert "{{" not in text and "&" not in text
    assert len(text) < 1900
    if method == Method.PROVIDER:
        assert text.startswith("age.example.com, an outside service")


def test_the_text_says_that_a_second_look_may_keep_the_picture():
    text = consent.text_of(Method.ID_DOCUMENT)
    assert "chosen in advance" in text and "72 hours at most" in text


def test_another_way_may_be_chosen_while_nothing_was_sent(member, all_methods, picture):
    person = member()
    url = opening.open_request(person).url
    provider.hand_over(person, consent_version=1)
    request = VerificationRequest.objects.get()
    assert (request.method, request.state) == ("provider", State.OPENED)
    assert UploadLink.objects.get().revoked_at is not None
    token = url.rstrip("/").rsplit("/", 1)[1]
    assert refused(
        submission.submit, token, [picture()], consent_version=policy.CONSENT_VERSION
    ) == "link_expired"  # fmt: skip
    in_person.ask(person, consent_version=1)
    request.refresh_from_db()
    assert (request.method, request.state) == ("in_person", State.PENDING)
    assert ProviderSession.objects.get().revoked_at is not None
    changes = Entry.objects.filter(action="verification.method_changed").order_by("pk")
    assert [entry.data for entry in changes] == [
        {"from": "id_document", "to": "provider"},
        {"from": "provider", "to": "in_person"},
    ]


def test_another_way_may_be_chosen_when_more_is_asked_for(
    revealed, ada, all_methods, end_undo_window
):
    request = revealed(ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="Unreadable."
    )
    assert refused(in_person.ask, request.member, consent_version=1) == "waits"
    assert refused(provider.hand_over, request.member, consent_version=1) == "waits"
    request.refresh_from_db()
    assert request.method == "id_document", "the moderator may still take it back"
    end_undo_window(decision)
    again = in_person.ask(request.member, consent_version=1)
    assert (again.pk, again.method, again.state) == (request.pk, "in_person", State.PENDING)
    # The clock runs from the first submission; how long it may run is the new method's.
    assert again.submitted_at == request.submitted_at
    assert again.due_at == request.submitted_at + policy.IN_PERSON_REVIEW_TARGET


def test_no_other_way_while_a_review_is_due(pending, all_methods):
    request = pending()
    assert refused(in_person.ask, request.member, consent_version=1) == "waits"
    assert refused(provider.hand_over, request.member, consent_version=1) == "waits"
    assert refused(requests.may_begin, request.member) == "waits"


def test_a_denied_member_is_held_back_by_every_way(revealed, ada, all_methods, end_undo_window):
    request = revealed(ada)
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="under_age"
    )
    end_undo_window(decision)
    with pytest.raises(Refusal) as refusal:
        requests.may_begin(request.member)
    assert refusal.value.code == "cooling_down"
    until = int((decision.decided_at + policy.DENIAL_APPEAL_COOL_DOWN).timestamp())
    assert f"<t:{until}:R>" in refusal.value.sentence
    assert refused(opening.open_request, request.member) == "cooling_down"
    assert refused(in_person.ask, request.member, consent_version=1) == "cooling_down"
    assert refused(provider.hand_over, request.member, consent_version=1) == "cooling_down"
    assert VerificationRequest.objects.count() == 1


def test_after_the_cool_down_they_may_ask_again(revealed, ada, end_cool_down):
    request = revealed(ada)
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="unreadable"
    )
    end_cool_down(decision)
    assert opening.open_request(request.member).is_new


def test_a_denied_member_reads_why_and_when_they_may_appeal(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.deny(
        request.pk, moderator=ada, version=request.version, reason="expired_id", note="June 2020."
    )
    end_undo_window(decision)
    words = status.of_member(request.member_id).words
    appeal_at = int((decision.decided_at + policy.DENIAL_APPEAL_COOL_DOWN).timestamp())
    assert "because the ID has expired" in words and "June 2020." in words
    assert f"<t:{appeal_at}:f>" in words and "/appeal" in words


def test_status_offers_what_the_member_can_do(member, all_methods, pending):
    stranger = status.of_member(member().pk)
    assert (stranger.may_go_on, stranger.withdrawable) == (True, None)
    waiting = pending()
    found = status.of_member(waiting.member_id)
    assert (found.may_go_on, found.withdrawable) == (False, waiting.pk)
    meets = member()
    asked = in_person.ask(meets, consent_version=1)
    found = status.of_member(meets.pk)
    assert "in person" in found.words and found.withdrawable == asked.pk
    goes = member()
    provider.hand_over(goes, consent_version=1)
    found = status.of_member(goes.pk)
    assert "answer of age.example.com" in found.words and found.may_go_on


def test_status_repeats_what_was_asked_for_after_the_undo_window(revealed, ada, end_undo_window):
    request = revealed(ada)
    decision = decisions.request_more(
        request.pk, moderator=ada, version=request.version, note="The back, please."
    )
    assert "The back" not in status.of_member(request.member_id).words
    end_undo_window(decision)
    assert "The back, please." in status.of_member(request.member_id).words


@pytest.mark.parametrize("how", ["in_person", "provider"])
def test_withdrawing_ends_it_without_a_link_page(member, all_methods, ada, how):
    person = member()
    if how == "in_person":
        request = in_person.ask(person, consent_version=1)
        claims.claim(request.pk, ada)
    else:
        provider.hand_over(person, consent_version=1)
        request = newest(person)
    requests.withdraw(request.pk)
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN
    assert not Claim.objects.on("verification", request.pk).open().exists()
    assert not ProviderSession.objects.filter(revoked_at=None).exists()
    assert "took your request back" in status.of_member(person.pk).words


def test_a_fresh_link_ends_the_one_before(member):
    person = member()
    first, second = opening.open_request(person), opening.open_request(person)
    assert first.url != second.url and not second.is_new
    assert UploadLink.objects.filter(revoked_at=None).count() == 1
    soon = timezone.now() + policy.UPLOAD_LINK_LIFE - timedelta(seconds=10)
    assert newest(person).expires_at > soon


def test_a_picture_that_expired_undecided_is_told_and_another_way_is_open(pending, all_methods):
    request = pending()
    long_ago = timezone.now() - policy.EVIDENCE_LIFE
    request.evidence.update(stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE)
    assert sweeping.sweep()["destroyed"] == 1
    told = Effect.objects.get(kind="message")
    assert told.member_id == request.member_id
    assert told.payload["content"] == messages.EVIDENCE_EXPIRED
    found = status.of_member(request.member_id)
    assert "destroyed before a decision" in found.words
    assert (found.may_go_on, found.withdrawable) == (True, request.pk)
    again = in_person.ask(request.member, consent_version=1)
    assert (again.pk, again.state, again.method) == (request.pk, State.PENDING, "in_person")
