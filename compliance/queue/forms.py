"""Forms of the acts of the desk. What they say must be so; whether it may be done, the act says."""

from django import forms

from compliance.verification import claims
from monitoring.ui.acts import Act, Ticked, Whole, Words


class Decide(Act):
    """`key` makes what was pressed twice one act."""

    key = forms.UUIDField(required=False)
    attested = Words()
    reason = Words()
    note = Words()


class Escalate(Act):
    to = Words()
    note = Words()


class Override(Act):
    """With a reason the request is denied, without one it is approved."""

    reason = Words()
    note = Words()


class Sign(forms.Form):
    state = forms.ChoiceField(choices=[(one.value, one.name) for one in claims.Sign])


class Look(forms.Form):
    reason = Words()


class Moving(forms.Form):
    """How a page goes on: from which request (`after`), to which one it has made ready
    (`expected`), and which one it gives back (`leave`).
    """

    after = Whole(required=False)
    expected = Whole(required=False)
    leave = Whole(required=False)


class Bulk(forms.Form):
    """First which act on which requests (`to`: whom they are for), then what was `sealed`."""

    step = Words()
    act = Words()
    which = Words()
    request = Ticked()
    to = Words()
    sealed = Words()
    note = Words()
