"""The member's upload page behind the one-time link. No sign-in: the link is the right."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from compliance import policy
from compliance.verification import consent, links, requests, submission
from compliance.verification.errors import Refusal
from compliance.verification.models import UploadLink
from compliance.verification.states import Method, State

_STATUS = {
    "link_unknown": 404,
    "link_expired": 410,
    "link_used": 410,
    "store_failed": 503,
    "picture_too_large": 413,
}


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and uses nothing up; an accepted POST uses the link up.

    To a script (Accept: application/json) refusals answer {"error": sentence}.
    """
    if request.method == "POST":
        return _private(_submit(request, token))
    try:
        link = links.find(token)
    except Refusal as refusal:
        return _private(_gone(request, refusal))
    if link.used_at is not None and link.request.state in (State.PENDING, State.ESCALATED):
        return _private(_sent(request, link))
    try:
        link = links.read(token)
    except Refusal as refusal:
        return _private(_gone(request, refusal))
    return _private(_form(request, link))


@require_POST
@csrf_protect
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The member cancels; the pictures are destroyed by the next sweep, within seconds."""
    try:
        link = links.find(token)
        requests.withdraw(link.request_id)
    except Refusal as refusal:
        return _private(_gone(request, refusal))
    return _private(render(request, "verification/upload_withdrawn.html"))


def _submit(request: HttpRequest, token: str) -> HttpResponse:
    agreed = request.POST.get("consent", "")[:9]
    uploads = [file.read() for file in request.FILES.getlist("picture") if file.size]
    try:
        version = int(agreed) if agreed.isdecimal() else None
        submission.submit(token, uploads, consent_version=version)
    except Refusal as refusal:
        status = _STATUS.get(refusal.code, 422)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"error": refusal.sentence, "code": refusal.code}, status=status)
        if refusal.code.startswith("link_"):
            return _gone(request, refusal)
        return _form(request, links.find(token), refusal, status)
    return _sent(request, links.find(token))


def _form(
    request: HttpRequest, link: UploadLink, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "link": link,
        "refusal": refusal,
        "consent_version": consent.version_of(Method.ID_DOCUMENT),
        "consent_text": consent.text_of(Method.ID_DOCUMENT),
        "evidence_hours": policy.EVIDENCE_LIFE // timedelta(hours=1),
        "max_megabytes": policy.UPLOAD_MAX_BYTES // 1024**2,
        "max_pictures": policy.UPLOAD_MAX_PICTURES,
        "threshold": policy.AGE_THRESHOLD_YEARS,
    }
    return render(request, "verification/upload.html", context, status=status)


def _sent(request: HttpRequest, link: UploadLink) -> HttpResponse:
    link.request.refresh_from_db()
    return render(request, "verification/upload_sent.html", {"link": link})


def _gone(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = _STATUS.get(refusal.code, 409)
    return render(request, "verification/upload_gone.html", {"refusal": refusal}, status=status)


def _private(answer: HttpResponse) -> HttpResponse:
    """Neither a cache, nor a search engine, nor the next site may learn of this page."""
    answer["Cache-Control"] = "no-store"
    # Not no-referrer: browsers then send "Origin: null" with the form, which CSRF must refuse.
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
