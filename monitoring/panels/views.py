"""/wall/main/, /mobile/, and the status chip of the desk pages."""

from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring import policy
from monitoring.health.answers import web_sampler
from monitoring.health.score import Score
from monitoring.incidents.models import EmergencyContact
from monitoring.panels import board
from monitoring.prometheus.client import PrometheusUnavailable, query
from monitoring.ui.guards import needs

log = structlog.get_logger(__name__)
may_see_boards = needs("panels.view_boards", to="see the boards")
may_see_status = needs("panels.view_status", to="see the status page")


@may_see_boards
@require_safe
def wall_main(request: HttpRequest) -> HttpResponse:
    """The main display; it refreshes its panels by itself."""
    return render(request, "wall/main.html", _wall())


@never_cache
@may_see_boards
@require_safe
def wall_main_panels(request: HttpRequest) -> HttpResponse:
    return render(request, "wall/_panels.html", _wall())


@may_see_boards
@require_safe
def wall_chart(request: HttpRequest) -> JsonResponse:
    """The Plotly figure of the community panel."""
    panel = next(p for p in _panels() if p.key == "community")
    return JsonResponse(panel.chart or {}, safe=False)


@never_cache
@may_see_status
@require_safe
def mobile(request: HttpRequest) -> HttpResponse:
    template = "mobile/_status.html" if request.GET.get("part") else "mobile/status.html"
    context = _status() | {"may_see_maintenance": request.user.has_perm("maintenance.view")}
    return render(request, template, context)


@may_see_status
@require_safe
def status_chip(request: HttpRequest) -> HttpResponse:
    return render(request, "_components/status_chip.html", {"site_status": board.current_score()})


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Makes the phone page installable."""
    return JsonResponse(
        {
            "name": "Growmies NJ status",
            "short_name": "Growmies",
            "start_url": "/mobile/",
            "scope": "/mobile/",
            "display": "standalone",
            "background_color": "#0c110f",
            "theme_color": "#0c110f",
            "icons": [
                {
                    "src": static("icons/icon.svg"),
                    "sizes": "any",
                    "type": "image/svg+xml",
                    "purpose": "any",
                }
            ],
        },
        content_type="application/manifest+json",
    )


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The phone page's service worker: its scope needs this address."""
    return render(request, "mobile/worker.js", content_type="text/javascript")


def _wall() -> dict[str, Any]:
    panels = _panels()
    problems = next((p for p in panels if p.key == "system"), None)
    wrong = [i for i in problems.items if i.tone in ("warn", "critical")] if problems else []
    return {
        "panels": panels,
        "needs_person": len(wrong),
        "now": timezone.localtime(),
        "refresh_seconds": int(policy.WALL_REFRESH.total_seconds()),
        "version": settings.STATIC_VERSION,
    }


def _panels() -> list[board.Panel]:
    """Computed once for all viewers; without Valkey each computes for itself."""
    found: list[board.Panel] | None = cache.get("wall.main")
    if found is None:
        found = board.main()
        cache.set("wall.main", found, policy.WALL_REFRESH.total_seconds() - 1)
    return found


def _status() -> dict[str, Any]:
    score = board.current_score()
    sample = web_sampler.last()
    discord = sample["checks"].get("discord", {})
    alerts, alerts_error = _critical_alerts()
    return {
        "score": score,
        "dial": f"{score.value * 1.885:.1f} 188.5",
        "bot_online": discord.get("status") == "healthy",
        "bot_ping": discord.get("ping", ""),
        "bot_error": discord.get("error", "no answer yet"),
        "alerts": alerts,
        "alerts_error": alerts_error,
        "contacts": list(EmergencyContact.objects.all()),
        "now": timezone.now(),
        "lead": _lead(score, bool(discord.get("status") == "healthy")),
    }


def _lead(score: Score, bot_online: bool) -> str:
    bot = "The bot runs." if bot_online else "The bot is not connected to Discord."
    if not score.deductions:
        return f"{bot} Nothing needs you."
    return f"{bot} {score.deductions[0].words}."


def _critical_alerts() -> tuple[list[dict[str, str]], str]:
    """Critical alerts from Alertmanager, or from Prometheus; or why neither could say."""
    if settings.ALERTMANAGER_URL:
        try:
            answer = httpx.get(
                f"{settings.ALERTMANAGER_URL}/api/v2/alerts",
                params={"filter": 'severity="critical"', "active": "true"},
                timeout=2,
                trust_env=False,
            )
            found = answer.json()
            return [
                {
                    "name": alert["labels"].get("alertname", "alert"),
                    "summary": alert["annotations"].get("summary", ""),
                }
                for alert in found
            ], ""
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.info("alertmanager_unread", error=type(error).__name__)
    try:
        firing = query('ALERTS{alertstate="firing", severity="critical"}')
    except PrometheusUnavailable as why:
        return [], str(why)
    return [{"name": a.labels.get("alertname", "alert"), "summary": ""} for a in firing], ""
