"""Whether a call to the intake comes from Alertmanager: the one place that compares its token."""

import hmac

from django.conf import settings


def is_alertmanager(authorization: str) -> bool:
    """Whether this header `Authorization` has our token, compared in constant time.

    Without a configured token nothing is Alertmanager's.
    """
    scheme, _, token = authorization.partition(" ")
    wanted = settings.ALERT_WEBHOOK_TOKEN
    same = hmac.compare_digest(token.strip().encode(), wanted.encode())
    return bool(wanted) and same and scheme.lower() == "bearer"
