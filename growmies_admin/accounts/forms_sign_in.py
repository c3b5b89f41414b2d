"""allauth's forms of passwords, where a wrong one must not pass unseen."""

from allauth.account import forms as account
from allauth.core import context
from django import forms

from growmies_admin.accounts import access_trail
from growmies_admin.accounts.access_trail import How


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """Whoever guesses the old password at a page that was left open is told of."""

    def clean_oldpassword(self) -> str:
        try:
            old: str = super().clean_oldpassword()
        except forms.ValidationError:
            access_trail.failed(context.request, self.user, How.PASSWORD)
            raise
        return old
