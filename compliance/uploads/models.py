"""One-time links to the upload page."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from compliance import policy
from compliance.verification.models import VerificationRequest


class UploadLink(models.Model):
    """A one-time link. The token itself is signed and never stored, only its SHA-256."""

    request = models.ForeignKey(VerificationRequest, on_delete=models.CASCADE, related_name="links")
    token_hash = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Uploads whose pictures were opened, read or not."
    )
    round = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Rises when what is being sent is given up; nothing of an earlier one is kept.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_live_link_a_request",
            ),
            models.CheckConstraint(
                name="link_attempts_bounded",
                condition=Q(attempts__lte=policy.UPLOAD_LINK_ATTEMPTS),
            ),
            models.CheckConstraint(
                name="link_expires_after_issue", condition=Q(expires_at__gt=F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
