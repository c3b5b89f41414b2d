"""A blind second look at a drawn request: due when decided, by somebody else, and then over."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance import policy
from compliance.desk import sweeping
from compliance.desk.models import Claim
from compliance.effects.models import Effect
from compliance.evidence import custody, destroying
from compliance.evidence.models import Evidence
from compliance.quality import figures, second_claims, second_reviews
from compliance.quality.models import Dispute, SecondReview
from compliance.refusals import Refusal
from compliance.uploads import opening, submission
from compliance.verification import claims, messages, overriding, requests, taking_back
from compliance.verification.states import State
from monitoring.audit.models import Entry

pytestmark = pytest.mark.django_db


def look(review, person):
    second_claims.claim(review.pk, person)
    return second_reviews.reveal(review.pk, 1, person)


def answered(review, person, answer=State.APPROVED, **words):
    look(review, person)
    return second_reviews.answer(review.pk, moderator=person, answer=answer, **words)


def code_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refusal:
        act(*arguments, **named)
    return refusal.value.code


def living(review):
    return Evidence.objects.filter(request=review.request, destroyed_at=None).count()


def end_72_hours(review):
    long_ago = timezone.now() - policy.EVIDENCE_LIFE
    Evidence.objects.filter(request=review.request, destroyed_at=None).update(
        stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE
    )


def test_it_works(due, ada, bo):
    review = due(ada)
    assert (review.first_by, living(review)) == (ada, 1), "the picture outlives the decision"
    assert look(review, bo).startswith(b"\xff\xd8")
    done = second_reviews.answer(review.pk, moderator=bo, answer=State.APPROVED)
    assert (done.outcome, done.answered_by) == ("agreed", bo)
    assert not Dispute.objects.exists()
    sweeping.sweep()
    assert living(review) == 0
    assert Evidence.objects.get().destroy_cause == "reviewed"
    entries = Entry.objects.filter(action__startswith="second_review").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == [
        "second_review.due",
        "second_review.claimed",
        "second_review.revealed",
        "second_review.answered",
    ]


def test_the_member_is_told_the_truth_about_the_picture(due, ada, bo):
    review = due(ada)
    sent = Effect.objects.get(kind="message", member_id=review.request.member_id)
    assert "picked at random for a second look" in sent.payload["content"]
    assert "destroyed now" in messages.for_decision(answered(review, bo).decision)


def test_the_role_does_not_wait(due, ada):
    review = due(ada)
    assert Effect.objects.due().filter(kind="role", member_id=review.request.member_id).exists()


def test_about_the_share_is_drawn(monkeypatch, opened):
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 0.5)
    request = opened().request
    for _ in range(400):
        second_reviews.draw(request, first=True)
        SecondReview.objects.filter(request=request).update(request=request)
        drawn = SecondReview.objects.filter(request=request)
        request.drawn = getattr(request, "drawn", 0) + drawn.count()
        drawn.delete()
    assert 140 < request.drawn < 260


def test_not_drawn_the_picture_goes_with_the_decision(pending, decide, ada):
    request = pending()
    decide(request, ada)
    assert not SecondReview.objects.exists()
    assert not Evidence.objects.filter(destroyed_at=None).exists()


def test_disagreement_opens_a_dispute_and_changes_nothing_else(due, ada, bo):
    review = due(ada)
    done = answered(review, bo, State.DENIED, reason="altered", note="The edge.")
    dispute = Dispute.objects.get()
    assert (done.outcome, dispute.first_by, dispute.second_by) == ("disagreed", ada, bo)
    review.request.refresh_from_db()
    assert review.request.state == State.APPROVED


def test_two_denials_agree_whatever_the_reason(due, ada, bo):
    assert answered(due(ada, "altered"), bo, State.DENIED, reason="unreadable").outcome == "agreed"


def test_not_due_within_the_undo_window_and_not_after_an_undo(drawn, pending, decide, ada, bo):
    request = pending()
    decision = decide(request, ada, final=False)
    sweeping.sweep()
    review = SecondReview.objects.get()
    assert review.due_at is None
    assert code_of(second_claims.claim, review.pk, bo) == "not_reviewable"
    taking_back.undo(decision.pk, moderator=ada)
    sweeping.sweep()
    review.refresh_from_db()
    assert review.due_at is None and living(review) == 1
    claims.release(request.pk, ada)
    decide(request, bo)
    review.refresh_from_db()
    assert review.first_by == bo


def test_neither_the_first_reviewer_nor_the_member(due, ada, bo):
    review = due(ada)
    assert code_of(second_claims.claim, review.pk, ada) == "own_decision"
    bo.discord_id = review.request.member_id
    bo.save()
    assert code_of(second_claims.claim, review.pk, bo) == "own_request"
    assert not second_reviews.for_moderator(ada).exists()
    assert not second_reviews.for_moderator(bo).exists()


def test_the_database_refuses_the_first_reviewer(due, ada):
    review = due(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondReview.objects.filter(pk=review.pk).update(
            outcome="agreed",
            closed_at=timezone.now(),
            answered_by=ada,
            answered_at=timezone.now(),
            answer="approved",
        )


def test_one_claim_a_review_and_the_lease_ends(due, ada, bo, cora):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    assert code_of(second_claims.claim, review.pk, cora) == "claimed_by_other"
    Claim.objects.filter(item__kind="second_review").update(expires_at=timezone.now())
    second_claims.claim(review.pk, cora)
    ended = Claim.objects.filter(item__kind="second_review").get(moderator=bo)
    assert ended.end_reason == "lease_ended"
    assert code_of(second_reviews.reveal, review.pk, 1, bo) == "not_claimed"


def test_the_sweep_ends_leases(due, ada, bo):
    second_claims.claim(due(ada).pk, bo)
    Claim.objects.filter(item__kind="second_review").update(expires_at=timezone.now())
    assert sweeping.sweep()["leases"] == 1


def test_sign_out_gives_it_back(due, ada, bo, sign_in):
    review = due(ada)
    client = sign_in(bo)
    second_claims.claim(review.pk, bo)
    client.post("/accounts/logout/")
    assert Claim.objects.filter(item__kind="second_review").get().end_reason == "signed_out"


def test_not_unseen_not_unclaimed_not_without_a_reason(due, ada, bo):
    review = due(ada)
    answer = second_reviews.answer
    approved = {"moderator": bo, "answer": State.APPROVED}
    assert code_of(answer, review.pk, **approved) == "not_claimed"
    second_claims.claim(review.pk, bo)
    assert code_of(answer, review.pk, **approved) == "not_revealed"
    assert code_of(answer, review.pk, moderator=bo, answer=State.DENIED) == "reason_missing"
    other = {"moderator": bo, "answer": State.DENIED, "reason": "other"}
    assert code_of(answer, review.pk, **other) == "reason_missing"
    assert code_of(answer, review.pk, moderator=bo, answer=State.MORE_REQUESTED) == "reason_missing"
    assert code_of(answer, review.pk, moderator=bo, answer=State.PENDING) == "not_allowed"


def test_answered_once(due, ada, bo):
    review = due(ada)
    answered(review, bo)
    again = {"moderator": bo, "answer": State.DENIED, "reason": "altered"}
    assert code_of(second_reviews.answer, review.pk, **again) == "already_there"


def test_after_72_hours_it_is_expired_and_not_counted(due, ada, bo):
    review = due(ada)
    second_claims.claim(review.pk, bo)
    end_72_hours(review)
    assert code_of(second_reviews.reveal, review.pk, 1, bo) == "evidence_gone"
    sweeping.sweep()
    review.refresh_from_db()
    assert (review.outcome, living(review)) == ("expired", 0)
    assert figures.agreement_rate(timezone.now() - timedelta(days=1)) is None
    assert Claim.objects.filter(item__kind="second_review").get().end_reason == "moved"


def test_undecided_after_72_hours_the_member_sends_again_and_it_is_still_drawn(
    drawn, pending, picture, decide, ada
):
    request = pending()
    review = SecondReview.objects.get()
    end_72_hours(review)
    sweeping.sweep()
    review.refresh_from_db()
    assert review.outcome == ""
    token = opening.open_request(request.member).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    decide(request, ada)
    review.refresh_from_db()
    assert review.first_by == ada


def test_asked_for_more_and_sent_again_the_next_decision_is_looked_at(
    due, decide, picture, ada, bo, cora
):
    review = due(ada, more=True)
    second_claims.claim(review.pk, bo)
    token = opening.open_request(review.request.member).url.rstrip("/").rsplit("/", 1)[1]
    submission.submit(token, [picture()], consent_version=policy.CONSENT_VERSION)
    review.refresh_from_db()
    assert (review.due_at, review.outcome) == (None, "")
    assert Claim.objects.filter(item__kind="second_review").get().end_reason == "moved"
    sweeping.sweep()
    assert living(review) == 1, "the replaced picture is gone at once"
    decide(review.request, cora)
    review.refresh_from_db()
    assert review.first_by == cora
    assert answered(review, ada).outcome == "agreed", "whoever asked for more may look now"


def test_withdrawn_there_is_nothing_left_to_compare(due, ada):
    review = due(ada, more=True)
    requests.withdraw(review.request_id)
    sweeping.sweep()
    review.refresh_from_db()
    assert (review.outcome, living(review)) == ("void", 0)


def test_an_override_ends_it_and_can_still_be_undone(due, ada, bo, cora):
    review = due(ada)
    review.request.refresh_from_db()
    decision = overriding.override(
        review.request_id,
        staff=cora,
        version=review.request.version,
        result=State.DENIED,
        reason="altered",
        note="Seen on another account.",
    )
    sweeping.sweep()
    review.refresh_from_db()
    assert (review.outcome, living(review)) == ("void", 0)
    taking_back.undo(decision.pk, moderator=cora)
    review.request.refresh_from_db()
    assert review.request.state == State.APPROVED


def test_a_lost_picture_ends_it(due, ada, bo, evidence_dir):
    review = due(ada)
    for path in evidence_dir.rglob("*.key"):
        path.unlink()
    destroying.sweep_lost()
    sweeping.sweep()
    review.refresh_from_db()
    assert review.outcome == "void"


def plain(client, url):
    """A page without what differs between any two requests."""
    page = client.get(url).content.decode()
    for pattern in (
        r'"csrfmiddlewaretoken" value="\w+"',
        r'<a id="status-chip".*?</a>',  # how the site is now
        r'"X-CSRFToken": "\w+"',
        r"[0-9a-f-]{16,}",
        r"\b[0-9a-f]{8}…",  # an id in a fact of the audit trail
    ):
        page = re.sub(pattern, "_", page, flags=re.DOTALL)
    # Counts of the navigation are kept for two seconds.
    page = re.sub(r'\s*<span class="count".*?</span>', "", page, flags=re.DOTALL)
    return re.sub(r"\d+", "0", page)


def test_the_first_reviewer_can_not_tell(monkeypatch, pending, ada, sign_in, decide):
    """Item, rows, own entries and figures are the same for a drawn request and another one."""
    client, pages = sign_in(ada), {}
    for share in (0.0, 1.0):
        monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", share)
        request = pending(f"member{int(share)}")
        item, own = f"/queue/{request.pk}/", "/audit/?target=verification.verificationrequest:"
        before = plain(client, item), plain(client, "/queue/")
        claims.claim(request.pk, ada)
        custody.reveal(request.pk, 1, ada)
        claimed = plain(client, item), plain(client, f"{own}{request.pk}")
        decide(request, ada)
        after = plain(client, item), plain(client, f"{own}{request.pk}"), plain(client, "/queue/")
        nothing = client.get("/queue/second-reviews/").content.decode()
        assert "Nothing waits for a second look" in nothing
        pages[share] = before, claimed, after
    assert SecondReview.objects.due().count() == 1
    for moment, other in zip(pages[0.0], pages[1.0], strict=True):
        for page, twin in zip(moment, other, strict=True):
            assert page.splitlines() == twin.splitlines()


def test_agreement_rate(due, ada, bo):
    since = timezone.now() - timedelta(days=30)
    assert figures.agreement_rate(since) is None
    answered(due(ada), bo)
    answered(due(ada), bo)
    answered(due(ada), bo, State.DENIED, reason="altered")
    assert figures.agreement_rate(since) == pytest.approx(2 / 3)
    own = figures.figures(since, ada)
    assert (own.decided, own.agreed, own.disagreed) == (3, 2, 1)
