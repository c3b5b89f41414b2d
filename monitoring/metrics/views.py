from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring.metrics import exposition


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' scrape of the web process. No member's data is in it."""
    return HttpResponse(exposition.current(), content_type=exposition.CONTENT_TYPE)
