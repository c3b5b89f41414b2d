"""/alerts/: what fires and what did, one alert, and acts on it."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from monitoring import policy
from monitoring.alerts import (
    acknowledging,
    belonging,
    chart,
    listing,
    runbooks,
    silencing,
    telling,
)
from monitoring.alerts.models import Acknowledgement, Alert, Severity, Status
from monitoring.health import scoring
from monitoring.panels import board as boards
from monitoring.panels.registry import panel
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui import params
from monitoring.ui.guards import needs
from monitoring.ui.words import Texts, duration

may_see = needs("alerts.view", to="see alerts")
may_acknowledge = needs("alerts.acknowledge", to="acknowledge alerts")
may_silence = needs("alerts.silence", to="silence alerts")
EVENTS_SHOWN = 100


@never_cache
@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    filters = listing.Filters.from_query(request.GET)
    context = _list(request, filters) | {
        "severities": Severity.choices,
        "statuses": Status.choices,
        "services": listing.services(),
        "names": listing.names(),
        "heard_at": listing.watchdog_heard_at(),
    }
    return render(request, "alerts/index.html", context)


@never_cache
@may_see
@require_GET
def rows(request: Request) -> HttpResponse:
    """The list alone, for polls; 204 when the reader has it already."""
    context = _list(request, listing.Filters.from_query(request.GET))
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "alerts/_list.html", context)


@never_cache
@may_see
@require_GET
def show(request: Request, alert_id: int) -> HttpResponse:
    """One alert; `part` gives what changes by itself, for polls."""
    alert = get_object_or_404(Alert, pk=alert_id)
    context = _state(request, alert)
    if request.GET.get("part"):
        if request.GET.get("seen") == context["version"]:
            return HttpResponse(status=204)
        return render(request, "alerts/_state.html", context)
    texts = Texts(policy.ALERT_TEXTS_SHOWN)
    context |= {
        "texts": texts,
        "description": texts.take(alert.description),
        "labels": [(name, texts.take(value)) for name, value in sorted(alert.labels.items())],
        "annotations": [
            (name, texts.take(value))
            for name, value in sorted(alert.annotations.items())
            if name not in ("summary", "description", "runbook_url", "runbook")
        ],
        "runbook": runbooks.rendered(alert.runbook),
        "runbook_link": alert.runbook if runbooks.is_link(alert.runbook) else "",
    }
    return render(request, "alerts/alert.html", context)


@never_cache
@may_see
@require_GET
def draw(request: Request, alert_id: int) -> HttpResponse:
    """The alert's figure: its frame as a partial, or as JSON what Plotly draws into it."""
    alert = get_object_or_404(Alert, pk=alert_id)
    drawn = chart.of(alert)
    if request.GET.get("format") == "json":
        return JsonResponse(chart.figure(alert, drawn))
    context = {"alert": alert, "chart": drawn, "table": chart.table(drawn)}
    return render(request, "alerts/_chart.html", context)


@may_acknowledge
@require_POST
def acknowledge(request: Request, alert_id: int) -> HttpResponse:
    comment = request.POST.get("comment", "")
    return _act(
        request,
        alert_id,
        lambda: acknowledging.acknowledge(alert_id, by=request.user, comment=comment),
        "Acknowledged. Whoever was told sees it too.",
    )


@may_acknowledge
@require_POST
def withdraw(request: Request, alert_id: int) -> HttpResponse:
    return _act(
        request,
        alert_id,
        lambda: acknowledging.withdraw(alert_id, by=request.user),
        "Withdrawn: nobody looks after it now.",
    )


@may_silence
@require_POST
def silence(request: Request, alert_id: int) -> HttpResponse:
    until = _until(request)
    comment = request.POST.get("comment", "")
    return _act(
        request,
        alert_id,
        lambda: silencing.silence(alert_id, by=request.user, until=until, comment=comment),
        f"Silenced for {duration(until - timezone.now() + timedelta(seconds=1))}.",
    )


def _act(request: Request, alert_id: int, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and show the row (from the list, by htmx) or the alert's page."""
    refusal = ""
    try:
        act()
    except Alert.DoesNotExist:
        return get_object_or_404(Alert, pk=alert_id)  # type: ignore[return-value]
    except Refusal as why:
        refusal = str(why)
    listing.forget_totals()
    if request.htmx:
        alert = get_object_or_404(Alert, pk=alert_id)
        status = 409 if refusal else 200
        if request.htmx.target == "alert-state":
            context = _state(request, alert) | {"refusal": refusal, "said": done}
            return render(request, "alerts/_state.html", context, status=status)
        (row,) = listing.rows_of([alert])
        context = {"row": row, "refusal": refusal, "said": done, **_rights(request)}
        return render(request, "alerts/_row.html", context, status=status)
    if request.POST.get("next") == reverse("mobile"):  # it shows who looks after what
        boards.renew(panel("critical-alerts"))
        scoring.renew()
        return HttpResponseRedirect(reverse("mobile"))
    if refusal:
        messages.warning(request, refusal)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("alert", args=[alert_id]))


def _until(request: Request) -> datetime:
    """`hours`, or `until` in the reader's zone; what is neither lies in the past and is refused."""
    hours = params.whole(request.POST.get("hours", ""), 9999)
    if hours is not None:
        return timezone.now() + timedelta(hours=hours)
    try:
        moment = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        moment = None
    if moment is None:
        return timezone.now() - timedelta(seconds=1)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _list(request: Request, filters: listing.Filters) -> dict[str, Any]:
    page, totals = listing.page(filters), listing.totals()
    counts = {"firing": totals["firing"], "acknowledged": totals["acknowledged"]}
    tone = listing.firing_tone()
    return {
        "filters": filters,
        "page": page,
        "totals": totals,
        "tone": tone,
        "version": f"{page.version}-{totals['firing']}-{totals['acknowledged']}-{tone}",
        "tabs": [(key, title, counts.get(key)) for key, title in listing.TABS.items()],
        **_rights(request),
    }


def _state(request: Request, alert: Alert) -> dict[str, Any]:
    """What changes while somebody looks."""
    (row,) = listing.rows_of([alert])
    told = list(telling.messages_about(alert))
    events = list(alert.events.select_related("by").order_by("-id")[:EVENTS_SHOWN])
    earlier = Acknowledgement.objects.filter(alert=alert, withdrawn_at__isnull=False).count()
    shown = [(one.state, one.shown, one.attempts) for one in told]
    whole = belonging.of(alert)
    newest = events[0].pk if events else 0
    rest = _short_hash(shown, whole, row.why)
    return {
        "alert": alert,
        "held": row.held,
        "why": row.why,
        "whole": whole,
        "withdrawn": earlier,
        "told": told,
        "events": events,
        "version": f"{alert.status}-{alert.is_silenced}-{newest}-{rest}",
        "lasted": alert.ends_at and alert.ends_at - alert.starts_at,
        "silences": [
            (hours := int(length.total_seconds() // 3600), f"{hours} h")
            for length in policy.SILENCES
        ],
        **_rights(request),
    }


def _short_hash(*shown: object) -> str:
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:8]


def _rights(request: Request) -> dict[str, bool]:
    return {
        "may_acknowledge": request.user.has_perm("alerts.acknowledge"),
        "may_silence": request.user.has_perm("alerts.silence"),
    }
