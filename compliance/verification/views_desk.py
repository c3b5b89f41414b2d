"""The pages of the desk: the list, one request, and what is asked of them every few seconds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.verification import claims, desk, items, queue, watching
from monitoring.ui.guards import needs

may_view = needs("verification.view", to="see age verifications")
may_decide = needs("verification.decide", to="decide age verifications")


@may_view
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list, and nothing open."""
    return desk.page(request, None)


@may_view
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, polled: 204 while it looks the same."""
    filters = queue.Filters.from_query(request.GET)
    found = queue.page(filters, request.user)
    totals = queue.counts(request.user, filters)
    version = queue.version_of(found, totals)
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = desk.list_context(request, filters, found, totals)
    before = request.GET.get("total", "")
    if before.isdecimal() and len(before) < 20 and totals[0][2].isdigit():
        new = int(totals[0][2]) - int(before)
        if new > 0:
            context["announce"] = f"{new} new request{'s' if new > 1 else ''}"
    return render(request, "verification/_rows.html", context)


@may_view
@require_GET
def show(request: HttpRequest, request_id: int) -> HttpResponse:
    """One item: facts only. The whole page without htmx, the two columns with it."""
    found = items.item(request_id, request.user)
    if found is None:
        return render(
            request, "404.html", {"sentence": "There is no request of that number."}, status=404
        )
    if request.htmx:  # type: ignore[attr-defined]
        return desk.item(request, found)
    return desk.page(request, found)


@may_view
@require_GET
def watch(request: HttpRequest, request_id: int) -> HttpResponse:
    """Who else looks, and what became of a request that is open; 204 while nothing changed."""
    seen = watching.watch(request_id, request.user, request.GET)
    if seen is None:
        return HttpResponse(status=204)
    context = {
        "watched": seen,
        "request_id": request_id,
        "here": desk.filters_of(request).as_query(),
    }
    return render(request, "verification/_watch.html", context)


@may_decide
@require_GET
def upcoming(request: HttpRequest, request_id: int) -> HttpResponse:
    """The facts of the one after this, to have them ready: not claimed, never a picture."""
    filters = desk.filters_of(request)
    among = queue.matching(filters, request.user) if filters.as_query() else None
    next_id = claims.next_for(request.user, items.place_of(request_id), among)
    if next_id is None or next_id == request_id:
        return HttpResponse(status=204)
    found = items.item(next_id, request.user)
    return desk.upcoming(request, found) if found else HttpResponse(status=204)
