"""The member's upload page behind the one-time link. No sign-in: the link is the right."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from compliance import policy
from compliance.refusals import Refusal
from compliance.uploads import forms, line, links, opening, submission
from compliance.uploads.models import UploadLink
from compliance.verification import consent
from compliance.verification.states import REVIEWABLE, Method, State
from monitoring.ui import acts
from monitoring.ui.refused import as_json

_SAID = {
    "late": "Your picture was here already when you cancelled.",
    "again": "Something was sent through this link before, and that counts. Of what came after it "
    "nothing was kept.",
    "fixed": "This can't be taken back any more; nothing was changed.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and uses nothing up; an accepted POST uses the link up.

    From then on GET says that something was sent, and when; a POST that comes once more leads
    there. To a script (Accept: application/json) a POST answers {"sent_at": …, "again": false},
    or {"error": sentence, "code": …}.
    """
    if request.method == "POST":
        return _private(_submit(request, token))
    try:
        link = links.find(token)
        if link.used_at is not None or link.request.state == State.WITHDRAWN:
            return _private(_sent(request, link, request.GET.get("said", "")))
        link = links.read(token)
    except Refusal as refusal:
        return _private(_gone(request, refusal))
    return _private(_form(request, link))


def too_many(request: HttpRequest, token: str) -> HttpResponse:
    """What the page says to more files than were read: its form, unless the link is over."""
    try:
        links.read(token)
    except Refusal as refusal:
        if refusal.code == "link_used":
            return _private(_accepted(request, token, "again"))
        return _private(_refused(request, token, refusal))
    return _private(_refused(request, token, Refusal("picture_too_many")))


@require_POST
@csrf_protect
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The member cancels; the pictures are destroyed by the next sweep, within seconds.

    The page of the link says so. Whoever asks once more, for the first answer was lost, is led
    there too.
    """
    try:
        opening.withdraw_by_link(token)
    except Refusal as refusal:
        return _private(_not_withdrawn(request, token, refusal))
    return _private(_page_of(token))


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def place(request: HttpRequest, token: str) -> HttpResponse:
    """What we have of this link, as JSON: `place` 1 is the next one in line, 0 is being read, null
    is neither, or stands in another web process; `sent_at` says when something was accepted.

    POST gives up what is being sent, or is on its way. {"given_up": true, "round": 1}: nothing
    was kept, nor will be; the form goes on with that round. False: it was accepted before.
    """
    try:
        if request.method == "POST":
            return _private(JsonResponse(_give_up(token)))
        return _private(JsonResponse(_what_there_is(token)))
    except Refusal as refusal:
        return _private(as_json(refusal))


def _give_up(token: str) -> dict[str, object]:
    key = links.key_of(token)
    link = links.give_up(token)
    line.uploads.leave(key)
    return {"given_up": link.used_at is None, "round": link.round}


def _what_there_is(token: str) -> dict[str, object]:
    """The line first: who has left it is in the database by then, if they were accepted."""
    place = line.uploads.place(links.key_of(token))
    sent_at = links.sent_at(token) if place is None else None
    return {"place": place, "sent_at": sent_at and sent_at.isoformat()}


def _submit(request: HttpRequest, token: str) -> HttpResponse:
    uploads = [file.read() for file in request.FILES.getlist("picture") if file.size]
    said = acts.what_fits(forms.Upload, request)
    try:
        submission.submit(token, uploads, consent_version=said["consent"], seen_round=said["round"])
    except Refusal as refusal:
        if refusal.code == "link_used":
            return _accepted(request, token, "again")
        answer = _refused(request, token, refusal)
        if refusal.code == "line_long":
            answer["Retry-After"] = str(int(policy.UPLOAD_WAIT.total_seconds()))
        return answer
    return _accepted(request, token)


def _accepted(request: HttpRequest, token: str, said: str = "") -> HttpResponse:
    """The answer to a POST of which something is kept, or was before."""
    try:
        link = links.find(token)
    except Refusal as refusal:  # the member was erased meanwhile
        return _refused(request, token, refusal)
    if _wants_json(request) and link.used_at is not None:
        return JsonResponse({"sent_at": link.used_at.isoformat(), "again": said == "again"})
    return _page_of(token, said)


def _page_of(token: str, said: str = "") -> HttpResponse:
    """To the link's page: to load that again, or to come back to it, sends nothing again."""
    url = reverse("upload", args=[token])
    return HttpResponseRedirect(f"{url}?said={said}" if said else url)


def _not_withdrawn(request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
    if refusal.code == "already_there":
        return _page_of(token)
    if refusal.code == "not_allowed":
        link = links.find(token)
        if link.used_at is not None:
            return _sent(request, link, "fixed", 409)
    return _gone(request, refusal)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _refused(request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
    if _wants_json(request):
        return as_json(refusal)
    if refusal.code.startswith("link_"):
        return _gone(request, refusal)
    return _form(request, links.find(token), refusal)


def _form(request: HttpRequest, link: UploadLink, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "link": link,
        "refusal": refusal,
        "under_way": line.uploads.place(bytes(link.token_hash)) is not None,
        "consent_version": consent.version_of(Method.ID_DOCUMENT),
        "consent_text": consent.text_of(Method.ID_DOCUMENT),
        "evidence_life": policy.EVIDENCE_LIFE,
        "max_megabytes": policy.UPLOAD_MAX_BYTES // 1024**2,
        "max_pictures": policy.UPLOAD_MAX_PICTURES,
        "threshold": policy.AGE_THRESHOLD_YEARS,
    }
    status = refusal.status if refusal else 200
    return render(request, "uploads/upload.html", context, status=status)


def _sent(
    request: HttpRequest, link: UploadLink, said: str = "", status: int = 200
) -> HttpResponse:
    """That something was sent and when, to whoever has the link; nothing of what it was, and
    of what became of it only whether it still waits.
    """
    if link.request.state == State.WITHDRAWN:
        return render(request, "uploads/upload_withdrawn.html")
    waits = link.request.state in REVIEWABLE
    context = {
        "link": link,
        "said": _SAID.get(said),
        "waits": waits,
        "may_withdraw": waits and links.is_alive(link),
        "evidence_life": policy.EVIDENCE_LIFE,
    }
    return render(request, "uploads/upload_sent.html", context, status=status)


def _gone(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    context = {"refusal": refusal, "link_life": policy.UPLOAD_LINK_LIFE}
    return render(request, "uploads/upload_gone.html", context, status=refusal.status)


def _private(answer: HttpResponse) -> HttpResponse:
    """Neither a cache, nor a search engine, nor the next site may learn of this page."""
    answer["Cache-Control"] = "no-store"
    # Not no-referrer: browsers then send "Origin: null" with the form, which CSRF must refuse.
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
