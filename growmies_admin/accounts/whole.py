"""What weakens a sign-in happens in one transaction with the audit entry that tells of it.

allauth's own views commit step by step: a process that dies in between would leave a factor
removed, and nothing in the audit trail. Of a new factor and new codes allauth tells after its
commit, so their entries can still be lost.
"""

from collections.abc import Iterable

from django.db import transaction
from django.urls import URLPattern, URLResolver

_ACTS = frozenset(
    {
        "account_change_password",
        "account_set_password",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
        "mfa_remove_webauthn",
        "socialaccount_connections",
    }
)


def acts_in_one_transaction(patterns: Iterable[URLPattern | URLResolver]) -> None:
    """Wrap the views that change what somebody signs in with."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            acts_in_one_transaction(pattern.url_patterns)
        elif pattern.name in _ACTS:
            pattern.callback = transaction.atomic(pattern.callback)
