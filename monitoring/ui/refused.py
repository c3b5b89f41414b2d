"""How a refusal is told: as a page, as a sentence of a page, and to programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from monitoring.refusals import Refusal
from monitoring.ui.guards import refuse


def as_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page of its own that says why."""
    return refuse(request, refusal.sentence, refusal.status)


def as_text(refusal: Refusal) -> HttpResponse:
    """The sentence alone, for a part of a page that shows it."""
    return HttpResponse(refusal.sentence, status=refusal.status, content_type="text/plain")


def as_json(refusal: Refusal, **headers: str) -> JsonResponse:
    """{"error": sentence, "code": …}, for programs; `headers` with _ for -."""
    return JsonResponse(
        {"error": refusal.sentence, "code": refusal.code},
        status=refusal.status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
