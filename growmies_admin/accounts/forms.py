"""Forms of /staff/ and /staff/tokens/."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator

from compliance.members.names import is_snowflake
from growmies_admin import policy
from growmies_admin.accounts.models import ApiToken, Staff
from growmies_admin.accounts.rights import STAFF_CHOICES
from growmies_admin.accounts.scopes import Scope


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    username = forms.CharField(max_length=150)
    email = forms.EmailField(required=False)
    discord_id = forms.CharField(
        required=False,
        label="Discord id",
        help_text="17 to 19 digits; lets them sign in with Discord",
    )
    roles = forms.MultipleChoiceField(
        choices=STAFF_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        UnicodeUsernameValidator()(username)
        if Staff.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("Somebody has this name already.")
        return username

    def clean_discord_id(self) -> int | None:
        text: str = self.cleaned_data["discord_id"].strip()
        if not text:
            return None
        if not is_snowflake(text):
            raise forms.ValidationError("A Discord id is a whole number of 17 to 19 digits.")
        if Staff.objects.filter(discord_id=int(text)).exists():
            raise forms.ValidationError("Somebody on staff has this Discord id already.")
        return int(text)


class PasswordForm(forms.Form):
    """A first password."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.staff)
        return password


class TokenForm(forms.Form):
    """What an API token is for, and whose rights it has."""

    name = forms.CharField(
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text="What uses it, as in: daily check",
    )
    owner = forms.ModelChoiceField(
        Staff.objects.filter(is_active=True).order_by("username"),
        empty_label="Choose somebody",
        help_text="It may never do more than this person, and ends when they leave staff.",
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        error_messages={"required": "Choose at least one thing that it may do."},
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=policy.API_TOKEN_LIFE_MOST.days,
        initial=policy.API_TOKEN_LIFE.days,
        label="Days until it expires",
    )

    def clean_days(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
