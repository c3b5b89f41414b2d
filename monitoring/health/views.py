"""/live, /ready and /health of the web process."""

from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring.health.sampler import Sampler, http_status

web_sampler = Sampler("web")


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Restarting probes use this, so that no outage restarts it."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served: the database answers."""
    web_sampler.start()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        return JsonResponse({"status": "not ready"}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"status": "ready"})


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """The last sample of the checks; 503 when a critical one fails."""
    web_sampler.start()
    answer = web_sampler.last()
    return JsonResponse(answer, status=http_status(answer))
