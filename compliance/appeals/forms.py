"""The form by which an appeal is decided."""

from django import forms

from monitoring.ui.acts import Act, Words

OUTCOMES = ("upheld", "granted", "reversed", "moot")


class Decide(Act):
    outcome = forms.ChoiceField(choices=[(one, one) for one in OUTCOMES])
    note = Words()
