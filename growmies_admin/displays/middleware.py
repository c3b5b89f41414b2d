"""Lets paired screens see their board and nothing else, and leads unpaired ones to the pairing."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import reverse

from growmies_admin.displays import cookies, keys
from growmies_admin.displays.models import Board, Display
from growmies_admin.displays.principal import Screen

Handler = Callable[[HttpRequest], HttpResponse]
_WALLS = "/wall/"
_BOARD = re.compile(rf"^{_WALLS}({'|'.join(Board.values)})/")


class PairedScreens:
    """After Django's own authentication, whose session a screen never has.

    With a display's key the request is the screen's, whoever may have signed in beside it. A
    key that has ended leaves the request as it is; `request.screen_ended` says why it ended.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        plain = request.COOKIES.get(cookies.KEY)
        if plain is not None:
            try:
                return self._of_screen(request, keys.authenticate(plain))
            except keys.NotAccepted as ended:
                request.screen_ended = ended  # type: ignore[attr-defined]
        if _BOARD.match(request.path) and not request.user.is_authenticated:
            return HttpResponseRedirect(_pairing_page(request.path))
        return self.get_response(request)

    def _of_screen(self, request: HttpRequest, accepted: keys.Accepted) -> HttpResponse:
        structlog.contextvars.bind_contextvars(display=accepted.display.pk)
        request.user = Screen(accepted.display)  # type: ignore[assignment]
        response = _refusal(request, accepted.display) or self.get_response(request)
        if accepted.new_key:
            cookies.keep_key(response, accepted.new_key)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            cookies.forget_session(response)
        return response


def _refusal(request: HttpRequest, display: Display) -> HttpResponse | None:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseForbidden("A paired screen shows boards and changes nothing.")
    board = _BOARD.match(request.path)
    if board is None or board[1] != display.board:
        return HttpResponseRedirect(display.url)
    return None


def _pairing_page(path: str) -> str:
    board = _BOARD.match(path)
    return f"{reverse('pair')}?{urlencode({'board': board[1] if board else Board.MAIN})}"
