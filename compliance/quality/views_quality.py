"""/queue/quality/: how well we judge, and practice cases."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import policy
from compliance.quality import figures, forms, golden
from compliance.quality.views_second import tabs
from compliance.refusals import Refusal
from monitoring.people import Request
from monitoring.ui import acts, refused
from monitoring.ui.guards import needs

may_see = needs("verification.decide", "verification.view_quality", to="see how well we judge")


@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    """Of everybody to compliance; to each moderator their own figures."""
    now = timezone.now()
    since = now - policy.QUALITY_PERIOD
    everybody = request.user.has_perm("verification.view_quality")
    context = {
        "since": since,
        "now": now,
        "period": policy.QUALITY_PERIOD,
        "evidence_life": policy.EVIDENCE_LIFE,
        "share_wanted": f"{policy.SECOND_REVIEW_SHARE * 100:g} %",
        "all": figures.figures(since) if everybody else None,
        "own": figures.figures(since, request.user),
        "people": figures.by_person(since) if everybody else (),
        "may_seed": request.user.has_perm("verification.seed_golden_cases"),
    } | tabs(request)
    return render(request, "quality/figures.html", context)


@needs("verification.seed_golden_cases", to="seed practice cases")
@require_POST
def seed(request: Request) -> HttpResponse:
    """One practice case, of a kind that nobody chooses: who seeds may meet it in the queue."""
    try:
        golden.seed(by=request.user)
    except Refusal as refusal:
        return refused.as_page(request, refusal)
    messages.success(request, "One practice case is in the queue. Nobody is told which one.")
    return HttpResponseRedirect(reverse("quality"))


@needs("verification.decide", to="decide age verifications")
@require_http_methods(["GET", "POST"])
def told(request: Request) -> HttpResponse:
    """What the reviewer is told of a practice case; polled by the desk, 204 without news.

    POST `case`: they have read it.
    """
    case_id = acts.what_fits(forms.Told, request)["case"]
    if request.method == "POST" and case_id is not None:
        golden.was_told(case_id, request.user)
    case = golden.to_tell(request.user).first()
    if request.method == "POST" and not request.htmx:
        return HttpResponseRedirect(reverse("queue"))
    if case is None and request.method != "POST":
        return HttpResponse(status=204)
    context = {"case": case, "words": golden.in_words(case) if case else ""}
    return render(request, "quality/_told.html", context)
