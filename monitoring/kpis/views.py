"""/kpis/: every KPI of the community's list, and one page for each of them."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from monitoring import policy
from monitoring.kpis import drawing, registry, showing, words
from monitoring.kpis.models import Snapshot
from monitoring.kpis.registry import Kpi, UnknownKpi
from monitoring.people import Request
from monitoring.ui.guards import needs, refuse

may_see = needs("kpis.view", to="see the KPIs")
_COLUMNS = ("KPI", "Title", "Day", "State", "Value", "Unit", "Target met", "Part", "Note")


@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    groups = showing.groups()
    lines = [line for group in groups for line in group.lines]
    context = {
        "groups": groups,
        "count": len(lines),
        "measured": sum(group.measured for group in groups),
        "off": [line for line in lines if line.met is False],
    }
    return render(request, "kpis/index.html", context)


@may_see
@require_GET
def show(request: Request, slug: str) -> HttpResponse:
    try:
        kpi = registry.get(slug)
    except UnknownKpi:
        return refuse(request, f"There is no KPI called {slug[:40]!r}.", 404)
    line = showing.line(kpi)
    newest = line.with_parts
    context = {
        "line": line,
        "kpi": kpi,
        "parts": [
            (label, _figure(value, kpi)) for label, value in (newest.parts if newest else ())
        ],
        "parts_of": newest,
        "rows": [(row, _figure(row.value, kpi)) for row in line.days],
        "further": [link for link in kpi.further if request.user.has_perm(link.right)],
        "table": kpi.table() if kpi.table else None,
        "too_few": policy.KPI_TOO_FEW,
        "shown": policy.KPI_SHOWN,
    }
    return render(request, "kpis/kpi.html", context)


@may_see
@require_GET
def chart(request: Request, slug: str) -> HttpResponse:
    """The Plotly figure of the days that are shown."""
    try:
        kpi = registry.get(slug)
    except UnknownKpi:
        return refuse(request, f"There is no KPI called {slug[:40]!r}.", 404)
    days, series = showing.series(kpi, showing.line(kpi))
    return JsonResponse(drawing.chart(kpi, days, series), safe=False)


@may_see
@require_GET
def export(request: Request) -> HttpResponse:
    """The days that are shown as CSV, a line for each value and each part. `?kpi=` for one."""
    kpis = registry.all_kpis()
    if slug := request.GET.get("kpi", ""):
        kpis = [kpi for kpi in kpis if kpi.slug == slug]
        if not kpis:
            return refuse(request, f"There is no KPI called {slug[:40]!r}.", 404)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="kpis{"-" + slug if slug else ""}.csv"'
    csv.writer(answer).writerows(_lines(kpis))
    return answer


def _figure(value: float | None, kpi: Kpi) -> str:
    return "–" if value is None else words.figure(value, kpi.unit)


def _lines(kpis: Iterable[Kpi]) -> Iterator[list[Any]]:
    yield list(_COLUMNS)
    known = {kpi.slug: kpi for kpi in kpis}
    for row in Snapshot.objects.filter(kpi__in=known, day__gte=showing.first_day()).order_by(
        "day", "kpi"
    ):
        kpi = known[row.kpi]
        met = "" if row.met is None else ("yes" if row.met else "no")
        begin = [kpi.slug, kpi.title, f"{row.day:%Y-%m-%d}", row.state]
        yield [*begin, _cell(row.value), kpi.unit.value, met, "", _safe(row.note)]
        for label, value in row.parts:
            yield [*begin, _cell(value), kpi.unit.value, "", _safe(label), ""]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _safe(text: str) -> str:
    """Names of channels are other people's: a spreadsheet must not take one for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
