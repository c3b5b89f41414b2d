"""/queue/second-reviews/ and /queue/disputes/: a blind second look, and what two disagree on."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance import policy
from compliance.desk import holding, relations, showing, undoing
from compliance.desk.models import Claim
from compliance.evidence import custody, streaming
from compliance.evidence.models import Evidence
from compliance.quality import (
    dispute_claims,
    disputes,
    forms,
    second_answers,
    second_claims,
    second_reviews,
)
from compliance.quality.models import Dispute
from compliance.refusals import Refusal
from compliance.verification import age
from compliance.verification.states import DenyReason
from monitoring.people import Person, Request
from monitoring.ui import acts, paging, params
from monitoring.ui.guards import needs

PAGE = 50
may_review = needs("verification.decide", to="review age verifications")
may_settle = needs("verification.settle_disputes", to="settle what reviewers disagree on")


@may_review
@require_GET
def index(request: Request) -> HttpResponse:
    """Those that this person may do, the oldest first."""
    found = second_reviews.for_moderator(request.user)
    holder = Claim.objects.on(second_claims.KIND.name, OuterRef("pk")).running()
    pictures = Evidence.objects.filter(
        request=OuterRef("request"), destroyed_at__isnull=True, position__lt=100
    ).order_by("destroy_at")
    found = found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
        destroyed_at=Subquery(pictures.values("destroy_at")[:1]),
    )
    page = paging.page(found, "pk", after=request.GET.get("after", ""), size=PAGE)
    context = {
        "page": page,
        "given": second_claims.given_by(request.user),
        "lately": holding.lately(request.user, second_claims.HELD),
    }
    context |= tabs(request) | undoing.context(request.user)
    return render(request, "quality/second_reviews.html", context)


@may_review
@require_GET
def show(request: Request, review_id: int) -> HttpResponse:
    return _page(request, review_id)


@may_review
@require_POST
def claim(request: Request, review_id: int) -> HttpResponse:
    try:
        second_claims.claim(review_id, request.user)
    except Refusal as refusal:
        return _page(request, review_id, refusal)
    return HttpResponseRedirect(reverse("second_review", args=[review_id]))


@may_review
@require_POST
def renew(request: Request, review_id: int) -> HttpResponse:
    """A sign of work: the lease runs on. 409 when it is not held any more."""
    held = second_claims.renew(review_id, request.user)
    if held is None:
        return HttpResponse(status=409)
    return HttpResponse(held.expires_at.isoformat(), content_type="text/plain")


@may_review
@require_POST
def release(request: Request, review_id: int) -> HttpResponse:
    try:
        second_claims.release(review_id, request.user)
    except Refusal as refusal:
        return _page(request, review_id, refusal)
    return HttpResponseRedirect(reverse("second_reviews"))


@may_review
@require_POST
def picture(request: Request, review_id: int, position: int) -> HttpResponse:
    """Reveal one picture: streamed through here, kept nowhere, each look recorded."""
    return streaming.stream(lambda: second_reviews.reveal(review_id, position, request.user))


@may_review
@require_POST
def answer(request: Request, review_id: int) -> HttpResponse:
    try:
        second_answers.give(review_id, moderator=request.user, **acts.read(forms.Answer, request))
    except Refusal as refusal:
        return _page(request, review_id, refusal)
    return HttpResponseRedirect(reverse("second_reviews"))


@may_settle
@require_GET
def dispute_list(request: Request) -> HttpResponse:
    """Open ones the oldest first, settled ones the newest first."""
    return _disputes(request)


@may_settle
@require_POST
def settle(request: Request, dispute_id: int) -> HttpResponse:
    """`resolution` keep or override, with words why."""
    try:
        said = acts.read(forms.Settle, request)
        act = disputes.override if said["resolution"] == "override" else disputes.keep
        settled = act(dispute_id, staff=request.user, note=said["note"])
    except Refusal as refusal:
        return _disputes(request, refusal)
    messages.success(request, f"Settled: {settled.get_resolution_display().lower()}.")
    return HttpResponseRedirect(reverse("disputes"))


def tabs(request: Request) -> dict[str, Any]:
    """The pages of quality that this person may open, with what waits there."""
    user: Person = request.user
    found = []
    if user.has_perm("verification.decide"):
        waiting = second_reviews.for_moderator(user)[:1000].count()
        found.append(("Second reviews", reverse("second_reviews"), waiting))
    if user.has_perm("verification.settle_disputes"):
        found.append(("Disputes", reverse("disputes"), Dispute.objects.unsettled().count()))
    found.append(("Figures", reverse("quality"), 0))
    return {"tabs": [(*tab, request.path.startswith(tab[1])) for tab in found]}


def _disputes(request: Request, refusal: Refusal | None = None) -> HttpResponse:
    settled = request.GET.get("show") == "settled"
    one = params.whole(request.GET.get("dispute", ""))
    found = Dispute.objects.select_related(
        "first_by", "second_by", "resolved_by", "review__request__member", "review__decision"
    )
    if one is not None:
        found = found.filter(pk=one)
    else:
        found = found.exclude(resolution="") if settled else found.unsettled()
    order = "-pk" if settled else "pk"
    page = paging.page(found, order, after=request.GET.get("after", ""), size=PAGE)
    held = showing.held(dispute_claims.CLAIMS, [row.pk for row in page.rows], request.user)
    shown = [
        {
            "dispute": row,
            "held": held[row.pk],
            "refusal": disputes.may_settle(row, request.user),
            "is_own": relations.is_own(request.user, row.review.request.member_id),
            "can_override": not settled and disputes.can_override(row),
        }
        for row in page.rows
    ]
    context = {
        "rows": shown,
        "settled": settled,
        "one": one,
        "page": page,
        "refusal": refusal,
    } | undoing.context(request.user)
    status = refusal.status if refusal else 200
    return render(request, "quality/disputes.html", context | tabs(request), status=status)


def _page(request: Request, review_id: int, refusal: Refusal | None = None) -> HttpResponse:
    """One review, without who it is about, and without anything that tells the first decision."""
    review = second_reviews.for_moderator(request.user).filter(pk=review_id).first()
    if review is None:
        # The same whatever became of it: who decided first must not learn that it was drawn.
        sentence = (
            second_claims.KIND.over if refusal else "There is no second review of that number."
        )
        status = 409 if refusal else 404
        return render(request, "404.html", {"sentence": sentence}, status=status)
    held = second_claims.CLAIMS.running_claim(review.pk)
    pictures = list(custody.living(review.request_id).order_by("position"))
    answered = review_id in second_claims.given_by(request.user)
    context = {
        "review": review,
        "claim": held,
        "answered": answered,
        "is_mine": held is not None and held.moderator_id == request.user.pk and not answered,
        "pictures": pictures,
        "destroyed_at_latest": min((p.destroy_at for p in pictures), default=None),
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "deny_reasons": list(enumerate(DenyReason.choices, start=1)),
        "refusal": refusal,
    } | undoing.context(request.user)
    status = refusal.status if refusal else 200
    return render(request, "quality/second_review.html", context, status=status)
