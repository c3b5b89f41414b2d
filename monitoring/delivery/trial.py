"""Tests of channels: a message that somebody asked for at /alerts/channels/."""

from django.conf import settings
from django.urls import reverse

from monitoring.delivery import sources
from monitoring.delivery.content import Content
from monitoring.delivery.models import Message
from monitoring.tones import EMOJIS, Tone


class Tests(sources.Source):
    name, label = "tests", "Tests of channels"
    urgency = 1  # somebody waits for it

    def content(self, message: Message) -> Content:
        return Content(
            title=f"{EMOJIS[Tone.INFO]} Test of this channel",
            text=f"{message.requested_by} asked for it at Growmies Admin. Nothing is wrong.",
            url=settings.PUBLIC_URL + reverse("alert_channels"),
            key=f"test-{message.pk}",
            tone=Tone.INFO,
        )


SOURCE = sources.register(Tests())
