"""Forms of the upload page."""

from django import forms

from monitoring.ui import params
from monitoring.ui.acts import Whole


class Upload(forms.Form):
    """What stands beside a member's pictures: the text agreed to, and the round of the link."""

    consent = Whole(required=False, most=params.VERSION)
    round = Whole(required=False, most=params.VERSION)
