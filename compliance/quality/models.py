"""Tables that check our own work: blind second reviews, their disputes, practice cases.

The database holds that nobody reviews their own decision, and that a dispute is settled by
neither of the two who disagree.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from compliance import policy
from compliance.verification.states import DenyReason, State
from monitoring.ui.words import span


class SecondReviewQuerySet(models.QuerySet["SecondReview"]):
    def unanswered(self) -> "SecondReviewQuerySet":
        """Chosen or due, and not over."""
        return self.filter(outcome="")

    def due(self) -> "SecondReviewQuerySet":
        """The first decision is final; a second person may look."""
        return self.unanswered().filter(due_at__isnull=False)

    def counted(self) -> "SecondReviewQuerySet":
        """What the agreement is counted from."""
        return self.filter(
            outcome__in=[SecondReview.Outcome.AGREED, SecondReview.Outcome.DISAGREED]
        )


class SecondReview(models.Model):
    """A request that was drawn, when it was first sent, for a second look by somebody else.

    Unknown to the first reviewer: no page, entry or figure tells of a row that is not due.
    """

    class Outcome(models.TextChoices):
        AGREED = "agreed", "Agreed"
        DISAGREED = "disagreed", "Disagreed"
        EXPIRED = "expired", f"{span(policy.EVIDENCE_LIFE)} reached"
        VOID = "void", "Nothing left to compare"

    request = models.OneToOneField(
        "verification.VerificationRequest", on_delete=models.CASCADE, related_name="second_review"
    )
    chosen_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the first decision could no longer be undone."
    )
    answer_by = models.DateTimeField(
        null=True, blank=True, help_text="Its deadline, before its picture is destroyed."
    )
    decision = models.ForeignKey(
        "verification.Decision",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="second_reviews",
        help_text="The first decision, with which the answer is compared.",
    )
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="second_reviews",
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=16, choices=State.choices, blank=True)
    reason = models.CharField(max_length=16, choices=DenyReason.choices, blank=True)
    note = models.TextField(blank=True, help_text="For compliance; the member never reads it.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SecondReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="second_review_due_of_a_decision",
                condition=Q(due_at__isnull=True, decision__isnull=True, first_by__isnull=True)
                | Q(due_at__isnull=False, decision__isnull=False, first_by__isnull=False),
            ),
            models.CheckConstraint(
                name="second_review_by_somebody_else",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("first_by")),
            ),
            models.CheckConstraint(
                name="second_review_answer_is_whole",
                condition=Q(
                    outcome__in=["agreed", "disagreed"],
                    due_at__isnull=False,
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                    answer__in=["approved", "denied", "more_requested"],
                )
                | Q(
                    outcome__in=["", "expired", "void"],
                    answered_by__isnull=True,
                    answered_at__isnull=True,
                    answer="",
                ),
            ),
            models.CheckConstraint(
                name="second_review_closed_with_outcome",
                condition=Q(outcome="", closed_at__isnull=True)
                | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(outcome=""), name="second_reviews_open"
            ),
            models.Index(
                fields=["-closed_at"], condition=~Q(outcome=""), name="second_reviews_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"second review {self.pk}"


def _settled_by() -> datetime:
    return timezone.now() + policy.DISPUTE_DUE


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def unsettled(self) -> "DisputeQuerySet":
        return self.filter(resolution="")


class Dispute(models.Model):
    """Two reviewers disagreed; somebody who is neither of them says which decision stands."""

    class Resolution(models.TextChoices):
        KEEP = "keep", "The first decision stands"
        OVERRIDE = "override", "Overridden as the second reviewer says"

    review = models.OneToOneField(SecondReview, on_delete=models.CASCADE, related_name="dispute")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=_settled_by)
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    resolution = models.CharField(max_length=8, choices=Resolution.choices, blank=True)
    note = models.TextField(blank=True, help_text="Why, in words.")
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    decision = models.OneToOneField(
        "verification.Decision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="settled_dispute",
        help_text="The override that settled it.",
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="dispute_of_two", condition=~Q(first_by=F("second_by"))),
            models.CheckConstraint(
                name="dispute_settled_by_a_third",
                condition=Q(resolved_by__isnull=True)
                | (~Q(resolved_by=F("first_by")) & ~Q(resolved_by=F("second_by"))),
            ),
            models.CheckConstraint(
                name="dispute_settled_with_words",
                condition=Q(
                    resolution="", note="", resolved_by__isnull=True, resolved_at__isnull=True
                )
                | (
                    Q(resolution__in=["keep", "override"])
                    & ~Q(note="")
                    & Q(resolved_by__isnull=False, resolved_at__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(resolution=""), name="disputes_unsettled"),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"


class GoldenCaseQuerySet(models.QuerySet["GoldenCase"]):
    def undecided(self) -> "GoldenCaseQuerySet":
        return self.filter(outcome="")


class GoldenCase(models.Model):
    """A practice case: a made-up member and picture with a known answer, like any other request.

    Nothing hangs on it: no role, no message, no count. Its row is the mark in the record.
    """

    class Outcome(models.TextChoices):
        RIGHT = "right", "As expected"
        WRONG = "wrong", "Not as expected"
        UNSEEN = "unseen", "Nobody decided it"

    request = models.OneToOneField(
        "verification.VerificationRequest", on_delete=models.CASCADE, related_name="golden_case"
    )
    expected_result = models.CharField(max_length=16, choices=State.choices)
    expected_reason = models.CharField(max_length=16, choices=DenyReason.choices, blank=True)
    seeded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody: the command line.",
    )
    seeded_at = models.DateTimeField(default=timezone.now)
    decision = models.OneToOneField(
        "verification.Decision",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="golden_case",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="golden_cases",
    )
    outcome = models.CharField(max_length=6, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the reviewer said that they had read it."
    )

    objects = GoldenCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="golden_case_expects_a_decision",
                condition=Q(expected_result="approved", expected_reason="")
                | (Q(expected_result="denied") & ~Q(expected_reason="")),
            ),
            models.CheckConstraint(
                name="golden_case_judged_of_a_decision",
                condition=Q(
                    outcome__in=["", "unseen"], decision__isnull=True, decided_by__isnull=True
                )
                | Q(
                    outcome__in=["right", "wrong"],
                    decision__isnull=False,
                    decided_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="golden_case_closed_with_outcome",
                condition=Q(outcome="", closed_at__isnull=True)
                | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(outcome=""), name="golden_cases_open"),
            models.Index(
                fields=["decided_by"],
                condition=Q(told_at__isnull=True),
                name="golden_cases_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"practice case {self.pk}"
