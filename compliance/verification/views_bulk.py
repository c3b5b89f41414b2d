"""/queue/bulk/: expire, assign or release many requests, after a look at what will happen."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from compliance import policy
from compliance.verification import bulk, desk, queue
from compliance.verification.errors import Refusal
from compliance.verification.models import RequestQuerySet
from compliance.verification.states import Method
from monitoring.ui.guards import needs, refuse

may_bulk = needs("verification.bulk", to="act on many requests at once")
_DONE = {
    bulk.Act.EXPIRE: "expired",
    bulk.Act.ASSIGN: "assigned",
    bulk.Act.RELEASE: "released",
}


@may_bulk
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Choose (GET), look at what will happen (`step=preview`), do it (`step=do`)."""
    if request.method != "POST":
        return _choose(request)
    try:
        if request.POST.get("step") == "do":
            return _do(request)
        return _preview(request)
    except Refusal as refusal:
        return _choose(request, refusal)


def _choose(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    filters = queue.Filters.from_query(request.GET)
    found = queue.matching(filters, request.user)
    count = found[: queue.COUNT_AT_MOST].count()
    context = {
        "filters": filters,
        "here": filters.as_query(),
        "page": queue.page(filters, request.user),
        "count": "999+" if count >= queue.COUNT_AT_MOST else str(count),
        "tabs": queue.TABS.items(),
        "states": desk.STATE_CHOICES,
        "methods": Method.choices,
        "acts": bulk.Act.choices,
        "reviewers": desk.others_who_decide(request.user),
        "at_most": policy.BULK_AT_MOST,
        "refusal": refusal,
    }
    return render(request, "verification/bulk.html", context, status=422 if refusal else 200)


def _preview(request: HttpRequest) -> HttpResponse:
    act = request.POST.get("act", "")
    if act not in bulk.Act.values:
        return refuse(request, "Choose what should happen to them.", status=422)
    chosen = _chosen(request)
    to = desk.reviewer(request, request.POST.get("to", "")) if act == bulk.Act.ASSIGN else None
    found = bulk.preview(bulk.Act(act), chosen, to=to)
    context = {
        "preview": found,
        "sealed": found.sealed(),
        "here": queue.Filters.from_query(request.GET).as_query(),
        "will": found.will[:10],
        "more": max(0, len(found.will) - 10),
        "done": _DONE[found.act],
    }
    return render(request, "verification/bulk_preview.html", context)


def _chosen(request: HttpRequest) -> RequestQuerySet:
    """The ticked requests, or all that match the filters; no more than the policy allows."""
    filters = queue.Filters.from_query(request.GET)
    found = queue.in_order(filters, request.user).select_related("member")
    if request.POST.get("which") != "all":
        ticked = [text for text in request.POST.getlist("request") if text.isdecimal()]
        ids = [int(text) for text in ticked if len(text) < 20]
        if not ids:
            raise Refusal("not_allowed", "Tick at least one, or choose all that match.")
        found = found.filter(pk__in=ids)
    return found[: policy.BULK_AT_MOST]


def _do(request: HttpRequest) -> HttpResponse:
    done = bulk.do(
        request.POST.get("sealed", ""),
        by=request.user,
        note=request.POST.get("note", ""),
        staff=_staff,
    )
    messages.success(request, f"{done.done} {_DONE[done.act]}.")
    for why, number in done.refused.items():
        messages.warning(request, f"{number} left as they are: {why}")
    query = queue.Filters.from_query(request.GET).as_query()
    return HttpResponseRedirect(reverse("queue_bulk") + query)


def _staff(pk: int) -> Any:
    return get_user_model().objects.filter(pk=pk).first()
