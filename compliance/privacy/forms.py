"""The form by which a member is erased."""

from django import forms

from monitoring.ui.acts import Words


class Erase(forms.Form):
    """`typed` is the member's id, once more."""

    typed = forms.CharField(required=False)
    reason = Words()
