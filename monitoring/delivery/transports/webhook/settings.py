"""Set for webhooks."""

import base64
from urllib.parse import urlsplit

from monitoring.delivery.setting import named

STANDARD = "whsec_"  # as Standard Webhooks marks a key in base64


def key(secret: str) -> bytes:
    """What is signed with: any text is a key itself. Raises ValueError for what is no base64."""
    if secret.startswith(STANDARD):
        return base64.b64decode(secret.removeprefix(STANDARD), validate=True)
    return secret.encode()


def _addresses(urls: dict[str, str]) -> str:
    parts = [urlsplit(url) for url in urls.values()]
    sound = all(one.scheme in ("http", "https") and one.netloc for one in parts)
    return "" if sound else "must be addresses that begin with http:// or https://"


def _secrets(secrets: dict[str, str]) -> str:
    try:
        long_enough = all(len(key(secret)) >= 16 for secret in secrets.values())
    except ValueError:
        return f"has a secret that begins with {STANDARD} and does not go on in base64."
    return "" if long_enough else "has a secret of less than 16 characters."


WEBHOOK_URLS = named(
    "WEBHOOK_URLS", "who gets signed JSON: name=address, separated by spaces", check=_addresses
)
WEBHOOK_SECRETS = named(
    "WEBHOOK_SECRETS",
    "what each is signed with: name=secret, separated by spaces",
    check=_secrets,
)
