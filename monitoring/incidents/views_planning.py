"""/incidents/on-call/, policies, maintenance windows and emergency contacts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from monitoring import policy
from monitoring.alerts.alertmanager import AlertmanagerUnavailable
from monitoring.delivery import transports
from monitoring.incidents import planning, policies, rotas, scopes, windows
from monitoring.incidents.forms import (
    ContactForm,
    OverrideForm,
    PolicyForm,
    RotaForm,
    ShiftForm,
    WindowForm,
    responders,
)
from monitoring.incidents.models import (
    EmergencyContact,
    EscalationPolicy,
    MaintenanceWindow,
    Override,
    Rota,
    Scope,
    Shift,
)
from monitoring.incidents.views import may_manage, may_see
from monitoring.people import Person, Request
from monitoring.refusals import Refusal
from monitoring.ui import params

WINDOWS = 20
SPANS = 12


@may_see
@require_GET
def on_call(request: Request) -> HttpResponse:
    """Who is on call now and next, gaps, and who can't be reached."""
    return render(request, "incidents/on_call.html", _on_call(request))


@may_manage
@require_POST
def on_call_change(request: Request) -> HttpResponse:
    """By the button that was pressed."""
    act = request.POST.get("act", "")
    pk = _key(request)
    drops: dict[str, tuple[type, Callable[..., None]]] = {
        "drop_rota": (Rota, planning.remove_rota),
        "drop_shift": (Shift, planning.remove_shift),
        "drop_override": (Override, planning.remove_override),
    }
    if act in drops:
        model, drop = drops[act]
        get_object_or_404(model, pk=pk)
        return _done(request, "on_call", lambda: drop(pk, by=request.user), "Removed.")
    forms = {"rota": RotaForm, "shift": ShiftForm, "override": OverrideForm}
    if act not in forms:
        return HttpResponseRedirect(reverse("on_call"))
    form = forms[act](request.POST, prefix=act)
    if form.is_valid():
        refusal = _try(lambda: _plan(act, form.cleaned_data, request.user))
        if not refusal:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("on_call"))
        form.add_error(None, refusal)
    context = _on_call(request) | {f"{act}_form": form}
    return render(request, "incidents/on_call.html", context, status=422)


@may_see
@require_GET
def escalation_policies(request: Request) -> HttpResponse:
    return render(request, "incidents/policies.html", _policies(request))


@may_manage
@require_POST
def policy_change(request: Request) -> HttpResponse:
    """Saves one, makes a new one, or removes one."""
    pk = _key(request)
    chosen = get_object_or_404(EscalationPolicy, pk=pk) if pk else None
    if request.POST.get("act") == "drop" and chosen is not None:
        return _done(
            request,
            "policies",
            lambda: planning.remove_policy(chosen.pk, by=request.user),
            "Removed. Open incidents keep their copy.",
        )
    form = PolicyForm(request.POST, prefix=f"p{chosen.pk}" if chosen else "new")
    if form.is_valid():
        refusal = _try(
            lambda: planning.save_policy(
                chosen,
                name=form.cleaned_data["name"],
                is_default=form.cleaned_data["is_default"],
                steps=form.steps(),
                by=request.user,
            )
        )
        if not refusal:
            messages.success(request, "Saved. Open incidents keep the policy that they began with.")
            return HttpResponseRedirect(reverse("policies"))
        form.add_error(None, refusal)
    context = _policies(request, {pk: form})
    return render(request, "incidents/policies.html", context, status=422)


@may_see
@require_GET
def maintenance_windows(request: Request) -> HttpResponse:
    """Active ones, those to come, and the last ones; `?alert=` fills the form in.

    With `?part=scope`, what the chosen scope would silence.
    """
    if request.GET.get("part") == "scope":
        form = WindowForm(initial=request.GET.dict())
        return render(request, "incidents/_scope.html", _scope(form))
    return render(request, "incidents/windows.html", _windows(request, None))


@may_manage
@require_POST
def window_change(request: Request) -> HttpResponse:
    """Plans one, or ends one early."""
    if request.POST.get("act") == "end":
        pk = get_object_or_404(MaintenanceWindow, pk=_key(request)).pk
        return _done(
            request,
            "maintenance_windows",
            lambda: windows.end_early(pk, by=request.user),
            "Ended: alerts page again.",
        )
    form = WindowForm(request.POST)
    if form.is_valid():
        refusal = _try(lambda: windows.plan(by=request.user, **form.plan()))
        if not refusal:
            messages.success(request, "Window scheduled. It ends automatically.")
            return HttpResponseRedirect(reverse("maintenance_windows"))
        form.add_error(None, refusal)
    return render(request, "incidents/windows.html", _windows(request, form), status=422)


@may_see
@require_GET
def contacts(request: Request) -> HttpResponse:
    return render(request, "incidents/contacts.html", _contacts(request))


@may_manage
@require_POST
def contact_change(request: Request) -> HttpResponse:
    """Saves one, adds one, or removes one."""
    pk = _key(request)
    contact = get_object_or_404(EmergencyContact, pk=pk) if pk else None
    if request.POST.get("act") == "drop" and contact is not None:
        return _done(
            request,
            "contacts",
            lambda: planning.remove_contact(contact.pk, by=request.user),
            "Removed.",
        )
    form = ContactForm(request.POST, instance=contact, prefix=f"c{pk}" if pk else "new")
    # The table's own rule is said by planning, in words for the whole form.
    if form.is_valid():
        refusal = _try(lambda: planning.save_contact(form.save(commit=False), by=request.user))
        if not refusal:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("contacts"))
        form.add_error(None, refusal)
    return render(request, "incidents/contacts.html", _contacts(request, {pk: form}), status=422)


def _plan(act: str, found: dict[str, Any], by: Person) -> None:
    if act == "rota":
        planning.make_rota(found["name"], by=by)
    elif act == "shift":
        planning.add_shift(by=by, **found)
    else:
        planning.add_override(by=by, **found)


def _on_call(request: Request) -> dict[str, Any]:
    now = timezone.now()
    end = now + policy.ESCALATION_LOOK_AHEAD
    lines = []
    for rota in Rota.objects.prefetch_related("shifts__person"):
        spans = rotas.spans(rota, now, end)
        lines.append(
            {
                "rota": rota,
                "now": spans[0],
                "next": spans[1] if len(spans) > 1 else None,
                "spans": spans[:SPANS],
                "gaps": [span for span in spans if span.is_gap],
                "shifts": rota.shifts.all(),
                "overrides": rota.overrides.filter(ends_at__gt=now).select_related("person"),
            }
        )
    people = [
        (person, [transports.words(w) for w in transports.ways_of(person)])
        for person in (responders())
    ]
    start = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    initial = {"starts_at": start, "ends_at": start + timedelta(weeks=1)}
    # Hours are real ones, also where the clock changes in between; a week keeps the hour.
    short = {"starts_at": start, "ends_at": timezone.localtime(_later(start, hours=8))}
    return {
        "place": "on-call",
        "rotas": lines,
        "people": people,
        "unreachable": [person for person, ways in people if not ways],
        "problems": _problems(now),
        "rota_form": RotaForm(prefix="rota"),
        "shift_form": ShiftForm(prefix="shift", initial=initial),
        "override_form": OverrideForm(prefix="override", initial=short),
        "look_ahead": policy.ESCALATION_LOOK_AHEAD,
        "may_manage": request.user.has_perm("incidents.manage"),
    }


def _problems(now: Any) -> list[tuple[str, str]]:
    """Steps of policies that would reach nobody if something happened now: (step, why)."""
    found = []
    copies = [policies.freeze(one) for one in EscalationPolicy.objects.all()]
    if not any(one.is_default for one in EscalationPolicy.objects.all()):
        copies.append(policies.BUILT_IN)
    for copy in copies:
        for step in copy["steps"]:
            at = now + timedelta(seconds=step["after_seconds"])
            if why := policies.problem(step, at):
                found.append((f"{copy['name']}, step {step['position']}", why))
    return found


def _policies(request: Request, bound: dict[int, PolicyForm] | None = None) -> dict[str, Any]:
    now = timezone.now()
    bound = bound or {}
    lines = []
    for one in EscalationPolicy.objects.prefetch_related("steps"):
        steps = [
            (policies.title(s), policies.whom(s, now), policies.problem(s, now))
            for s in policies.freeze(one)["steps"]
        ]
        lines.append((one, steps, bound.get(one.pk) or PolicyForm.of(one)))
    return {
        "place": "policies",
        "policies": lines,
        "built_in": [
            (policies.title(s), policies.whom(s, now), policies.problem(s, now))
            for s in policies.BUILT_IN["steps"]
        ],
        "has_default": any(one.is_default for one, *_ in lines),
        "new_form": bound.get(0) or PolicyForm(prefix="new"),
        "new_is_open": 0 in bound,
        "bad": [pk for pk in bound if pk],
        "may_manage": request.user.has_perm("incidents.manage"),
    }


def _later(moment: datetime, *, hours: int) -> datetime:
    return moment.astimezone(UTC) + timedelta(hours=hours)


def _windows(request: Request, form: WindowForm | None) -> dict[str, Any]:
    now = timezone.localtime().replace(second=0, microsecond=0)
    if form is None:
        form = WindowForm(
            initial={
                "title": request.GET.get("title", "")[:120],
                "scope": Scope.CHOSEN,
                "service": request.GET.get("service", "")[:100],
                "alert_name": request.GET.get("alert", "")[:200],
                "starts_at": now,
                "ends_at": timezone.localtime(_later(now, hours=1)),
            }
        )
    rows = MaintenanceWindow.objects.select_related("made_by", "ended_by")
    over = rows.filter(ends_at__lte=timezone.now()).order_by("-ends_at")[:WINDOWS]

    def shown(found: Any) -> list[tuple[MaintenanceWindow, str]]:
        return [(one, windows.what(one)) for one in found]

    return {
        "place": "windows",
        "active": shown(rows.filter(pk__in=[one.pk for one in windows.active()])),
        "upcoming": shown(rows.upcoming().order_by("starts_at")),
        "over": shown(over),
        "form": form,
        "longest": policy.WINDOW_AT_MOST,
        "asked_every": policy.ESCALATION_EVERY,
        "may_manage": request.user.has_perm("incidents.manage"),
        **_scope(form),
    }


def _scope(form: WindowForm) -> dict[str, Any]:
    """What the form's scope covers; None while nothing is chosen."""
    scope, service, name = form.chosen
    is_chosen = scope == Scope.EVERYTHING or bool(service or name)
    return {
        "form": form,
        "covered": scopes.covered(service=service, alert_name=name) if is_chosen else None,
    }


def _contacts(request: Request, bound: dict[int, ContactForm] | None = None) -> dict[str, Any]:
    bound = bound or {}
    return {
        "place": "contacts",
        "contacts": [
            (one, bound.get(one.pk) or ContactForm(instance=one, prefix=f"c{one.pk}"))
            for one in EmergencyContact.objects.all()
        ],
        "new_form": bound.get(0) or ContactForm(prefix="new"),
        "bad": [pk for pk in bound if pk],
        "may_manage": request.user.has_perm("incidents.manage"),
    }


def _key(request: Request) -> int:
    return params.whole(request.POST.get("pk", "")) or 0


def _try(act: Callable[[], object]) -> str:
    """Do it; why it was refused, or ""."""
    try:
        act()
    except (Refusal, AlertmanagerUnavailable) as why:
        return str(why)
    return ""


def _done(request: Request, name: str, act: Callable[[], object], said: str) -> HttpResponse:
    refusal = _try(act)
    if refusal:
        messages.warning(request, refusal)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse(name))
