"""The pages of the desk: the list, one request, and what is asked of them every few seconds."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.queue import items, listing, pages, watching
from compliance.verification import claims
from monitoring.people import Request
from monitoring.ui import params
from monitoring.ui.guards import needs

may_view = needs("verification.view", to="see age verifications")
may_decide = needs("verification.decide", to="decide age verifications")


@may_view
@require_GET
def index(request: Request) -> HttpResponse:
    """The list, and nothing open."""
    return pages.page(request, None)


@may_view
@require_GET
def rows(request: Request) -> HttpResponse:
    """The list alone, polled: 204 while it looks the same."""
    filters = listing.Filters.from_query(request.GET)
    found = listing.page(filters, request.user)
    totals = listing.counts(request.user, filters)
    version = listing.version_of(found, totals)
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = pages.list_context(request, filters, found, totals)
    before, now = params.whole(request.GET.get("total", "")), params.whole(totals[0][2])
    if before is not None and now is not None:
        new = now - before
        if new > 0:
            context["announce"] = f"{new} new request{'s' if new > 1 else ''}"
    return render(request, "queue/_rows.html", context)


@may_view
@require_GET
def show(request: Request, request_id: int) -> HttpResponse:
    """One item: facts only. The whole page without htmx, the two columns with it."""
    found = items.item(request_id, request.user)
    if found is None:
        return render(
            request, "404.html", {"sentence": "There is no request of that number."}, status=404
        )
    if request.htmx:
        return pages.item(request, found)
    return pages.page(request, found)


@may_view
@require_GET
def watch(request: Request, request_id: int) -> HttpResponse:
    """Who else looks, and what became of a request that is open; 204 while nothing changed."""
    seen = watching.watch(request_id, request.user, request.GET)
    if seen is None:
        return HttpResponse(status=204)
    context = {
        "watched": seen,
        "request_id": request_id,
        "here": pages.filters_of(request).as_query(),
    }
    return render(request, "queue/_watch.html", context)


@may_decide
@require_GET
def upcoming(request: Request, request_id: int) -> HttpResponse:
    """The facts of the one after this, to have them ready: not claimed, never a picture."""
    filters = pages.filters_of(request)
    among = listing.matching(filters, request.user) if filters.as_query() else None
    next_id = claims.next_for(request.user, request_id, among)
    if next_id is None or next_id == request_id:
        return HttpResponse(status=204)
    found = items.item(next_id, request.user)
    return pages.upcoming(request, found) if found else HttpResponse(status=204)
