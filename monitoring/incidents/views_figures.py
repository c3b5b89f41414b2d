"""/incidents/figures/: how fast somebody answers and how long it takes, week by week."""

import plotly.graph_objects as go
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from monitoring import policy
from monitoring.incidents import figures
from monitoring.incidents.views import may_see
from monitoring.ui.words import span

WEEKS = 12


@may_see
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    spans = [
        (span(period), figures.mtta(now - period), figures.mttr(now - period))
        for period in policy.INCIDENT_FIGURES_SPANS
    ]
    context = {"weeks": figures.weeks(WEEKS), "spans": spans, "place": "figures"}
    return render(request, "incidents/figures.html", context)


@may_see
@require_GET
def chart(request: HttpRequest) -> JsonResponse:
    """The Plotly figure; the page's script gives it its colours."""
    weeks = figures.weeks(WEEKS)
    made = go.Figure()
    for name, values in (
        ("To acknowledge (MTTA)", [week.mtta for week in weeks]),
        ("To resolve (MTTR)", [week.mttr for week in weeks]),
    ):
        made.add_bar(
            name=name,
            x=[f"{week.begins.date():%Y-%m-%d}" for week in weeks],
            y=[value.total_seconds() / 60 if value is not None else None for value in values],
        )
    return JsonResponse(made.to_plotly_json(), safe=False)
