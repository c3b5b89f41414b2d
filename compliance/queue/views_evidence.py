"""Pictures over HTTP: for who holds the claim, or for compliance with a written reason."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from compliance.evidence import custody, streaming
from compliance.queue import forms, items
from compliance.refusals import Refusal
from compliance.verification import claims
from monitoring.people import Request
from monitoring.ui import acts, refused
from monitoring.ui.guards import needs

may_decide = needs("verification.decide", to="decide age verifications")
may_look = needs("verification.view_any_evidence", to="see evidence without a claim")


@may_decide
@require_POST
def picture(request: Request, request_id: int, position: int) -> HttpResponse:
    """Reveal one picture: streamed through here, kept nowhere, each look recorded. It claims."""

    def reveal() -> bytes:
        claims.begin(request_id, request.user)
        return custody.reveal(request_id, position, request.user)

    return streaming.stream(reveal)


@may_look
@require_GET
def look(request: Request, request_id: int) -> HttpResponse:
    """The page on which compliance says why they look at what they have not claimed."""
    found = items.item(request_id, request.user)
    if found is None:
        sentence = "There is no request of that number."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    return render(request, "queue/look.html", {"item": found})


@may_look
@require_POST
def look_at(request: Request, request_id: int, position: int) -> HttpResponse:
    """One picture for a written reason, which the audit entry keeps."""
    try:
        reason = acts.read(forms.Look, request)["reason"]
    except Refusal as refusal:
        return refused.as_text(refusal)
    return streaming.stream(
        lambda: custody.reveal_with_reason(request_id, position, request.user, reason)
    )
