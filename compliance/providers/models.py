"""Checks by the outside provider."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from compliance.verification.models import VerificationRequest
from compliance.verification.states import State


class ProviderSession(models.Model):
    """One check by the outside provider, under a random reference: nobody is named to it.

    The row is what refuses a replay: a delivery is written here once, with what it did. A date
    of birth that came with it is not.
    """

    class Result(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        UNSURE = "unsure", "Unsure"
        ERROR = "error", "Error of the provider"

    request = models.ForeignKey(
        VerificationRequest, on_delete=models.CASCADE, related_name="provider_sessions"
    )
    reference = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    opened_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    delivery_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    outcome = models.CharField(
        max_length=16, choices=State.choices, blank=True, help_text="State that it led to."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(answered_at__isnull=True, revoked_at__isnull=True),
                name="one_live_provider_session_a_request",
            ),
            models.CheckConstraint(
                name="provider_answer_is_whole",
                condition=Q(
                    answered_at__isnull=True, delivery_id__isnull=True, result="", outcome=""
                )
                | (Q(answered_at__isnull=False, delivery_id__isnull=False) & ~Q(result="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)
