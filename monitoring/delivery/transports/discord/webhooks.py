"""The Discord webhooks that the bot made: who has an address can write, so they lie sealed."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from monitoring.delivery.transports.discord.models import Webhook


def keep(channel: str, webhook_id: int, url: str) -> None:
    """The webhook of a channel from now on."""
    sealed = _box().encrypt(url.encode()).decode()
    Webhook.objects.update_or_create(
        channel=channel, defaults={"webhook_id": webhook_id, "sealed_url": sealed}
    )


def url_of(channel: str) -> str | None:
    """None when there is none, or when it was sealed with another SECRET_KEY."""
    row = Webhook.objects.filter(channel=channel).first()
    return _opened(row) if row else None


def channels() -> dict[str, int]:
    """Channels that have a webhook which can be opened -> its id."""
    return {row.channel: row.webhook_id for row in Webhook.objects.all() if _opened(row)}


def drop(channel: str) -> None:
    """The guild has no channel of this name any more."""
    Webhook.objects.filter(channel=channel).delete()


def forget(url: str) -> None:
    """Discord does not know it any more."""
    for row in Webhook.objects.all():
        if (known := _opened(row)) and url.startswith(known):
            row.delete()


def _opened(row: Webhook) -> str | None:
    try:
        return _box().decrypt(row.sealed_url.encode()).decode()
    except InvalidToken:
        return None


def _box() -> Fernet:
    digest = hashlib.sha256(b"discord webhooks\x00" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
