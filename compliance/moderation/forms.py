"""The forms of cases."""

from django import forms

from compliance.moderation import reasons
from compliance.moderation.models import Kind, Severity
from monitoring.ui.acts import Words


def _reasons() -> list[tuple[str, str]]:
    return [(code, reason.label) for code, reason in reasons.everything().items()]


class Record(forms.Form):
    kind = forms.ChoiceField(choices=Kind.choices)
    reason = forms.ChoiceField(choices=_reasons)
    severity = forms.ChoiceField(choices=[("", ""), *Severity.choices], required=False)
    words = Words()
    note = Words()
    key = forms.UUIDField()


class Note(forms.Form):
    text = Words()


class Overrule(forms.Form):
    why = Words()
