"""What the bot must remember of Discord over a restart."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class PostedMessage(models.Model):
    """A message that the bot keeps in a channel, once: where it stands."""

    name = models.CharField(max_length=32, primary_key=True, help_text="Which one, as in verify.")
    channel_id = models.BigIntegerField()
    message_id = models.BigIntegerField()
    posted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class ActivityDay(models.Model):
    """Sums of a day of New York: messages and voice by channel, sessions, time counted.

    Of nobody in particular: there is no member in it.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", "Messages of people"
        VOICE = "voice", "Time of people in voice"
        SESSION = "session", "Sessions"
        COUNTED = "counted", "Time in which the bot counted"

    day = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    channel = models.CharField(max_length=100, blank=True, help_text="Of messages and voice.")
    count = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "kind", "channel"], name="one_sum_a_day_kind_and_channel"
            ),
            models.CheckConstraint(
                name="activity_kind_known",
                condition=Q(kind__in=["message", "voice", "session", "counted"]),
            ),
            models.CheckConstraint(
                name="activity_sums_not_negative",
                condition=Q(count__gte=0, seconds__gte=0, seconds__lte=1e15),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day:%Y-%m-%d} {self.channel}"
