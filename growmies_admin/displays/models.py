"""Displays: screens on a wall that see boards and nothing else, their keys, and how they pair."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import Exact
from django.utils import timezone

from growmies_admin import policy


class Board(models.TextChoices):
    MAIN = "main", "Main"
    SECONDARY = "secondary", "Secondary"

    @property
    def url(self) -> str:
        return f"/wall/{self.value}/"


class Ending(models.TextChoices):
    """By what kind of act a display lost its access; the screen says it."""

    REVOKED = "revoked", "Revoked"
    UNSEEN = "unseen", "Not seen"


class DisplayQuerySet(models.QuerySet["Display"]):
    def live(self) -> "DisplayQuerySet":
        return self.filter(ended_at__isnull=True)

    def ended(self) -> "DisplayQuerySet":
        return self.filter(ended_at__isnull=False)

    def unseen(self, now: datetime) -> "DisplayQuerySet":
        """Live ones without a sign of life for so long that they lose their access."""
        limit = now - policy.DISPLAY_UNSEEN_LIFE
        return self.live().alias(life=Coalesce("last_seen_at", "paired_at")).filter(life__lte=limit)


class Display(models.Model):
    """A screen that somebody paired. It is no member of staff and never has a session."""

    name = models.CharField(max_length=60)
    board = models.CharField(max_length=12, choices=Board.choices)
    browser = models.CharField(max_length=60, help_text="As in: Chromium 120 on Linux")
    address = models.CharField(max_length=45, help_text="The network that it asked from, roughly.")
    paired_at = models.DateTimeField(default=timezone.now)
    paired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    last_seen_at = models.DateTimeField(null=True, blank=True)
    key_made_at = models.DateTimeField(default=timezone.now, help_text="Its newest key's.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=Ending.choices, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was revoked.")

    objects = DisplayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at__isnull=True), name="one_live_display_a_name"
            ),
            models.CheckConstraint(name="display_named", condition=~Q(name="")),
            models.CheckConstraint(name="display_board_known", condition=Q(board__in=Board.values)),
            models.CheckConstraint(
                name="display_end_told",
                condition=Q(ended_at=None, ending="", ended_by=None, reason="")
                | (Q(ended_at__isnull=False, ending="revoked", ended_by__isnull=False))
                & ~Q(reason="")
                | Q(ended_at__isnull=False, ending="unseen", ended_by=None, reason=""),
            ),
            models.CheckConstraint(
                name="display_ended_after_pairing",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("paired_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(ended_at__isnull=False), name="displays_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return Board(self.board).url

    @property
    def is_silent(self) -> bool:
        """It has shown its board, but not lately."""
        limit = timezone.now() - policy.DISPLAY_SILENT_AFTER
        return self.last_seen_at is not None and self.last_seen_at < limit


class DisplayKey(models.Model):
    """What a display shows at each request, in its cookie; the database has its SHA-256 only.

    A key is replaced every day. The older ones end, after an overlap, when the screen uses the
    newer one: until then it may not have arrived.
    """

    display = models.ForeignKey(Display, on_delete=models.CASCADE, related_name="keys")
    key_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    first_used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    tried_again_at = models.DateTimeField(null=True, blank=True, help_text="After its end.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="display_key_hash_is_sha256", condition=Exact(Length("key_hash"), 32)
            ),
            models.CheckConstraint(
                name="display_key_replaced_after_made",
                condition=Q(replaced_at__isnull=True) | Q(replaced_at__gte=F("made_at")),
            ),
            models.CheckConstraint(
                name="display_key_tried_after_end",
                condition=Q(tried_again_at__isnull=True) | Q(replaced_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["replaced_at"], name="displays_replaced_keys")]

    def __str__(self) -> str:
        return f"key {self.pk} of display {self.display_id}"

    def has_ended(self, now: datetime) -> bool:
        return self.replaced_at is not None and self.replaced_at <= now - policy.DISPLAY_KEY_OVERLAP


class PairingQuerySet(models.QuerySet["Pairing"]):
    def waiting(self) -> "PairingQuerySet":
        """Screens that show a code now."""
        return self.filter(confirmed_at__isnull=True, expires_at__gt=timezone.now())


class Pairing(models.Model):
    """A browser that asks to become a display. It alone has the secret; neither that nor the
    code which it shows is stored, only what both hash to."""

    secret_hash = models.BinaryField(max_length=32, unique=True)
    code_hash = models.BinaryField(max_length=32, unique=True)
    number = models.PositiveIntegerField(default=0, help_text="How many codes came before.")
    board = models.CharField(max_length=12, choices=Board.choices, help_text="What it opened.")
    browser = models.CharField(max_length=60)
    address = models.CharField(max_length=45)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="Of the code; once confirmed, of the key.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    display = models.OneToOneField(
        Display, on_delete=models.CASCADE, null=True, blank=True, related_name="pairing"
    )
    spent_at = models.DateTimeField(null=True, blank=True, help_text="The screen has its key.")

    objects = PairingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pairing_hashes_are_sha256",
                condition=Q(Exact(Length("secret_hash"), 32), Exact(Length("code_hash"), 32)),
            ),
            models.CheckConstraint(name="pairing_board_known", condition=Q(board__in=Board.values)),
            models.CheckConstraint(
                name="confirmed_pairing_has_display",
                condition=Q(confirmed_at=None, display=None)
                | Q(confirmed_at__isnull=False, display__isnull=False),
            ),
            models.CheckConstraint(
                name="spent_pairing_is_confirmed",
                condition=Q(spent_at__isnull=True) | Q(confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="pairing_expires_after_asking", condition=Q(expires_at__gt=F("asked_at"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at", "address"],
                condition=Q(confirmed_at__isnull=True),
                name="pairings_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"pairing {self.pk}"


class CodeTry(models.Model):
    """A code that somebody entered and that no screen shows."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "code tries"
        indexes = [models.Index(fields=["by", "at"], name="code_tries_by_person")]

    def __str__(self) -> str:
        return f"{self.by_id} at {self.at}"
