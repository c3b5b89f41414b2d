"""/displays/pair/: what an unpaired screen shows, and what its script asks."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from growmies_admin import policy
from growmies_admin.displays import codes, cookies, keys, pairing
from growmies_admin.displays.browsers import browser_of, network_of
from growmies_admin.displays.models import Board, Ending
from monitoring.people import Request
from monitoring.refusals import Refusal

# Why a screen is not paired any more -> what it says of itself.
_ENDED = {
    Ending.REVOKED.value: ("This screen was revoked", "Somebody ended its access"),
    Ending.UNSEEN.value: (
        "This screen was away too long",
        f"It was not seen for {policy.DISPLAY_UNSEEN_LIFE.days} days, so its access ended by "
        "itself",
    ),
    keys.REPLACED: (
        "This screen has an old key",
        "Its key was replaced by a newer one, which is not here: the browser was set back, or "
        "its data was copied",
    ),
}


@never_cache
@ensure_csrf_cookie
@require_safe
def pair(request: Request) -> HttpResponse:
    """Says what this screen is; its script fetches the code and goes on to the board."""
    ended: keys.NotAccepted | None = getattr(request, "screen_ended", None)
    title, sentence = _ENDED.get(ended.why, ("", "")) if ended else ("", "")
    context = {
        "board": _board(request.GET),
        "ended_title": title,
        "ended_sentence": sentence,
        "ended_at": ended.display.ended_at if ended and ended.display else None,
        "displays_url": settings.PUBLIC_URL + reverse("displays"),
        "ask_seconds": policy.DISPLAY_ASK_EVERY.total_seconds(),
        "clock_off_seconds": policy.DISPLAY_CLOCK_OFF.total_seconds(),
        "version": settings.SITE_VERSION,
    }
    return render(request, "displays/pair.html", context)


@never_cache
@require_POST
def pair_code(request: Request) -> JsonResponse:
    """The code to show now, or, once somebody has confirmed it, the board to go to."""
    if request.user.is_authenticated:
        return _say("signed_in", status=409)
    try:
        asked = pairing.ask(
            request.COOKIES.get(cookies.SECRET, ""),
            board=_board(request.POST),
            browser=browser_of(request.headers.get("User-Agent", "")),
            address=network_of(request.META.get("REMOTE_ADDR", "")),
        )
    except Refusal:
        return _say("busy", status=429)
    if asked.key and asked.pairing.display is not None:
        response = _say("paired", url=asked.pairing.display.url)
        cookies.keep_key(response, asked.key)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.session.flush()
            cookies.forget_session(response)
        return response
    expires_at = asked.pairing.expires_at.timestamp()
    response = _say(
        "waiting",
        code=codes.in_words(asked.code),
        expires_at=round(expires_at * 1000),
        browser=asked.pairing.browser,
        address=asked.pairing.address,
    )
    cookies.keep_secret(response, asked.secret)
    return response


def _say(state: str, status: int = 200, **more: Any) -> JsonResponse:
    """`now` is the server's time in milliseconds: the script compares the screen's clock."""
    found = {"state": state, "now": round(time.time() * 1000), "version": settings.SITE_VERSION}
    return JsonResponse(found | more, status=status)


def _board(found: Any) -> str:
    board: str = found.get("board", "")
    return board if board in Board.values else Board.MAIN.value
