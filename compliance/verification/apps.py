from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class VerificationConfig(AppConfig):
    name = "compliance.verification"
    label = "verification"
    verbose_name = "Age verification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from compliance.members import blinds
        from compliance.verification import blind, second_reviews
        from monitoring.audit import blinds as audit_blinds

        blinds.register(second_reviews.hidden_members)
        audit_blinds.register(blind.hidden_subjects)
        user_logged_out.connect(_give_back, dispatch_uid="verification.give_back")


def _give_back(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Who signs out holds nothing any more."""
    from compliance.verification import claims, second_claims

    if user is not None:
        claims.release_all(user)
        second_claims.release_all(user)
