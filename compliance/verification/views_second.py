"""/queue/second-reviews/ and /queue/disputes/: a blind second look, and what two disagree on."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance import policy
from compliance.verification import (
    age,
    desk,
    disputes,
    evidence,
    second_claims,
    second_reviews,
    views_evidence,
)
from compliance.verification.errors import Refusal
from compliance.verification.models import Evidence
from compliance.verification.quality_models import Dispute, SecondReview, SecondReviewClaim
from compliance.verification.states import DenyReason
from monitoring.ui.guards import needs

PAGE = 50
may_review = needs("verification.decide", to="review age verifications")
may_settle = needs("verification.settle_disputes", to="settle what reviewers disagree on")


@may_review
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Those that this person may do, the oldest first."""
    found = second_reviews.for_moderator(request.user).order_by("pk")
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        found = found.filter(pk__gt=int(after))
    holder = SecondReviewClaim.objects.filter(
        review=OuterRef("pk"), ended_at__isnull=True, expires_at__gt=Now()
    )
    pictures = Evidence.objects.filter(
        request=OuterRef("request"), destroyed_at__isnull=True, position__lt=100
    ).order_by("destroy_at")
    found = found.annotate(
        holder_id=Subquery(holder.values("moderator_id")[:1]),
        holder_name=Subquery(holder.values("moderator__username")[:1]),
        destroyed_at=Subquery(pictures.values("destroy_at")[:1]),
    )
    rows = list(found[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    context = {"rows": rows, "next_after": rows[-1].pk if more else None} | tabs(request)
    return render(request, "verification/quality/second_reviews.html", context)


@may_review
@require_GET
def show(request: HttpRequest, review_id: int) -> HttpResponse:
    return _page(request, review_id)


@may_review
@require_POST
def claim(request: HttpRequest, review_id: int) -> HttpResponse:
    try:
        second_claims.claim(review_id, request.user)
    except Refusal as refusal:
        return _page(request, review_id, refusal)
    return HttpResponseRedirect(reverse("second_review", args=[review_id]))


@may_review
@require_POST
def renew(request: HttpRequest, review_id: int) -> HttpResponse:
    """A sign of work: the lease runs on. 409 when it is not held any more."""
    held = second_claims.renew(review_id, request.user)
    if held is None:
        return HttpResponse(status=409)
    return HttpResponse(held.expires_at.isoformat(), content_type="text/plain")


@may_review
@require_POST
def release(request: HttpRequest, review_id: int) -> HttpResponse:
    second_claims.release(review_id, request.user)
    return HttpResponseRedirect(reverse("second_reviews"))


@may_review
@require_POST
def picture(request: HttpRequest, review_id: int, position: int) -> HttpResponse:
    """Reveal one picture: streamed through here, kept nowhere, each look recorded."""
    return views_evidence.stream(lambda: second_reviews.reveal(review_id, position, request.user))


@may_review
@require_POST
def answer(request: HttpRequest, review_id: int) -> HttpResponse:
    try:
        review = second_reviews.answer(
            review_id,
            moderator=request.user,
            answer=request.POST.get("answer", ""),
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
        )
    except Refusal as refusal:
        return _page(request, review_id, refusal)
    if review.outcome == SecondReview.Outcome.AGREED:
        messages.success(request, "Thank you. You agree with the first decision.")
    else:
        messages.warning(
            request,
            "Thank you. The first decision was another one; compliance looks at both, and nothing "
            "changes until then.",
        )
    return HttpResponseRedirect(reverse("second_reviews"))


@may_settle
@require_GET
def dispute_list(request: HttpRequest) -> HttpResponse:
    """Open ones the oldest first, settled ones the newest first."""
    return _disputes(request)


@may_settle
@require_POST
def settle(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """`resolution` keep or override, with words why."""
    act = disputes.override if request.POST.get("resolution") == "override" else disputes.keep
    try:
        settled = act(dispute_id, staff=request.user, note=request.POST.get("note", ""))
    except Refusal as refusal:
        return _disputes(request, refusal)
    messages.success(request, f"Settled: {settled.get_resolution_display().lower()}.")
    return HttpResponseRedirect(reverse("disputes"))


def tabs(request: HttpRequest) -> dict[str, Any]:
    """The pages of quality that this person may open, with what waits there."""
    user: Any = request.user
    found = []
    if user.has_perm("verification.decide"):
        waiting = second_reviews.for_moderator(user)[:1000].count()
        found.append(("Second reviews", reverse("second_reviews"), waiting))
    if user.has_perm("verification.settle_disputes"):
        found.append(("Disputes", reverse("disputes"), Dispute.objects.unsettled().count()))
    found.append(("Figures", reverse("quality"), 0))
    return {"tabs": [(*tab, request.path.startswith(tab[1])) for tab in found]}


def _disputes(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    settled = request.GET.get("show") == "settled"
    found = Dispute.objects.select_related(
        "first_by", "second_by", "resolved_by", "review__request__member", "review__decision"
    )
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if settled:
        found = found.exclude(resolution="").order_by("-pk")
        if before.isdecimal() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
    else:
        found = found.unsettled().order_by("pk")
        if after.isdecimal() and len(after) < 19:
            found = found.filter(pk__gt=int(after))
    rows = list(found[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    shown = [
        (row, disputes.may_settle(row, request.user), not settled and disputes.can_override(row))
        for row in rows
    ]
    context = {
        "rows": shown,
        "settled": settled,
        "next_pk": rows[-1].pk if more else None,
        "refusal": refusal,
    }
    status = desk.STATUS.get(refusal.code, 409) if refusal else 200
    return render(
        request, "verification/quality/disputes.html", context | tabs(request), status=status
    )


def _page(request: HttpRequest, review_id: int, refusal: Refusal | None = None) -> HttpResponse:
    """One review, without who it is about, and without anything that tells the first decision."""
    review = second_reviews.for_moderator(request.user).filter(pk=review_id).first()
    if review is None:
        sentence = refusal.sentence if refusal else "There is no second review of that number."
        status = desk.STATUS.get(refusal.code, 409) if refusal else 404
        return render(request, "404.html", {"sentence": sentence}, status=status)
    held = (
        SecondReviewClaim.objects.select_related("moderator")
        .filter(review=review, ended_at__isnull=True, expires_at__gt=Now())
        .first()
    )
    pictures = list(evidence.living(review.request_id).order_by("position"))
    context = {
        "review": review,
        "claim": held,
        "is_mine": held is not None and held.moderator_id == request.user.pk,
        "pictures": pictures,
        "destroyed_at_latest": min((p.destroy_at for p in pictures), default=None),
        "born_on_or_before": age.born_on_or_before(),
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "deny_reasons": list(enumerate(DenyReason.choices, start=1)),
        "refusal": refusal,
    }
    status = desk.STATUS.get(refusal.code, 409) if refusal else 200
    return render(request, "verification/quality/second_review.html", context, status=status)
