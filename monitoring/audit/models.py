"""The audit trail: entries that are only ever added, and the chain that seals them."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from monitoring.database.grants import APPEND_ONLY


class ActorType(models.TextChoices):
    STAFF = "staff", "Staff"
    MEMBER = "member", "Member"
    BOT = "bot", "Bot"
    SYSTEM = "system", "System"
    PROVIDER = "provider", "Provider"


class Category(models.TextChoices):
    """Whose business an entry is: rights to read are given by category."""

    COMPLIANCE = "compliance", "Compliance"
    TECHNICAL = "technical", "Technical"
    ACCESS = "access", "Access"


class Severity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class Entry(models.Model):
    """Who did what to whom, when. A trigger refuses every update, delete and truncate.

    Members appear only as a random subject id; `data` holds facts without content: no
    names, no message text, no picture, no date of birth.
    """

    grants = APPEND_ONLY

    at = models.DateTimeField(db_default=Now())
    category = models.CharField(max_length=12, choices=Category.choices)
    severity = models.CharField(
        max_length=8, choices=Severity.choices, default=Severity.INFO, db_default=Severity.INFO
    )
    action = models.CharField(max_length=64, help_text="room.act, as in verification.approved")
    actor_type = models.CharField(max_length=8, choices=ActorType.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    subject_id = models.UUIDField(null=True, blank=True)
    target_type = models.CharField(max_length=32, blank=True, db_default="")
    target_id = models.CharField(max_length=64, blank=True, db_default="")
    data = models.JSONField(default=dict, db_default={})
    request_id = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                name="audit_staff_actor_named",
                condition=(Q(actor_type="staff") & Q(actor__isnull=False))
                | (~Q(actor_type="staff") & Q(actor__isnull=True)),
            ),
            models.CheckConstraint(
                name="audit_category_known", condition=Q(category__in=Category.values)
            ),
        ]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["category", "-id"], name="audit_by_category"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    @property
    def words(self) -> str:
        """The action for people: `verification.link_issued` is `Verification link issued`."""
        return self.action.replace(".", " ").replace("_", " ").capitalize()

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """Its data, each with its name for people."""
        return [(name.replace("_", " "), value) for name, value in self.data.items()]

    @property
    def target_words(self) -> str:
        """What kind of thing was acted on, as in `verification request`."""
        try:
            return str(apps.get_model(self.target_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return self.target_type


class Unsealed(models.Model):
    """Entries that the chain does not cover yet; a trigger adds each new entry here."""

    grants = frozenset({"SELECT", "INSERT", "DELETE"})

    entry = models.OneToOneField(
        Entry, on_delete=models.DO_NOTHING, primary_key=True, related_name="+"
    )

    class Meta:
        verbose_name = "unsealed entry"
        verbose_name_plural = "unsealed entries"

    def __str__(self) -> str:
        return str(self.pk)


class Seal(models.Model):
    """One link of the chain: sha256(previous hash + canonical JSON of the entry)."""

    grants = APPEND_ONLY

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="seal")
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="seal_position_positive", condition=Q(position__gt=0))
        ]

    def __str__(self) -> str:
        return f"{self.position}"


class HeadPlace(models.Model):
    """How far heads have come to a place outside; what was there must still be there.

    `offset` is where the next line begins in the file; 0 when the file begins anew after
    `line`, because what came before was set aside. The site's role may move a place, also back,
    and never removes one: so the last line of the file itself is looked at as well.
    """

    grants = frozenset({"SELECT", "INSERT", "UPDATE"})

    class Name(models.TextChoices):
        FILE = "file", "File"
        WEBHOOK = "webhook", "Webhook"

    name = models.CharField(max_length=8, primary_key=True, choices=Name.choices)
    line = models.BigIntegerField(default=0, help_text="Number of the last line there.")
    line_hash = models.CharField(max_length=64, help_text="SHA-256 of that line, hexadecimal.")
    offset = models.BigIntegerField(default=0)
    begins_after = models.BigIntegerField(
        default=0, help_text="Lines up to this number were set aside."
    )
    at = models.DateTimeField(help_text="When a line came there last.")
    trouble = models.CharField(max_length=300, blank=True, help_text="What is wrong, in words.")

    class Meta:
        verbose_name = "place of heads"
        verbose_name_plural = "places of heads"

    def __str__(self) -> str:
        return self.name
