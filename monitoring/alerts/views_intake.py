"""POST /api/alerts/: where Alertmanager's webhook delivers."""

import structlog
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from monitoring import policy
from monitoring.alerts import intake, metrics, payload
from monitoring.alerts.bearer import is_alertmanager

log = structlog.get_logger(__name__)


@csrf_exempt
@never_cache
def receive(request: HttpRequest) -> JsonResponse:
    """200 when every alert is kept; a refusal changes nothing and says why, as JSON."""
    if request.method != "POST":
        answer = _refuse(405, "method_not_allowed", "Only POST is possible here.")
        answer["Allow"] = "POST"
        return answer
    if not is_alertmanager(request.headers.get("Authorization", "")):
        metrics.alert_intake_refused_total.inc(reason="token")
        answer = _refuse(401, "token_unknown", "Send the token: Authorization: Bearer …")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:12]) > policy.ALERT_PAYLOAD_BYTES:
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


def _refuse(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": code}, status=status)
