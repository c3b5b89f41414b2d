"""The ways in which a person is told. A new way is a class and a line in WAYS."""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from monitoring import policy
from monitoring.alerts import routing, webhooks
from monitoring.alerts.channels import TRANSPORTS
from monitoring.alerts.channels.base import Message, Undelivered
from monitoring.alerts.embeds import quiet
from monitoring.alerts.models import Channel
from monitoring.tones import Tone

_SECONDS = policy.INCIDENT_MESSAGE_TIMEOUT.total_seconds()
_client = httpx.Client(timeout=_SECONDS, trust_env=False)


class NotSent(Exception):
    """It did not get through. `permanent`: trying again would not help."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)


@dataclass(frozen=True)
class Notice:
    """What a person is told: one line, more words, and where to go."""

    title: str
    text: str
    url: str


class Way(Protocol):
    @property
    def label(self) -> str: ...

    def reaches(self, person: Any) -> bool:
        """Whether this person can be told in this way, as things are set up now."""
        ...

    def send(self, person: Any, notice: Notice) -> None:
        """Raises NotSent."""
        ...


class Email:
    """To the address that the person has at /staff/."""

    label = "e-mail"

    def reaches(self, person: Any) -> bool:
        return bool(settings.EMAIL_IS_SET_UP and person.email)

    def send(self, person: Any, notice: Notice) -> None:
        mail = EmailMessage(
            subject=" ".join(notice.title.split()),
            body=f"{notice.text}\n\n{notice.url}\n",
            from_email=settings.SMTP_FROM,
            to=[person.email],
            connection=get_connection(timeout=_SECONDS),
        )
        try:
            mail.send()
        except smtplib.SMTPResponseException as error:
            words = f"The mail server answers {error.smtp_code}."
            raise NotSent(words, permanent=error.smtp_code >= 500) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise NotSent("The mail server refuses the recipient.", permanent=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"The mail server does not answer ({type(error).__name__}).") from error


class Discord:
    """By a mention in the channel of critical alerts, by webhook: the bot may be away."""

    label = "Discord"

    def reaches(self, person: Any) -> bool:
        return bool(person.discord_id and _webhook())

    def send(self, person: Any, notice: Notice) -> None:
        words = f"<@{person.discord_id}> **{quiet(notice.title)}**\n{quiet(notice.text)}"
        body = {
            "content": f"{words[:1800]}\n{notice.url}",
            # Only this person is pinged, whatever the text says.
            "allowed_mentions": {"parse": [], "users": [str(person.discord_id)]},
        }
        try:
            answer = _client.post(_webhook(), json=body)
        except httpx.HTTPError as error:
            raise NotSent(f"Discord does not answer ({type(error).__name__}).") from error
        if not answer.is_success:
            permanent = answer.status_code in (400, 401, 403, 404)
            raise NotSent(f"Discord answers {answer.status_code}.", permanent=permanent)


class Sms:
    """Through apprise, to the address that ALERT_SMS_URLS has under the person's username."""

    label = "SMS"

    def reaches(self, person: Any) -> bool:
        return person.username in settings.ALERT_SMS_URLS

    def send(self, person: Any, notice: Notice) -> None:
        message = Message(
            title=notice.title, text=notice.text, url=notice.url, key="", tone=Tone.CRITICAL
        )
        try:
            TRANSPORTS[Channel.SMS].send(person.username, message, None)
        except Undelivered as why:
            raise NotSent(str(why), permanent=why.permanent) from why


def _webhook() -> str:
    """The bot's webhook of the channel, or the one that is set; "" without any."""
    made = webhooks.url_of(routing.CRITICAL) or webhooks.url_of(routing.DEFAULT)
    return made or settings.DISCORD_ALERT_WEBHOOK_URL


WAYS: Mapping[str, Way] = {"email": Email(), "discord": Discord(), "sms": Sms()}


def ways_of(person: Any) -> list[str]:
    """Names of the ways in which this person can be told now."""
    return [name for name, way in WAYS.items() if way.reaches(person)]
