"""A member is erased in one act; what stays tells nobody who they were."""

import os
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from compliance import policy
from compliance.appeals.models import Appeal
from compliance.desk import sweeping
from compliance.desk.models import Claim, WorkItem
from compliance.effects import delivery
from compliance.effects.kinds import message
from compliance.effects.models import Effect
from compliance.evidence import custody, store
from compliance.evidence.models import Evidence
from compliance.feedback import giving
from compliance.members import roster
from compliance.members.models import Consent, Member, Subject
from compliance.moderation.models import Case
from compliance.privacy import erasure
from compliance.providers.models import ProviderSession
from compliance.quality import second_claims, second_reviews
from compliance.quality.models import Dispute, GoldenCase, SecondReview
from compliance.refusals import Refusal
from compliance.uploads import links, opening, submission
from compliance.uploads.models import UploadLink
from compliance.verification import claims, decisions, escalation, overriding, taking_back
from compliance.verification.models import Decision, VerificationRequest
from monitoring.audit.models import Entry
from monitoring.audit_chain import chain


@pytest.fixture
def carol(staff):
    return staff("compliance", username="carol")


@pytest.fixture
def denied(revealed, ada, carol, end_undo_window):
    """A member whose request was denied, after the undo window; or first handed on."""

    def make(name="fern", handed_on=False):
        request = revealed(ada, name)
        if handed_on:
            escalation.escalate(
                request.pk, moderator=ada, version=request.version, note="Look.", to=carol
            )
            claims.claim(request.pk, carol)
            custody.reveal(request.pk, 1, carol)
            request.refresh_from_db()
            decision = decisions.deny(
                request.pk, moderator=carol, version=request.version, reason="altered"
            )
            end_undo_window(decision)
            ProviderSession.objects.create(request=request)
            return request.member
        decision = decisions.deny(
            request.pk, moderator=ada, version=request.version, reason="other", note=f"Sorry {name}"
        )
        end_undo_window(decision)
        return request.member

    return make


def refused(member, carol, reason="asked"):
    with pytest.raises(Refusal) as refusal:
        erasure.erase(member, by=carol, reason=reason)
    return refusal.value.code


def test_it_works(denied, carol, settings):
    settings.FEEDBACK_POLL = True
    member, other = denied("fern", handed_on=True), denied("basil", handed_on=True)
    giving.give(member.pk, 4)
    giving.give(other.pk, 5)
    erased = erasure.erase(member, by=carol, reason="asked")
    assert erased.rows == {
        "effects.effect": 1,
        "evidence.evidence": 1,
        "uploads.uploadlink": 1,
        "providers.providersession": 1,
        "verification.decision": 1,
        "desk.claim": 2,
        "desk.escalation": 1,
        "desk.workitem": 1,
        "verification.verificationrequest": 1,
        "members.consent": 1,
        "feedback.mark": 1,
        "members.member": 1,
        "members.subject": 1,
        "moderation.case": 0,
    }
    assert (erased.withdrawn, erased.pictures) == (0, 1)
    for model in set(erasure.ERASED) - {
        Appeal,
        Dispute,
        GoldenCase,
        SecondReview,
    }:
        assert model.objects.count() == (2 if model is Claim else 1), (
            f"{model} of the other member stays"
        )
    assert Member.objects.get() == other


def test_second_reviews_and_disputes_go_too(
    monkeypatch, revealed, ada, carol, staff, end_undo_window
):
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 1.0)
    request, bo = revealed(ada), staff("moderator", username="bo")
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    sweeping.sweep()
    review = SecondReview.objects.get()
    second_claims.claim(review.pk, bo)
    second_reviews.reveal(review.pk, 1, bo)
    second_reviews.answer(review.pk, moderator=bo, answer="denied", reason="altered")
    erased = erasure.erase(request.member, by=carol, reason="asked")
    assert erased.rows["quality.secondreview"] == erased.rows["quality.dispute"] == 1
    assert erased.rows["desk.workitem"] == 3, "of the request, the second review, the dispute"
    assert not WorkItem.objects.exists() and not Claim.objects.exists()
    assert erased.pictures == 1, "it waited for the sweep"


def test_the_entry_says_how_much_and_never_what(denied, carol):
    member = denied("fern")
    subject = roster.subject_of(member.pk)
    erasure.erase(member, by=carol, reason="law")
    entry = Entry.objects.get(action="privacy.erased")
    assert (entry.actor, entry.category, entry.subject_id, entry.target_id) == (
        carol, "compliance", None, "",
    )  # fmt: skip
    assert entry.data["reason"] == "law" and entry.data["pictures_destroyed"] == 1
    assert entry.data["rows"]["verification.decision"] == 1
    for text in ("fern", str(member.pk), str(subject)):
        assert text not in str(entry.data)


def test_the_trail_stays_and_is_whole_but_names_nobody(denied, carol):
    member = denied()
    subject = roster.subject_of(member.pk)
    before = Entry.objects.filter(subject_id=subject).count()
    chain.seal_batch()
    erasure.erase(member, by=carol, reason="asked")
    chain.seal_batch()
    assert Entry.objects.filter(subject_id=subject).count() == before + 1, "the proof"
    assert chain.verify().first_bad_entry is None
    assert not Subject.objects.exists()


def test_a_picture_is_destroyed_with_proof(pending, carol, evidence_dir):
    request = pending()
    picture = request.evidence.get()
    erasure.erase(request.member, by=carol, reason="asked")
    assert not store.holds(picture.id) and not list(evidence_dir.rglob("*.*"))
    proof = Entry.objects.get(action="evidence.destroyed")
    assert proof.target_id == str(picture.id)
    assert proof.data["cause"] == "erased"
    assert proof.data["ciphertext_sha256"] == bytes(picture.ciphertext_sha256).hex()


def test_an_open_request_is_withdrawn_and_its_claim_is_worth_nothing(revealed, ada, carol):
    request = revealed(ada)
    erased = erasure.erase(request.member, by=carol, reason="asked")
    assert erased.withdrawn == 1
    for act in (
        lambda: decisions.approve(request.pk, moderator=ada, version=request.version),
        lambda: custody.reveal(request.pk, 1, ada),
        lambda: claims.claim(request.pk, ada),
    ):
        with pytest.raises(Refusal):
            act()
    assert not Claim.objects.exists() and not Decision.objects.exists()


def test_the_link_is_unknown_afterwards(opened, carol):
    link = opened()
    erasure.erase(link.request.member, by=carol, reason="asked")
    with pytest.raises(Refusal) as refusal:
        links.read(link.token)
    assert refusal.value.code == "link_unknown"


def test_an_override_and_what_it_overrode(revealed, ada, carol, staff, end_undo_window):
    request = revealed(ada)
    end_undo_window(decisions.approve(request.pk, moderator=ada, version=request.version))
    request.refresh_from_db()
    end_undo_window(
        overriding.override(
            request.pk, staff=carol, version=request.version,
            result="denied", reason="altered", note="Look again.",
        )
    )  # fmt: skip
    erased = erasure.erase(request.member, by=carol, reason="asked")
    assert erased.rows["verification.decision"] == 2
    assert not VerificationRequest.objects.exists() and not Effect.objects.exists()


def test_refused_in_the_undo_window(revealed, ada, carol):
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    assert refused(request.member, carol) == "undo_window"
    assert Decision.objects.exists() and Evidence.objects.exists() and Effect.objects.exists()


def test_a_decision_that_was_taken_back_is_no_hindrance(revealed, ada, carol):
    request = revealed(ada)
    decision = decisions.approve(request.pk, moderator=ada, version=request.version)
    taking_back.undo(decision.pk, moderator=ada)
    assert erasure.erase(request.member, by=carol, reason="asked").withdrawn == 1


def test_refused_for_staff(member, staff, carol):
    one = member()
    person = staff("moderator", username="eve")
    get_user_model().objects.filter(pk=person.pk).update(discord_id=one.pk)
    assert refused(one, carol) == "on_staff"


def test_who_left_the_staff_stays_as_author_without_the_id(member, staff, carol):
    one = member()
    person = staff("moderator", username="eve")
    get_user_model().objects.filter(pk=person.pk).update(discord_id=one.pk, is_active=False)
    erasure.erase(one, by=carol, reason="asked")
    person.refresh_from_db()
    assert person.discord_id is None


def test_refused_without_a_reason(member, carol):
    assert refused(member(), carol, "because Fern asked") == "reason_missing"


def test_refused_the_second_time(member, carol):
    one = member()
    erasure.erase(one, by=carol, reason="asked")
    assert refused(one, carol) == "erased_already"
    assert Entry.objects.filter(action="privacy.erased").count() == 1


def test_a_store_that_can_not_be_written_erases_nothing(pending, carol, monkeypatch):
    request = pending()

    def full(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store, "remove", full)
    with pytest.raises(OSError):
        erasure.erase(request.member, by=carol, reason="asked")
    assert Member.objects.exists() and Evidence.objects.filter(destroyed_at=None).exists()
    assert Subject.objects.exists() and UploadLink.objects.exists() and Consent.objects.exists()
    assert not Entry.objects.filter(action="privacy.erased").exists()


def test_the_database_refuses_before_a_file_is_gone(pending, carol, monkeypatch):
    """A row that was forgotten, found at the last moment, costs no picture."""
    request = pending()
    picture = request.evidence.get()
    monkeypatch.setattr(erasure, "ERASED", (Member,))
    with pytest.raises(models.ProtectedError):
        erasure.erase(request.member, by=carol, reason="asked")
    assert store.holds(picture.id)


def test_who_acts_after_it_does_not_tie_the_person_to_the_trail_again(revealed, ada, carol):
    request = revealed(ada)
    erasure.erase(request.member, by=carol, reason="asked")
    assert roster.subject_of(request.member_id) != roster.subject_of(request.member_id)
    assert not Subject.objects.exists()


def test_a_delivery_under_way_leaves_nothing(member, carol):
    one = member()
    message.want(one.pk, "verification", "hello", cause="x", not_before=timezone.now())
    (effect,) = delivery.lease_due()
    erasure.erase(one, by=carol, reason="asked")
    assert not delivery.delivered(effect)
    assert not Effect.objects.exists() and not Subject.objects.exists()


def test_they_come_back_as_somebody_new(denied, carol):
    member = denied()
    before = roster.subject_of(member.pk)
    erasure.erase(member, by=carol, reason="asked")
    again = roster.seen(member.pk, "fern")
    assert opening.open_request(again).is_new
    assert roster.subject_of(member.pk) != before


def test_no_table_that_points_at_members_is_forgotten():
    """A new table belongs into erasure.ERASED, or its rows go with a row of it (CASCADE)."""
    known = set(erasure.ERASED)
    pointing = {
        model
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if (
            isinstance(field, models.ForeignKey)
            and field.related_model in known
            and field.remote_field.on_delete is not models.CASCADE
        )
        or getattr(field, "attname", "") in {"member_id", "discord_id"}
    }
    # Who left the staff loses the id; who is on staff is not erased. Cases stay, and forget.
    assert pointing - known == {get_user_model(), Case}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step", ["compliance.evidence.pictures.clean", "compliance.evidence.custody.keep"]
)
def test_an_upload_under_way_is_refused_and_leaves_nothing(
    opened, picture, staff, monkeypatch, evidence_dir, step
):
    carol, link = staff("compliance", username="carol"), opened()
    module, name = step.rsplit(".", 1)
    goes_on = getattr(import_module(module), name)

    def erased_meanwhile(argument):
        erasure.erase(link.request.member, by=carol, reason="asked")
        return goes_on(argument)

    monkeypatch.setattr(step, erased_meanwhile)
    with pytest.raises(Refusal) as refusal:
        submission.submit(link.token, [picture()], consent_version=policy.CONSENT_VERSION)
    assert refusal.value.code == "link_unknown"
    assert not Consent.objects.exists() and not Member.objects.exists()
    assert not list(evidence_dir.rglob("*.*"))


# The page


def test_the_page(denied, carol, sign_in):
    member = denied("fern")
    client = sign_in(carol)
    url = f"/members/{member.pk}/erase/"
    assert url in client.get(f"/members/{member.pk}/").content.decode()
    page = client.get(url).content.decode()
    assert "<bdi>fern</bdi>" in page
    for text in ("1 decision", "Roles in Discord are not touched", "can't be undone"):
        assert text in page
    answer = client.post(url, {"typed": str(member.pk), "reason": "asked"}, follow=True)
    said = answer.content.decode()
    assert answer.redirect_chain == [("/members/", 302)]
    assert "Erased for good: " in said and "fern" not in said and str(member.pk) not in said
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("typed", ["", "1", "fern", "{id}0"])
def test_a_wrong_id_erases_nothing(denied, carol, sign_in, typed):
    member = denied("fern")
    form = {"typed": typed.format(id=member.pk), "reason": "asked"}
    answer = sign_in(carol).post(f"/members/{member.pk}/erase/", form)
    assert answer.status_code == 422 and "Type the id exactly" in answer.content.decode()
    assert Member.objects.exists()


def test_the_page_says_why_not(revealed, ada, carol, sign_in):
    request = revealed(ada)
    decisions.approve(request.pk, moderator=ada, version=request.version)
    client, url = sign_in(carol), f"/members/{request.member_id}/erase/"
    assert "can still be taken back" in client.get(url).content.decode()
    answer = client.post(url, {"typed": str(request.member_id), "reason": "asked"})
    assert answer.status_code == 409 and "can still be taken back" in answer.content.decode()


def test_the_page_when_the_store_can_not_be_written(pending, carol, sign_in, monkeypatch):
    request = pending()
    monkeypatch.setattr(store, "remove", lambda *_: os.close(-1))
    url = f"/members/{request.member_id}/erase/"
    answer = sign_in(carol).post(url, {"typed": str(request.member_id), "reason": "asked"})
    assert answer.status_code == 503 and "Nothing was erased" in answer.content.decode()


def test_a_moderator_is_not_offered_it(denied, ada, sign_in):
    member = denied()
    client = sign_in(ada)
    assert "Erase" not in client.get(f"/members/{member.pk}/").content.decode()
    assert client.post(f"/members/{member.pk}/erase/").status_code == 403


@pytest.mark.parametrize("text", ["abc", "0", "99999999999999999999", "1187342009999999999"])
def test_nobody_of_that_id(carol, sign_in, text):
    assert sign_in(carol).get(f"/members/{text}/erase/").status_code == 404
