"""Forms of /displays/."""

from django import forms

from growmies_admin.displays import codes
from growmies_admin.displays.models import Board, Display

_NAME_LENGTH = Display._meta.get_field("name").max_length
_REASON_LENGTH = Display._meta.get_field("reason").max_length


class CodeForm(forms.Form):
    """The code that a screen shows."""

    code = forms.CharField(
        max_length=20,
        label="Code on the screen",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": codes.EXAMPLE,
                "class": "mono display-code",
            }
        ),
    )

    def clean_code(self) -> str:
        code = codes.tidy(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(
                f"A code has {codes.LENGTH} letters and digits, as in {codes.EXAMPLE}."
            )
        return code


class DisplayForm(forms.Form):
    """What a display is called, and what it shows."""

    name = forms.CharField(max_length=_NAME_LENGTH, help_text="Where it hangs, as in: Lobby")
    board = forms.ChoiceField(choices=Board.choices, label="Board")


class RevokeForm(forms.Form):
    reason = forms.CharField(max_length=_REASON_LENGTH)
