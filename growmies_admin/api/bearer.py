"""Guards the admin API: a Bearer token and nothing else lets in; a session never does."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from growmies_admin.accounts import tokens
from growmies_admin.accounts.scopes import Scope
from growmies_admin.api.refusing import refuse
from monitoring.refusals import Refusal
from monitoring.ui.refused import as_json

View = Callable[[HttpRequest], HttpResponseBase]
_METHODS = ("GET", "HEAD")


def bearer(scope: Scope | None) -> Callable[[View], View]:
    """Lets in a token with the scope; None: any token that lives. Answers are never cached."""

    def decorate(view: View) -> View:
        # No cookie is looked at, so none can be misused: other methods get a 405, as JSON.
        @csrf_exempt
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            if request.method not in _METHODS:
                allowed = ", ".join(_METHODS)
                return refuse("method_not_allowed", "Only GET is possible here.", Allow=allowed)
            plain = _presented(request)
            if not plain:
                sentence = "Send a token: Authorization: Bearer gma_…"
                return refuse("token_missing", sentence, WWW_Authenticate="Bearer")
            try:
                token = tokens.authenticate(plain, scope)
            except Refusal as why:
                asked = (
                    {"WWW_Authenticate": "Bearer"} if why.status == HTTPStatus.UNAUTHORIZED else {}
                )
                return as_json(why, **asked)
            # The request's log line says which token it was.
            structlog.contextvars.bind_contextvars(api_token=token.prefix)
            return view(request)

        return guarded

    return decorate


def _presented(request: HttpRequest) -> str:
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    return plain.strip() if scheme.lower() == "bearer" else ""
