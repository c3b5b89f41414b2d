"""Forms of acts on what somebody sees: read once, in one way, before anything happens."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from monitoring.refusals import Refusal
from monitoring.ui import params


class Whole(forms.Field):
    """A number as params.whole() reads it: plain digits, up to `most`."""

    def __init__(self, *, most: int = params.LARGEST, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        number = params.whole(str(value), self.most)
        if number is None:
            raise ValidationError("No whole number.")
        return number


class Ticked(forms.Field):
    """The rows that were ticked, by number; what is no number is none of them."""

    widget = forms.SelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def to_python(self, value: Any) -> list[int]:
        found = map(params.whole, value or ())
        return [number for number in found if number is not None]


class Words(forms.CharField):
    """What somebody wrote, as it was sent; how much of it is kept, the act says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, strip=False, **options)


class Act(forms.Form):
    """An act on one thing: `version` is the one that the page showed."""

    version = Whole(most=params.VERSION)


def read(form: type[forms.Form], request: HttpRequest) -> dict[str, Any]:
    """What the form of an act brings. Raises Refusal("damaged"): no page of ours sent this."""
    filled = form(request.POST)
    if not filled.is_valid():
        raise Refusal("damaged")
    return filled.cleaned_data


def what_fits(form: type[forms.Form], request: HttpRequest) -> dict[str, Any]:
    """The same, with None for what is missing or does not fit: the act says what it lacks."""
    filled = form(request.POST)
    filled.is_valid()
    return {name: filled.cleaned_data.get(name) for name in filled.fields}
