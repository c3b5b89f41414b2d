"""What the bot made in Discord so that a worker can write there."""

from django.db import models
from django.utils import timezone


class Webhook(models.Model):
    """A Discord channel's webhook that the bot made; its address is sealed with SECRET_KEY."""

    channel = models.CharField(max_length=100, unique=True)
    webhook_id = models.BigIntegerField()
    sealed_url = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.channel
