"""Pictures over HTTP: for who holds the claim, or for compliance with a written reason."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from compliance.verification import desk, evidence, items
from compliance.verification.errors import Refusal
from monitoring.ui.guards import needs

may_decide = needs("verification.decide", to="decide age verifications")
may_look = needs("verification.view_any_evidence", to="see evidence without a claim")


@may_decide
@require_POST
def picture(request: HttpRequest, request_id: int, position: int) -> HttpResponse:
    """Reveal one picture: streamed through here, kept nowhere, each look recorded."""
    return stream(lambda: evidence.reveal(request_id, position, request.user))


@may_look
@require_GET
def look(request: HttpRequest, request_id: int) -> HttpResponse:
    """The page on which compliance says why they look at what they have not claimed."""
    found = items.item(request_id, request.user)
    if found is None:
        sentence = "There is no request of that number."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    return render(request, "verification/look.html", {"item": found})


@may_look
@require_POST
def look_at(request: HttpRequest, request_id: int, position: int) -> HttpResponse:
    """One picture for a written reason, which the audit entry keeps."""
    reason = request.POST.get("reason", "")
    return stream(lambda: evidence.reveal_with_reason(request_id, position, request.user, reason))


def stream(reveal: Callable[[], bytes]) -> HttpResponse:
    """What `reveal` gives, kept by nobody on the way; a refusal is a sentence."""
    try:
        content = reveal()
    except Refusal as refusal:
        return HttpResponse(
            refusal.sentence, status=desk.STATUS.get(refusal.code, 409), content_type="text/plain"
        )
    answer = HttpResponse(content, content_type="image/jpeg")
    patch_cache_control(answer, no_store=True, private=True, max_age=0)
    answer["Content-Disposition"] = "inline"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
