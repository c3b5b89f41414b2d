"""The provider's callback. A signature is the right, and no session is. Always JSON."""

import structlog
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from compliance import policy
from compliance.providers import provider_answers, provider_calls
from compliance.refusals import Refusal
from compliance.verification.metrics import count_failure
from compliance.verification.states import Method
from monitoring.ui.refused import as_json

log = structlog.get_logger(__name__)


@csrf_exempt
@never_cache
def callback(request: HttpRequest) -> JsonResponse:
    """Takes one signed answer. 200 also for the same delivery again; docs/provider.md has all."""
    if not settings.PROVIDER_SECRET:
        return _refuse(Refusal("provider_off"))
    if request.method != "POST":
        answer = _refuse(Refusal("method_not_allowed", "Only POST is possible here."))
        answer["Allow"] = "POST"
        return answer
    try:
        taken = provider_answers.take(_read(request))
    except Refusal as refusal:
        return _refuse(refusal)
    session = taken.session
    return JsonResponse(
        {
            "reference": str(session.reference),
            "result": session.result,
            "state": session.outcome,
            "repeated": taken.is_repeated,
        }
    )


def _read(request: HttpRequest) -> provider_calls.Answer:
    """The answer in a request whose signature fits; before that nothing of it is looked at."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:12]) > policy.PROVIDER_BODY_BYTES:
        raise Refusal("body_too_large")
    body = request.body
    if len(body) > policy.PROVIDER_BODY_BYTES:
        raise Refusal("body_too_large")
    provider_calls.authenticate(
        request.headers.get(provider_calls.TIMESTAMP_HEADER, ""),
        request.headers.get(provider_calls.SIGNATURE_HEADER, ""),
        body,
    )
    try:
        return provider_calls.read(body)
    except Refusal:
        count_failure(Method.PROVIDER)  # signed and of no use: the provider fails
        raise


def _refuse(refusal: Refusal) -> JsonResponse:
    log.info("provider_call_refused", code=refusal.code)
    return as_json(refusal)
