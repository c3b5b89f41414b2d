"""/wall/…, /mobile/, and the status chip of the desk pages. None of them waits for Prometheus."""

import time
import zoneinfo
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring import policy
from monitoring.health import scoring
from monitoring.health.score import TIMES, Score
from monitoring.panels import board as boards
from monitoring.panels.boards import LAYOUTS, Board
from monitoring.panels.shown import Item
from monitoring.people import Request
from monitoring.ui.guards import needs

may_see_boards = needs("panels.view_boards", to="see the boards")
may_see_status = needs("panels.view_status", to="see the status page")
# This browser keeps /mobile/ for offline: to be cleared at the sign-out.
KEPT_OFFLINE_COOKIE = "kept_offline"
_BOT = {
    True: "Bot online.",
    False: "The bot is not connected to Discord.",
    None: "Whether the bot is online is not known yet.",
}
_NEW_YORK = zoneinfo.ZoneInfo(policy.BOARD_ZONE)
# The panels of each board as HTML, with the version that it shows: displays share it.
_rendered: dict[Board, tuple[str, str]] = {}


@never_cache
@may_see_boards
@require_safe
def wall(request: Request, board: Board) -> HttpResponse:
    """A display; it refreshes its panels by itself."""
    view = boards.now(board)
    context = _facts(view) | {
        "panels_html": _panels_html(board, view),
        "layout": LAYOUTS[board],
        "board": board,
        "panels_url": reverse(f"wall_{board}_panels"),
        "charts_url": reverse(f"wall_{board}_charts"),
        "refresh_seconds": int(policy.WALL_REFRESH.total_seconds()),
        "clock_wrong_seconds": int(policy.CLOCK_WRONG.total_seconds()),
        "clock": timezone.localtime(timezone=_NEW_YORK),
    }
    return render(request, "wall/wall.html", context)


@never_cache
@may_see_boards
@require_safe
def wall_panels(request: Request, board: Board) -> HttpResponse:
    """What a display asks for every few seconds: facts, and the panels unless it has them."""
    view = boards.now(board)
    facts = render_to_string("wall/_facts.html", _facts(view))
    if request.GET.get("seen") == view.version:
        return HttpResponse(facts)
    return HttpResponse(facts + _panels_html(board, view))


@never_cache
@may_see_boards
@require_safe
def wall_charts(request: Request, board: Board) -> JsonResponse:
    """The Plotly figures of a board by slug."""
    return JsonResponse(
        {one.panel.slug: one.shown.chart for one in boards.now(board).panels if one.shown.chart}
    )


@never_cache
@may_see_status
@require_safe
def mobile(request: Request) -> HttpResponse:
    template = "mobile/_status.html" if request.GET.get("part") else "mobile/status.html"
    score = scoring.current()
    view = boards.now(Board.MOBILE)
    bot = view.of("bot-online-status")
    bot_online = None if bot.is_stale or not bot.shown.figure else bot.shown.figure == "Online"
    context = {
        "score": score,
        "view": view,
        "lead": _lead(bot_online, score, view.of("critical-alerts").shown.items),
        "may_acknowledge": request.user.has_perm("alerts.acknowledge"),
        "now": timezone.now(),
        "version": settings.SITE_VERSION,
        "may_see_maintenance": request.user.has_perm("maintenance.view"),
    }
    response = render(request, template, context)
    if KEPT_OFFLINE_COOKIE not in request.COOKIES:
        response.set_cookie(
            KEPT_OFFLINE_COOKIE,
            "1",
            max_age=policy.KEPT_OFFLINE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@may_see_status
@require_safe
def status_chip(request: Request) -> HttpResponse:
    return render(request, "_components/status_chip.html", {"site_status": scoring.current()})


@require_safe
def manifest(request: Request) -> JsonResponse:
    """Makes the phone page installable."""

    def icon(name: str, sizes: str, kind: str, purpose: str = "any") -> dict[str, str]:
        source = static(f"icons/{name}")
        return {"src": source, "sizes": sizes, "type": kind, "purpose": purpose}

    return JsonResponse(
        {
            "id": "/mobile/",
            "name": "Growmies NJ status",
            "short_name": "Growmies",
            "description": "Whether the bot is online, critical alerts, the health score, and "
            "who to call.",
            "lang": "en",
            "start_url": "/mobile/",
            "scope": "/mobile/",
            "display": "standalone",
            "background_color": "#0c110f",
            "theme_color": "#0c110f",
            "icons": [
                icon("icon-192.png", "192x192", "image/png"),
                icon("icon-512.png", "512x512", "image/png"),
                icon("icon-maskable-512.png", "512x512", "image/png", "maskable"),
                icon("icon.svg", "any", "image/svg+xml"),
            ],
        },
        content_type="application/manifest+json",
    )


@never_cache
@require_safe
def service_worker(request: Request) -> HttpResponse:
    """The phone page's service worker: its scope needs this address."""
    context = {"version": settings.SITE_VERSION, "static_url": settings.STATIC_URL}
    return render(request, "mobile/worker.js", context, content_type="text/javascript")


def _facts(view: boards.View) -> dict[str, Any]:
    ages = ",".join(f"{one.panel.slug}={one.at_seconds}" for one in view.panels)
    score = scoring.current()
    return {
        "view": view,
        "ages": ages,
        "server_now": f"{time.time():.3f}",
        "score": score,
        "version": settings.SITE_VERSION,
    }


def _panels_html(board: Board, view: boards.View) -> str:
    """Drawn once for all displays; walls show times of New York."""
    found = _rendered.get(board)
    if found is None or found[0] != view.version:
        with timezone.override(_NEW_YORK):
            found = view.version, render_to_string("wall/_panels.html", {"view": view})
        _rendered[board] = found
    return found[1]


def _lead(bot_online: bool | None, score: Score, critical: list[Item]) -> str:
    """The bot (None: not known), and what costs most; an alert in the words of its summary."""
    bot = _BOT[bot_online]
    if not score.is_known:
        return bot
    if not score.deductions:
        return f"{bot} {_nothing(score)}"
    worst = score.deductions[0]
    words = worst.words.split(TIMES)[0].rstrip(".")
    alert = next((item for item in critical if worst.name and item.alert == worst.name), None)
    said = f"{bot} {alert.words}, for {alert.lasts}." if alert else f"{bot} {words}."
    return said if score.alerts_known else f"{said} {score.unknown}"


def _nothing(score: Score) -> str:
    """Why nothing needs the reader, as far as anybody knows."""
    if not score.alerts_known:
        return score.unknown
    if not score.attended:
        return "Nothing needs you."
    first, more = score.attended[0], len(score.attended) - 1
    words = first.words.rstrip(".")
    return f"Being handled: {words} ({first.why}){f', and {more} more' if more else ''}."
