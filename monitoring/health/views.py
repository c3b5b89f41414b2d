"""/live, /ready, /health and /up, as Django serves them where no ASGI server is in front."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring.health import answers


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return _json(answers.live())


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    answers.web_sampler.start()
    return _json(answers.ready())


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    answers.web_sampler.start()
    return _json(answers.health())


@never_cache
@require_safe
def up(request: HttpRequest) -> HttpResponse:
    answers.web_sampler.start()
    status, page = answers.up()
    return HttpResponse(page, status=status)


def _json(answer: tuple[int, dict[str, object]]) -> JsonResponse:
    status, body = answer
    headers = {"Retry-After": str(answers.RETRY_AFTER_SECONDS)} if status == 503 else {}
    return JsonResponse(body, status=status, headers=headers)
