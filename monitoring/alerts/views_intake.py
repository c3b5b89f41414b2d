"""POST /api/alerts/: where Alertmanager's webhook delivers."""

import hmac

import structlog
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from monitoring import policy
from monitoring.alerts import intake, metrics, payload

log = structlog.get_logger(__name__)


@csrf_exempt
@never_cache
def receive(request: HttpRequest) -> JsonResponse:
    """200 when every alert is kept; a refusal changes nothing and says why, as JSON."""
    if request.method != "POST":
        answer = _refuse(405, "method_not_allowed", "Only POST is possible here.")
        answer["Allow"] = "POST"
        return answer
    if not _is_ours(request):
        metrics.alert_intake_refused_total.inc(reason="token")
        answer = _refuse(401, "token_unknown", "Send the token: Authorization: Bearer …")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > policy.ALERT_PAYLOAD_BYTES:
        metrics.alert_intake_refused_total.inc(reason="size")
        megabytes = policy.ALERT_PAYLOAD_BYTES // 1024**2
        return _refuse(413, "too_large", f"A payload may have {megabytes} MB at most.")
    try:
        found = payload.parse(request.body)
    except (payload.Malformed, RawPostDataException) as why:
        metrics.alert_intake_refused_total.inc(reason="malformed")
        log.warning("alert_payload_refused", why=str(why))
        return _refuse(400, "malformed", str(why))
    changed = intake.take_in(found)
    return JsonResponse({"received": len(found.alerts), "changed": changed})


def _is_ours(request: HttpRequest) -> bool:
    """Compared in constant time; without a configured token nothing is ours."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.ALERT_WEBHOOK_TOKEN
    same = hmac.compare_digest(token.strip().encode(), wanted.encode())
    return bool(wanted) and same and scheme.lower() == "bearer"


def _refuse(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": code}, status=status)
