"""Cases: what staff decided about somebody's conduct, each for good.

Nothing of a case is changed or deleted: notes are added, and a case is overruled by a row of its
own. Triggers and the grants of the site's role hold it (migrations/0002_rules.py). Erasure alone
takes what says who it was and what was said; number, kind, reason and date stay.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from compliance.members.models import Member
from monitoring.database.grants import APPEND_ONLY

WORDS_MOST = 512  # letters: Discord's own bound of a reason
NOTE_MOST = 2_000


class Kind(models.TextChoices):
    """What was done, as content_moderation_total names it."""

    NOTE = "note", "Note"
    WARNING = "warn", "Warning"


class Severity(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class Source(models.TextChoices):
    """Where it was recorded."""

    WEB = "web", "On the site"
    DISCORD = "discord", "By a command in Discord"


class NextNumber(Func):
    """The next case's number, without gaps: whoever takes one holds up others until it stands."""

    function = "moderation_next_number"
    template = "%(function)s()"
    output_field = models.PositiveIntegerField()


class CaseCounter(models.Model):
    """The one row that says how many cases there are."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveIntegerField(help_text="The number of the newest case.")

    class Meta:
        constraints = [models.CheckConstraint(name="case_counter_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.last} cases"


class CaseQuerySet(models.QuerySet["Case"]):
    def standing(self) -> "CaseQuerySet":
        """Neither overruled nor taken back."""
        return self.filter(overruling__isnull=True)

    def of(self, member_id: int) -> "CaseQuerySet":
        return self.filter(member_id=member_id)


class Case(models.Model):
    """One decision about one person's conduct."""

    grants = APPEND_ONLY
    functions = ("public.moderation_forget(bigint)",)

    number = models.PositiveIntegerField(primary_key=True, db_default=NextNumber(), editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    severity = models.CharField(max_length=8, choices=Severity.choices)
    reason = models.CharField(max_length=32, help_text="A code of reasons.py.")
    words = models.TextField(blank=True, help_text="What the member reads beside the reason.")
    source = models.CharField(max_length=8, choices=Source.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_recorded",
    )
    machine = models.CharField(
        max_length=32, blank=True, help_text="What decided it, where no person did."
    )
    request_key = models.UUIDField(
        null=True, blank=True, unique=True, help_text="The same form or command twice is one case."
    )
    decided_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    undo_until = models.DateTimeField(help_text="Its author may take it back until then.")
    forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when nothing says any more about whom it was."
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="case_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="case_severity_known", condition=Q(severity__in=Severity.values)
            ),
            models.CheckConstraint(name="case_source_known", condition=Q(source__in=Source.values)),
            models.CheckConstraint(name="case_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="case_by_a_person_or_a_machine",
                condition=Q(by__isnull=False, machine="") | (Q(by__isnull=True) & ~Q(machine="")),
            ),
            models.CheckConstraint(
                name="case_about_somebody",
                condition=Q(member__isnull=False, forgotten_at__isnull=True)
                | Q(member__isnull=True, forgotten_at__isnull=False, words=""),
            ),
            models.CheckConstraint(
                name="case_words_fit",
                condition=Q(LessThanOrEqual(Length("words"), WORDS_MOST)),
            ),
            models.CheckConstraint(
                name="case_undo_after_decision", condition=Q(undo_until__gte=F("decided_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-number"], name="cases_by_member"),
            models.Index(fields=["by", "-number"], name="cases_by_author"),
            models.Index(fields=["kind", "-number"], name="cases_by_kind"),
            models.Index(fields=["reason", "-number"], name="cases_by_reason"),
        ]

    def __str__(self) -> str:
        return f"case {self.number}"

    @property
    def cause(self) -> str:
        """What the effects name that it wants (docs/verification.md has those of decisions)."""
        return f"case:{self.number}"

    @property
    def author(self) -> Any:
        """Who decided it: a person, or the name of a machine."""
        return self.by or self.machine


class CaseNote(models.Model):
    """What staff add to a case, for staff alone."""

    grants = APPEND_ONLY

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_note_fits", condition=Q(LessThanOrEqual(Length("text"), NOTE_MOST))
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="case_notes_by_case")]

    def __str__(self) -> str:
        return f"note {self.pk} of case {self.case_id}"


class Overruling(models.Model):
    """Why a case does not stand any more: a new decision, by somebody else.

    `is_slip`: its author took it back within the undo window, before anything happened.
    """

    grants = APPEND_ONLY

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="overruling"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = models.TextField(blank=True, help_text="For the record; the member does not read it.")
    is_slip = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="overruling_words_fit",
                condition=Q(LessThanOrEqual(Length("why"), WORDS_MOST)),
            ),
        ]

    def __str__(self) -> str:
        return f"overruling of case {self.case_id}"
