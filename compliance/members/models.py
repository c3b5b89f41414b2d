"""Guild members as the bot sees them, the ids under which the audit knows them, consent."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance.members import names
from monitoring.ui.words import isolated


class RealMembers(models.Manager["Member"]):
    """Everybody but the made-up members of practice cases: they are in no count and no list."""

    def get_queryset(self) -> "models.QuerySet[Member]":
        return super().get_queryset().filter(made_up=False)


class Member(models.Model):
    """A person in the guild, keyed by Discord's snowflake."""

    discord_id = models.BigIntegerField(primary_key=True)
    username = models.CharField(max_length=64)
    display_name = models.CharField(max_length=64, blank=True)
    in_guild = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    has_verified_role = models.BooleanField(default=False, help_text="As last seen in Discord.")
    seen_at = models.DateTimeField(default=timezone.now)
    first_seen_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), editable=False, help_text="By us; never changed."
    )
    made_up = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Made up for a practice case; real people are not.",
    )

    names = models.GeneratedField(
        expression=names.both(),
        output_field=models.TextField(),
        db_persist=True,
        help_text="Both names, folded: this is what is searched.",
    )

    objects = RealMembers()
    everybody = models.Manager["Member"]()

    class Meta:
        constraints = [
            models.CheckConstraint(name="member_id_positive", condition=Q(discord_id__gt=0)),
        ]
        indexes = [
            GinIndex(fields=["names"], opclasses=["gin_trgm_ops"], name="member_by_names"),
            models.Index(fields=["joined_at"], name="member_by_joining"),
            models.Index(fields=["first_seen_at"], name="member_by_first_seen"),
        ]

    def __str__(self) -> str:
        """Both names in plain text; pages have the tag `member` for it."""
        if self.has_display_name:
            return f"{isolated(self.display_name)} ({isolated(self.username)})"
        return isolated(self.username)

    @property
    def has_display_name(self) -> bool:
        """Whether they chose another name than the username."""
        return bool(self.display_name) and self.display_name != self.username


class Subject(models.Model):
    """Maps a member to the random id in the audit trail. Erasure deletes this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    discord_id = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return str(self.id)


class Consent(models.Model):
    """That a member agreed to a method's numbered text, before anything is sent anywhere."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    method = models.CharField(
        max_length=12, default="id_document", db_default="id_document", help_text="Of which text."
    )
    version = models.PositiveIntegerField(help_text="Each method counts its own.")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["member", "-given_at"], name="consent_by_member")]

    def __str__(self) -> str:
        return f"{self.method} version {self.version}"
