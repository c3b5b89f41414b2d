"""Guards views by right: 403 with a sentence that says which right is missing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from monitoring.ui.redirects import page_of

_TITLES = {403: "You don’t have access", 404: "Page not found", 405: "That isn’t possible here"}
V = TypeVar("V", bound=Callable[..., HttpResponse])


def needs(*rights: str, to: str) -> Callable[[V], V]:
    """Lets in whoever has one of the rights; `to` finishes "You may not …"."""

    def decorate(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                if request.headers.get("HX-Request"):
                    # A partial can't sign in: the page that it is part of is left for that.
                    to_sign_in = redirect_to_login(page_of(request) or "/")["Location"]
                    return HttpResponse(status=401, headers={"HX-Redirect": to_sign_in})
                return redirect_to_login(request.get_full_path())
            if not any(user.has_perm(right) for right in rights):
                return refuse(request, f"You may not {to}.")
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def refuse(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    """A page that says why something was not done; 403 is about rights, the others are not."""
    title = _TITLES.get(status, "That can't be done")
    context = {"sentence": sentence, "title": title, "about_rights": status == 403}
    return HttpResponse(render_to_string("refused.html", context, request), status=status)
