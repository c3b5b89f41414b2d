"""Forms of the pages of incidents. Times are the reader's."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from monitoring import moments
from monitoring.alerts.models import Severity
from monitoring.incidents import scopes
from monitoring.incidents.models import (
    EmergencyContact,
    EscalationPolicy,
    Rota,
    Scope,
    StepKind,
)
from monitoring.incidents.planning import Wanted
from monitoring.incidents.policies import RIGHT
from monitoring.policy import WINDOW_AT_MOST
from monitoring.ui.words import span

STEPS = 5
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,30}")
_REPEATS = [("", "Only once"), *((str(n), f"Every {n} weeks") for n in range(2, 9))]
_REPEATS.insert(1, ("1", "Every week"))


class Moment(forms.DateTimeField):
    """Day and time in the browser's own control."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        if found is not None and (why := moments.refusal(found)):
            raise forms.ValidationError(why)
        return found

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except OverflowError:  # of a time zone's shift, at either end of the calendar
            raise forms.ValidationError(self.error_messages["invalid"]) from None


def responders() -> Any:
    """Who may acknowledge can be on call."""
    users = get_user_model().objects
    return users.with_perm(RIGHT).order_by("username")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def __init__(self, **options: Any) -> None:
        super().__init__(get_user_model().objects.none(), empty_label="Choose somebody", **options)


class _WithPerson(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].queryset = responders()  # type: ignore[attr-defined]


class OpenForm(forms.Form):
    """An incident that no alert says."""

    title = forms.CharField(max_length=200, label="What is wrong")
    severity = forms.ChoiceField(choices=Severity.choices)
    text = forms.CharField(
        required=False,
        max_length=2000,
        label="What is known so far",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    service = forms.CharField(required=False, max_length=100, help_text="As in: discord-bot")
    policy = forms.ModelChoiceField(
        EscalationPolicy.objects.all(),
        required=False,
        label="Escalation",
        empty_label="The default policy",
    )


class RotaForm(forms.Form):
    name = forms.CharField(max_length=60, help_text="As in: First level")


class ShiftForm(_WithPerson):
    rota = forms.ModelChoiceField(Rota.objects.all(), empty_label=None)
    person = PersonField(label="Who")
    starts_at = Moment(label="From")
    ends_at = Moment(label="To")
    every_weeks = forms.TypedChoiceField(
        choices=_REPEATS, coerce=int, empty_value=None, required=False, label="Again"
    )


class OverrideForm(_WithPerson):
    rota = forms.ModelChoiceField(Rota.objects.all(), empty_label=None)
    person = PersonField(label="Who stands in")
    starts_at = Moment(label="From")
    ends_at = Moment(label="To")
    reason = forms.CharField(required=False, max_length=200)


class PolicyForm(forms.Form):
    """A policy with up to five steps; a step without anybody is left out."""

    name = forms.CharField(max_length=60)
    is_default = forms.BooleanField(
        required=False, label="For incidents that alerts open, and wherever none is chosen"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        whom = [("", "Nobody"), ("everyone", "Everyone who may acknowledge")]
        whom += [(f"on_call:{rota.pk}", f"On call: {rota}") for rota in Rota.objects.all()]
        whom += [(f"person:{one.pk}", str(one)) for one in responders()]
        for number in range(1, STEPS + 1):
            self.fields[f"whom_{number}"] = forms.ChoiceField(
                choices=whom, required=False, label=f"Step {number}"
            )
            self.fields[f"after_{number}"] = forms.IntegerField(
                min_value=0, max_value=24 * 60, required=False, label="After minutes"
            )

    def pairs(self) -> list[tuple[Any, Any]]:
        """The two fields of each step, for the page."""
        return [(self[f"whom_{n}"], self[f"after_{n}"]) for n in range(1, STEPS + 1)]

    def steps(self) -> list[Wanted]:
        """Of a valid form."""
        found = []
        for number in range(1, STEPS + 1):
            kind, _, pk = str(self.cleaned_data.get(f"whom_{number}") or "").partition(":")
            after = self.cleaned_data.get(f"after_{number}") or 0
            if kind == StepKind.EVERYONE:
                found.append(Wanted(after, StepKind.EVERYONE))
            elif kind == StepKind.ON_CALL:
                found.append(Wanted(after, StepKind.ON_CALL, rota=Rota.objects.get(pk=pk)))
            elif kind == StepKind.PERSON:
                person = get_user_model().objects.get(pk=pk)
                found.append(Wanted(after, StepKind.PERSON, person=person))
        return found

    @classmethod
    def of(cls, policy: EscalationPolicy) -> "PolicyForm":
        """Filled in with what a policy says."""
        initial: dict[str, Any] = {"name": policy.name, "is_default": policy.is_default}
        for number, step in enumerate(policy.steps.all(), start=1):
            pk = step.rota_id or step.person_id
            initial[f"whom_{number}"] = f"{step.kind}:{pk}" if pk else step.kind
            initial[f"after_{number}"] = step.after_minutes
        return cls(initial=initial, prefix=f"p{policy.pk}")


class WindowForm(forms.Form):
    """A window; `shown` is the scope that the reader was shown the alerts of."""

    title = forms.CharField(
        max_length=120, label="What is done", error_messages={"required": "Say what is done."}
    )
    starts_at = Moment(label="From")
    ends_at = Moment(label="To", help_text=f"{span(WINDOW_AT_MOST)} at most")
    scope = forms.ChoiceField(
        choices=Scope.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it silences."},
    )
    service = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "There is no service %(value)s."}
    )
    alert_name = forms.ChoiceField(
        required=False,
        label="Alert",
        error_messages={"invalid_choice": "There is no alert %(value)s."},
    )
    everything_confirmed = forms.BooleanField(
        required=False, label="Silence every alert, including critical ones unrelated to this work"
    )
    shown = forms.CharField(required=False, max_length=320, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, none, known in (
            ("service", "Any service", scopes.services()),
            ("alert_name", "Any alert", scopes.names()),
        ):
            self.fields[name].choices = [("", none), *((one, one) for one in known)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[str, str, str]:
        """Scope, service and alert as they stand in the form, checked or not."""
        scope, service, name = (self[f].value() or "" for f in ("scope", "service", "alert_name"))
        return (scope, "", "") if scope == Scope.EVERYTHING else (scope, service, name)

    @property
    def chosen_key(self) -> str:
        return "|".join(self.chosen)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        scope, service, name = self.chosen
        if scope == Scope.EVERYTHING and not found.get("everything_confirmed"):
            self.add_error("everything_confirmed", "Confirm that it silences everything.")
        elif scope == Scope.CHOSEN and not self.errors:
            self._check_chosen(service, name)
        if not self.errors and found.get("shown") != self.chosen_key:
            raise forms.ValidationError("Look at what it silences, then schedule it.")
        return found

    def _check_chosen(self, service: str, name: str) -> None:
        if not (service or name):
            self.add_error("scope", "Choose a service, an alert, or both.")
        elif service and name and not scopes.covered(service=service, alert_name=name).alerts:
            self.add_error("alert_name", f"There is no {name} of {service}.")

    def plan(self) -> dict[str, Any]:
        """Of a valid form, what windows.plan() takes."""
        scope, service, name = self.chosen
        found = {field: self.cleaned_data[field] for field in ("title", "starts_at", "ends_at")}
        everything = scope == Scope.EVERYTHING
        return found | {"service": service, "alert_name": name, "everything": everything}


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = EmergencyContact
        fields = ["name", "role", "phone", "email", "position"]
        labels = {"email": "E-mail", "position": "Place in the list"}
        widgets = {"phone": forms.TextInput(attrs={"type": "tel"})}
        help_texts = {"role": "As in: Server owner"}

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not _PHONE.fullmatch(phone):
            raise forms.ValidationError("A number, as in +1 609 555 0100.")
        return phone
