"""allauth's forms of the second factor: wrong codes are limited, right ones open once."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

from growmies_admin.accounts import access_trail, throttle, used_codes
from growmies_admin.accounts.access_trail import How
from growmies_admin.accounts.models import Staff


class _Limited:
    """Codes of apps and recovery codes are short; a passkey's answer can't be guessed."""

    user: Staff
    authenticator: Any

    def clean_code(self) -> str:
        request = context.request
        one = throttle.of_code(request, self.user)
        if wait := throttle.take(one):
            access_trail.failed(request, self.user, How.CODE)
            raise forms.ValidationError(
                f"Too many wrong codes. Wait {throttle.in_words(wait)}, then try again."
            )
        code: str = super().clean_code()  # type: ignore[misc]
        by_app = self.authenticator.type == Authenticator.Type.TOTP
        if by_app and not used_codes.take(self.authenticator, code):
            access_trail.failed(request, self.user, How.CODE)
            raise get_adapter().validation_error("incorrect_code")
        throttle.give_back(one)
        return code


class AuthenticateForm(_Limited, mfa.AuthenticateForm):  # type: ignore[misc]
    """At the sign-in."""


class ReauthenticateForm(_Limited, mfa.ReauthenticateForm):  # type: ignore[misc]
    """Before an act that asks for it again."""


class ActivateTOTPForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """An app is added: the code that shows that it works opens nothing after."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        used_codes.note(self.user, self.secret, code)
        return code


class _Told:
    """A passkey that is refused; allauth has a signal for codes only."""

    user: Staff | None
    how = How.CODE

    def clean_credential(self) -> object:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except forms.ValidationError:
            access_trail.failed(context.request, self.user, self.how)
            raise
        except (KeyError, TypeError, ValueError, AttributeError):  # no answer of any passkey
            access_trail.failed(context.request, self.user, self.how)
            raise forms.ValidationError("That passkey was not accepted.") from None


class LoginWebAuthnForm(_Told, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """Signing in with a passkey alone. Whose it claims to be is not believed: nobody's."""

    how = How.PASSKEY


class AuthenticateWebAuthnForm(_Told, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second factor."""


class ReauthenticateWebAuthnForm(_Told, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before an act that asks for it again."""
