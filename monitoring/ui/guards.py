"""Guards views by right: 403 with a sentence that says which right is missing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

V = TypeVar("V", bound=Callable[..., HttpResponse])


def needs(*rights: str, to: str) -> Callable[[V], V]:
    """Lets in whoever has one of the rights; `to` finishes "You may not …"."""

    def decorate(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                if request.headers.get("HX-Request"):
                    # A partial can't sign in: the page reloads and then can.
                    return HttpResponse(status=401, headers={"HX-Refresh": "true"})
                return redirect_to_login(request.get_full_path())
            if not any(user.has_perm(right) for right in rights):
                return refuse(request, f"You may not {to}.")
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def refuse(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    """The 403 page with its sentence."""
    page = render_to_string("403.html", {"sentence": sentence}, request)
    return HttpResponse(page, status=status)
