"""/incidents/: the list, one incident, and what can be done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from monitoring import policy
from monitoring.alerts.models import Severity
from monitoring.incidents import (
    escalating,
    export,
    listening,
    listing,
    moving,
    opening,
    showing,
    windows,
)
from monitoring.incidents.forms import OpenForm, responders
from monitoring.incidents.models import Incident
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui import params
from monitoring.ui.guards import needs

may_see = needs("incidents.view", to="see incidents")
may_acknowledge = needs("incidents.acknowledge", to="acknowledge incidents")
may_manage = needs("incidents.manage", to="manage incidents")


@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    """The list; alone for htmx, and 204 while it looks the same."""
    filters = listing.Filters.from_query(request.GET)
    page = listing.page(filters)
    recent = listing.recent() if filters == listing.Filters() else []
    version = listing.version([*page.rows, *recent])
    is_poll = request.htmx and request.GET.get("part") == "list"
    if is_poll and request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context: dict[str, Any] = {
        "filters": filters,
        "page": page,
        "recent": recent,
        "version": version,
        "tabs": [(key, title, _count(key)) for key, title in listing.TABS.items()],
        "may_manage": request.user.has_perm("incidents.manage"),
    }
    if is_poll:
        return render(request, "incidents/_list.html", context)
    mtta, mttr = listing.lately()
    context |= {
        "place": "incidents",
        "severities": Severity.choices,
        "mtta": mtta,
        "mttr": mttr,
        "figures_period": policy.INCIDENT_FIGURES_PERIOD,
        "on_call": showing.on_call_now(),
        "windows": windows.active(),
    }
    return render(request, "incidents/index.html", context)


@may_manage
@require_http_methods(["GET", "POST"])
def open_(request: Request) -> HttpResponse:
    """The form of an incident that no alert says."""
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        incident = opening.open_by_hand(
            by=request.user,
            title=found["title"],
            severity=found["severity"],
            text=found["text"],
            service=found["service"],
            chosen=found["policy"],
        )
        listening.ask_for_escalation()
        return HttpResponseRedirect(incident.get_absolute_url())
    context = {"form": form, "place": "incidents"}
    return render(request, "incidents/open.html", context, status=422 if form.errors else 200)


@may_see
@require_GET
def show(request: Request, number: int) -> HttpResponse:
    """One incident; for a poll what changes while somebody looks, 204 while nothing has."""
    incident = _find(number)
    context = _live(request, incident)
    if request.htmx and request.GET.get("part") == "live":
        # The browser spares acts that somebody types into: it says what it shows of them.
        context["acts_changed"] = request.GET.get("state") != context["acts_state"]
        if request.GET.get("seen") == context["version"] and not context["acts_changed"]:
            return HttpResponse(status=204)
        return render(request, "incidents/_live.html", context | {"oob": True})
    return render(request, "incidents/incident.html", context | _still(request, incident))


@may_see
@require_GET
def export_(request: Request, number: int) -> HttpResponse:
    """As a Markdown file."""
    incident = _find(number)
    name = f"{incident}-{slugify(incident.title)[:60]}.md"
    answer = HttpResponse(export.markdown(incident), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@may_acknowledge
@require_POST
def acknowledge(request: Request, number: int) -> HttpResponse:
    comment = request.POST.get("comment", "")[:500]

    def act() -> None:
        moving.acknowledge(number, by=request.user, comment=comment)
        moving.acknowledge_alerts(number, by=request.user)

    return _act(request, number, act, "Acknowledged: nobody else is told.")


@may_manage
@require_POST
def move(request: Request, number: int) -> HttpResponse:
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "")
    although = request.POST.get("although_firing") == "on"
    return _act(
        request,
        number,
        lambda: moving.move(number, to, by=request.user, reason=reason, although_firing=although),
        "Moved.",
        typed={"to": to, "reason": reason},
    )


@may_manage
@require_POST
def note(request: Request, number: int) -> HttpResponse:
    text = request.POST.get("text", "")
    return _act(request, number, lambda: moving.add_note(number, text, by=request.user), "Noted.")


@may_manage
@require_POST
def commander(request: Request, number: int) -> HttpResponse:
    pk = request.POST.get("person", "")
    person = get_object_or_404(get_user_model(), pk=params.whole(pk))
    return _act(
        request,
        number,
        lambda: moving.name_commander(number, person, by=request.user),
        f"{person} is commander.",
    )


@may_manage
@require_POST
def escalate(request: Request, number: int) -> HttpResponse:
    """The next step at once."""

    def act() -> None:
        escalating.escalate_now(number, by=request.user)
        listening.ask_for_escalation()

    return _act(request, number, act, "The next step is done.")


def _act(
    request: Request,
    number: int,
    act: Callable[[], object],
    done: str,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    """Do it, and show the incident: what changed of it for htmx, the page otherwise.

    After a refusal the form of the move is open, with the reason that was `typed` into it.
    """
    incident = _find(number)
    refusal = ""
    try:
        act()
    except Refusal as why:
        refusal = str(why)
    context: dict[str, Any] = {"refusal": refusal, "said": refusal or done}
    if request.htmx or (refusal and typed):
        incident = _find(number)
        context |= _live(request, incident)
    if refusal and typed:
        has_form = typed["to"] in {act.to for act in context["acts"]}
        context["typed"] = {**typed, "has_form": has_form}
    if request.htmx:
        context |= {"oob": True, "acts_changed": not refusal or bool(typed)}
        return render(request, "incidents/_live.html", context, status=409 if refusal else 200)
    if refusal and typed:
        context |= _still(request, incident)
        return render(request, "incidents/incident.html", context, status=409)
    if refusal:
        messages.warning(request, refusal)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("incident", args=[number]))


def _live(request: Request, incident: Incident) -> dict[str, Any]:
    """What changes while somebody looks."""
    lines, older = showing.entries(incident, request.GET.get("after", ""))
    steps = showing.steps(incident)
    may_manage = request.user.has_perm("incidents.manage")
    newest = incident.timeline.order_by("-id").values_list("pk", flat=True).first()
    problems = sum(bool(step.problem) for step in steps)
    firing = moving.firing(incident)
    # The acts warn while its alerts fire; they are drawn anew when that changes.
    acts_state = f"{incident.state}{'-firing' if firing else ''}"
    return {
        "incident": incident,
        "stages": showing.stages(incident),
        "lines": lines,
        "older": older,
        "steps": steps,
        "nobody_told": showing.nobody_told(incident, steps),
        "on_call": showing.on_call_now(),
        "acts_state": acts_state,
        "while_it_fires": moving.while_it_fires(firing) if firing else "",
        "version": f"{acts_state}-{newest}-{incident.commander_id}-{problems}",
        "may_manage": may_manage,
        "may_acknowledge": request.user.has_perm("incidents.acknowledge"),
        "acts": showing.acts(incident),
        "people": list(responders()) if may_manage and incident.is_live else [],
        "links": list(
            incident.links.select_related("alert").order_by("-resolved_at", "id")[: showing.ALERTS]
        ),
        "firing": firing,
        "alerts": incident.links.count(),
    }


def _still(request: Request, incident: Incident) -> dict[str, Any]:
    first = incident.links.select_related("alert").order_by("id").first()
    return {
        "alert": first.alert if first else None,
        "runbook": showing.runbook(incident),
        "place": "incidents",
    }


def _find(number: int) -> Incident:
    found = Incident.objects.select_related("commander", "opened_by", "acknowledged_by")
    return get_object_or_404(found, pk=number)


def _count(tab: str) -> int | None:
    return listing.live_count() if tab == "live" else None
