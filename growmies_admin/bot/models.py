"""What the bot must remember of Discord over a restart."""

from django.db import models
from django.utils import timezone


class PostedMessage(models.Model):
    """A message that the bot keeps in a channel, once: where it stands."""

    name = models.CharField(max_length=32, primary_key=True, help_text="Which one, as in verify.")
    channel_id = models.BigIntegerField()
    message_id = models.BigIntegerField()
    posted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
