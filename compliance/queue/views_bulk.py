"""/queue/bulk/: expire, assign or release many requests, after a look at what will happen."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from compliance import policy
from compliance.desk import holding, undoing
from compliance.queue import bulk, forms, listing, pages
from compliance.refusals import Refusal
from compliance.verification.models import RequestQuerySet
from compliance.verification.states import Method
from monitoring.people import Request
from monitoring.ui import acts
from monitoring.ui.guards import needs, refuse

may_bulk = needs("verification.bulk", to="act on many requests at once")


@may_bulk
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """Choose (GET), look at what will happen (`step=preview`), do it (`step=do`)."""
    if request.method != "POST":
        return _choose(request)
    try:
        said = acts.read(forms.Bulk, request)
        if said["step"] == "do":
            return _do(request, said)
        return _preview(request, said)
    except Refusal as refusal:
        return _choose(request, refusal)


def _choose(request: Request, refusal: Refusal | None = None) -> HttpResponse:
    filters = listing.Filters.from_query(request.GET)
    found = listing.matching(filters, request.user)
    count = found[: listing.COUNT_AT_MOST].count()
    context = {
        "filters": filters,
        "here": filters.as_query(),
        "page": listing.page(filters, request.user),
        "count": "999+" if count >= listing.COUNT_AT_MOST else str(count),
        "tabs": listing.TABS.items(),
        "states": pages.STATE_CHOICES,
        "methods": Method.choices,
        "acts": bulk.Act.choices,
        "reviewers": pages.others_who_decide(request.user),
        "at_most": policy.BULK_AT_MOST,
        "refusal": refusal,
        "lately": holding.lately(request.user, bulk.HELD),
    } | undoing.context(request.user)
    return render(request, "queue/bulk.html", context, status=422 if refusal else 200)


def _preview(request: Request, said: dict[str, Any]) -> HttpResponse:
    act = said["act"]
    if act not in bulk.Act.values:
        return refuse(request, "Choose what should happen to them.", status=422)
    chosen = _chosen(request, said)
    to = pages.reviewer(request, said["to"]) if act == bulk.Act.ASSIGN else None
    found = bulk.preview(bulk.Act(act), chosen, by=request.user, to=to)
    context = {
        "preview": found,
        "sealed": found.sealed(),
        "here": listing.Filters.from_query(request.GET).as_query(),
        "will": found.will[:10],
        "more": max(0, len(found.will) - 10),
        "done": bulk.DONE[found.act],
    }
    return render(request, "queue/bulk_preview.html", context)


def _chosen(request: Request, said: dict[str, Any]) -> RequestQuerySet:
    """The ticked requests, or all that match the filters; no more than the policy allows."""
    filters = listing.Filters.from_query(request.GET)
    found = listing.in_order(filters, request.user).select_related("member")
    if said["which"] != "all":
        if not said["request"]:
            raise Refusal("not_allowed", "Tick at least one, or choose all that match.")
        found = found.filter(pk__in=said["request"])
    return found[: policy.BULK_AT_MOST]


def _do(request: Request, said: dict[str, Any]) -> HttpResponse:
    bulk.hold(said["sealed"], by=request.user, note=said["note"])
    query = listing.Filters.from_query(request.GET).as_query()
    return HttpResponseRedirect(reverse("queue_bulk") + query)
