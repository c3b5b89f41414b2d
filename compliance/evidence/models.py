"""Which pictures lie in the evidence store, and until when; neither picture nor key is in it."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from compliance import policy
from monitoring.ui.words import span

_HOURS = policy.EVIDENCE_LIFE // timedelta(hours=1)


class Evidence(models.Model):
    """That a picture lies in the evidence store. Neither picture nor key is in this table."""

    class Cause(models.TextChoices):
        DECIDED = "decided", "Decided"
        EXPIRED = "expired", f"{span(policy.EVIDENCE_LIFE)} reached"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REPLACED = "replaced", "Replaced by a new picture"
        REFUSED = "refused", "Upload not completed"
        ORPHAN = "orphan", "Found without an owner"
        LOST = "lost", "Its files were gone"
        ERASED = "erased", "Erased with the member"
        REVIEWED = "reviewed", "Second review done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(
        "verification.VerificationRequest", on_delete=models.PROTECT, related_name="evidence"
    )
    position = models.PositiveSmallIntegerField()
    stored_at = models.DateTimeField(default=timezone.now)
    destroy_at = models.DateTimeField(
        help_text=f"{_HOURS} h after the upload, or the end of the undo window once decided."
    )
    destroy_cause = models.CharField(max_length=12, choices=Cause.choices, default=Cause.EXPIRED)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    ciphertext_bytes = models.PositiveIntegerField()
    ciphertext_sha256 = models.BinaryField(max_length=32)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"],
                condition=Q(destroyed_at__isnull=True),
                name="one_picture_a_position",
            ),
            models.CheckConstraint(
                name=f"evidence_lives_{_HOURS}_hours_at_most",
                condition=Q(
                    destroy_at__lte=F("stored_at")
                    + Value(policy.EVIDENCE_LIFE, output_field=models.DurationField())
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["destroy_at"],
                condition=Q(destroyed_at__isnull=True),
                name="evidence_to_destroy",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
