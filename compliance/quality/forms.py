"""Forms of the acts of second reviews, disputes and practice cases."""

from django import forms

from monitoring.ui.acts import Whole, Words


class Answer(forms.Form):
    """Of a second review."""

    answer = Words()
    reason = Words()
    note = Words()


class Settle(forms.Form):
    """How a dispute ends, and why."""

    resolution = forms.ChoiceField(choices=[("keep", "Keep"), ("override", "Override")])
    note = Words()


class Told(forms.Form):
    case = Whole(required=False)
