"""The random lives of test_state_machine.py with second reviews, disputes and practice cases:
pictures are always destroyed in time, and nobody judges themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from compliance import policy
from compliance.desk import sweeping
from compliance.desk.models import Claim, WorkItem
from compliance.effects.models import Effect
from compliance.evidence.models import Evidence
from compliance.quality import disputes, golden, second_claims, second_reviews
from compliance.quality.golden_pictures import Kind
from compliance.quality.models import Dispute, GoldenCase, SecondReview
from compliance.verification.models import Decision
from compliance.verification.states import REVIEWABLE, State
from tests.compliance.verification.lives import LONG, Lives, reviewer, which

answers = st.sampled_from([State.APPROVED, State.DENIED, State.MORE_REQUESTED])
SEEDED_AT_MOST = 2


class QualityLives(Lives):
    """Everything is drawn, unless a rule says otherwise."""

    # --- second reviews -----------------------------------------------------

    @rule(everything=st.booleans())
    def lot(self, everything):
        policy.SECOND_REVIEW_SHARE = float(everything)

    @rule(which=which, name=reviewer)
    def claim_second(self, which, name):
        if review := self.review(which):
            self.act(second_claims.claim, review.pk, self.staff[name])

    @rule(which=which, name=reviewer)
    def release_second(self, which, name):
        if review := self.review(which):
            second_claims.release(review.pk, self.staff[name])

    @rule(which=which, name=reviewer, answer=answers)
    def answer_second(self, which, name, answer):
        if review := self.review(which):
            self.answer(review, name, answer)

    @rule(which=which, name=reviewer, answer=answers)
    def look_and_answer(self, which, name, answer):
        """All that it takes, where one is due."""
        due = list(SecondReview.objects.due().order_by("pk"))
        if due:
            review = due[which % len(due)]
            self.act(second_claims.claim, review.pk, self.staff[name])
            self.act(second_reviews.reveal, review.pk, 1, self.staff[name])
            self.answer(review, name, answer)

    @rule(which=which, name=reviewer, override=st.booleans())
    def settle(self, which, name, override):
        found = list(Dispute.objects.order_by("-pk"))
        if found:
            act = disputes.override if override else disputes.keep
            dispute = found[which % len(found)]
            self.act(act, dispute.pk, staff=self.staff[name], note="Seen both.")

    @rule()
    def second_leases_end(self):
        open_now = Claim.objects.filter(item__kind="second_review").filter(ended_at__isnull=True)
        open_now.update(expires_at=timezone.now())

    # --- practice cases -----------------------------------------------------

    @precondition(lambda self: GoldenCase.objects.count() < SEEDED_AT_MOST)
    @rule(kind=st.sampled_from([Kind.OVER_AGE, Kind.UNDER_AGE]))
    def seed(self, kind):
        golden.seed(kind=kind)

    # --- time ---------------------------------------------------------------

    @rule(which=which)
    def seventy_two_hours_pass_for_decided_ones_too(self, which):
        if request := self.request(which):
            long_ago = timezone.now() - policy.EVIDENCE_LIFE
            request.evidence.filter(destroyed_at__isnull=True).update(
                stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE
            )

    @rule()
    def windows_end_and_sweep(self):
        """A quiet minute: after it, what may still exist is what somebody has to look at."""
        self.undo_windows_end()
        for _ in range(2):  # what one sweep makes due, the next one destroys
            sweeping.sweep()
        waits = SecondReview.objects.due()
        for picture in Evidence.objects.filter(destroyed_at__isnull=True).select_related("request"):
            assert picture.destroy_at - picture.stored_at <= timedelta(hours=72)
            assert (
                picture.request.state in REVIEWABLE
                or waits.filter(request=picture.request_id).exists()
            ), "a picture that nobody waits for"
        for review in waits:
            assert Evidence.objects.filter(request=review.request_id, destroyed_at=None).exists()

    # --- what always holds --------------------------------------------------

    @invariant()
    def nobody_judges_themselves(self):
        for review in SecondReview.objects.exclude(answered_by=None).select_related("decision"):
            assert review.answered_by_id != review.decision.decided_by_id
            agreed = review.answer == review.decision.result
            assert review.outcome == ("agreed" if agreed else "disagreed")
            assert Dispute.objects.filter(review=review).exists() != agreed
        for dispute in Dispute.objects.exclude(resolved_by=None).select_related("decision"):
            assert dispute.resolved_by_id not in (dispute.first_by_id, dispute.second_by_id)
            assert (dispute.decision is not None) == (dispute.resolution == "override")
            assert dispute.decision is None or dispute.decision.undone_at is None

    @invariant()
    def nothing_hangs_on_practice_cases(self):
        made_up = GoldenCase.objects.values("request__member")
        assert not Effect.objects.filter(member_id__in=made_up).exists()
        assert not SecondReview.objects.filter(request__member__made_up=True).exists()
        for case in GoldenCase.objects.exclude(decision=None).select_related("decision"):
            right = golden.is_right(case, case.decision)
            assert case.outcome == ("right" if right else "wrong")
            assert case.decision.undone_at is None

    @invariant()
    def what_is_reviewed_a_second_time_is_final(self):
        now = timezone.now()
        for review in SecondReview.objects.due().select_related("decision"):
            assert review.decision.undone_at is None and review.decision.undo_until <= now
        claims = Claim.objects.filter(item__kind="second_review").open()
        assert not claims.filter(item__closed_at__isnull=False).exists()

    @invariant()
    def what_waits_is_on_the_desk(self):
        for kind, waiting in (
            ("second_review", SecondReview.objects.due()),
            ("dispute", Dispute.objects.unsettled()),
        ):
            items = WorkItem.objects.of(kind).open()
            assert set(items.values_list("subject", flat=True)) == set(
                waiting.values_list("pk", flat=True)
            )

    # --- how ----------------------------------------------------------------

    def review(self, which):
        found = list(SecondReview.objects.order_by("-pk"))
        return found[which % len(found)] if found else None

    def answer(self, review, name, answer):
        reason = "altered" if answer == State.DENIED else ""
        named = {"moderator": self.staff[name], "answer": answer, "reason": reason, "note": "So."}
        self.act(second_reviews.answer, review.pk, **named)


@pytest.mark.django_db
def test_the_rules_hold(monkeypatch):
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 1.0)
    run_state_machine_as_test(
        QualityLives,
        settings=settings(
            max_examples=LONG or 12,
            stateful_step_count=30,
            deadline=None,
            derandomize=not LONG,
            database=None,
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Decision.objects.count() == 0, "each life was rolled back"
