"""Messages: what must get through to whom, every try at it, and what ways of sending keep.

The database holds what must never be broken: one message a subject, channel and target; what is
being sent has a lease; what counts as sent shows what was wanted.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import transports
from monitoring.delivery.setting import FOLDER, folders, module

for _folder in folders():
    if (FOLDER / _folder / "models.py").exists():
        module(_folder, "models")


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    BUNDLED = "bundled", "In a bundle"
    DROPPED = "dropped", "Not needed any more"


ON_ITS_WAY = (State.WAITING, State.SENDING)


class Kind(models.TextChoices):
    SINGLE = "single", "About one subject"
    BUNDLE = "bundle", "Bundle of what would be too many"
    TEST = "test", "Test"


def channel_choices() -> list[tuple[str, str]]:
    """The ways of sending that are there now; migrations name this function, not the list."""
    return [(name, transports.label(name)) for name in transports.names()]


class Message(models.Model):
    """One message to one target of one channel; where the channel can, it follows its subject.

    `source` is the room that has something to say, `subject_id` its row. `wanted` rises with what
    should be shown, `shown` follows when the channel has taken it.
    """

    source = models.CharField(max_length=20, help_text="A name in delivery/sources.py.")
    subject_id = models.BigIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SINGLE)
    channel = models.CharField(
        max_length=20, choices=channel_choices, help_text="A folder of delivery/transports."
    )
    target = models.CharField(
        max_length=150, help_text="Name of a place or team there, or somebody's username."
    )
    place = models.CharField(
        max_length=150, default="", help_text="Where it is sent to there: what has a rate limit."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who is told, where it is somebody on staff. No address is kept.",
    )
    reached = models.CharField(
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text="Where it arrived; empty: at its target.",
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    urgency = models.SmallIntegerField(default=5, help_text="Lower goes first.")
    is_direct = models.BooleanField(default=False, help_text="Sent past Alertmanager.")
    wanted = models.PositiveIntegerField(default=1)
    shown = models.PositiveIntegerField(default=0)
    receipt = models.CharField(
        max_length=255, blank=True, default="", help_text="The channel's own id of the message."
    )
    bundle = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who asked for a test.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(
        default=timezone.now, help_text="Since when it could go; giving up counts from there."
    )
    not_before = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="Leases so far.")
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row that failed.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="First time it got through.")
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "subject_id", "channel", "target"],
                condition=Q(kind="single"),
                name="one_message_a_subject_and_target",
            ),
            models.CheckConstraint(
                name="message_channel_is_a_name", condition=Q(channel__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.CheckConstraint(
                name="message_source_is_a_name", condition=Q(source__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.CheckConstraint(name="message_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="message_is_about_something",
                condition=Q(kind="single", subject_id__isnull=False)
                | Q(kind="bundle", subject_id__isnull=True)
                | Q(kind="test", subject_id__isnull=True, requested_by__isnull=False),
            ),
            models.CheckConstraint(
                name="message_sending_has_a_lease",
                condition=~Q(state="sending") | Q(leased_until__isnull=False),
            ),
            models.CheckConstraint(
                name="message_sent_is_shown",
                condition=~Q(state="sent") | Q(shown=F("wanted"), sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="message_bundled_in_a_bundle",
                condition=~Q(state="bundled") | Q(bundle__isnull=False, kind="single"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["urgency", "not_before"],
                condition=Q(state="waiting"),
                name="messages_due",
            ),
            models.Index(
                fields=["leased_until"], condition=Q(state="sending"), name="messages_leased"
            ),
            models.Index(fields=["channel", "target", "-id"], name="messages_by_target"),
            models.Index(
                fields=["channel", "target"],
                condition=Q(state__in=["waiting", "sending"]),
                name="messages_on_their_way",
            ),
            models.Index(
                fields=["channel", "target", "sent_at"],
                condition=Q(state="sent"),
                name="messages_sent",
            ),
            models.Index(
                fields=["created_at"],
                condition=~Q(kind="single"),
                name="messages_of_no_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.target}"

    @property
    def subject(self) -> int:
        """The row that it is about; 0 for a test or a bundle, which have none."""
        return self.subject_id or 0

    @property
    def is_left_lying(self) -> bool:
        """Nobody has taken it long after its time: what sends does not run."""
        late = timezone.now() - policy.DELIVERY_LEFT_LYING
        return self.state == State.WAITING and self.not_before < late


class Hold(models.Model):
    """Until when a place of a channel takes nothing: it has asked for patience."""

    channel = models.CharField(max_length=20)
    place = models.CharField(max_length=150)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "place"], name="one_hold_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.place} until {self.until:%H:%M:%S}"


class Attempt(models.Model):
    """One try to get a message through, and what came back; only ever added."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Sent"
        EDITED = "edited", "Edited"
        RETRY = "retry", "Will be tried again"
        FAILED = "failed", "Refused"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    code = models.IntegerField(null=True, blank=True, help_text="HTTP or SMTP status.")
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["message", "id"], name="message_tries_in_order")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"
