"""A picture over HTTP: kept by nobody on the way."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from compliance.refusals import Refusal
from monitoring.ui import refused


def stream(reveal: Callable[[], bytes]) -> HttpResponse:
    """What `reveal` gives, kept by nobody on the way; a refusal is a sentence."""
    try:
        content = reveal()
    except Refusal as refusal:
        return refused.as_text(refusal)
    answer = HttpResponse(content, content_type="image/jpeg")
    patch_cache_control(answer, no_store=True, private=True, max_age=0)
    answer["Content-Disposition"] = "inline"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
