"""Walks the addresses of the site, so that a test can ask of each of them, and of new ones too."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

from django.urls import converters

from monitoring.ui.routes import Route, all_routes

UUID = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
# Plausible values by the name of a parameter, where one of its kind would not do.
PLAUSIBLE = {"uid": "MQ", "uidb36": "1", "key": "set-password", "app_label": "accounts", "url": "x"}
HUGE = (str(2**31), str(2**63), "9" * 400, "9" * 5_000)
WHOLE = ("0", *HUGE)
TEXT = (
    "0",
    "-1",
    *HUGE,
    "\x00",
    "%00",
    "%2e%2e",
    "..",
    "%25252F",
    "ü",
    "𐍈\u202e",
    "'; --",
    "{{7*7}}",
    "a" * 2_000,
    "[",
    "http:",
)


@dataclass(frozen=True)
class Address:
    """One URL pattern.

    `route` is as docs/urls.md writes it (`/queue/<request_id>/`), `path` an example that it
    matches, `hostile` are paths with values that nobody sends by accident; some match nothing.
    """

    route: str
    name: str
    view: Callable[..., Any]
    path: str
    hostile: tuple[str, ...]


def addresses(known: Mapping[str, Any] | None = None) -> Iterator[Address]:
    """Every address in the order of the URLconf.

    `known` has values for examples, by parameter (`{"request_id": 17}`) or, before that, by
    route's name and parameter (`{"staff_change.pk": 3}`): so an example leads to something.
    """
    for route in all_routes():
        plausible = {name: _plausible(route, name, known or {}) for name in route.parameters}
        lists = [_hostile(route, name) for name in route.parameters]
        hostile = tuple(
            _filled(route, {n: v or plausible[n] for n, v in zip(plausible, values, strict=True)})
            for values in zip_longest(*lists)
        )
        shown = route.template % {name: f"<{name}>" for name in route.parameters}
        yield Address(shown, route.name, route.view, _filled(route, plausible), hostile)


def _filled(route: Route, values: Mapping[str, str]) -> str:
    """Values as a browser would send them; what is percent-encoded already goes twice."""
    return route.template % {name: quote(value, safe=":,") for name, value in values.items()}


def _plausible(route: Route, name: str, known: Mapping[str, Any]) -> str:
    given = known.get(f"{route.name}.{name}", known.get(name))
    if given is not None:
        return str(given)
    if isinstance(route.converters.get(name), converters.IntConverter):
        return "1"
    if isinstance(route.converters.get(name), converters.UUIDConverter):
        return UUID
    return PLAUSIBLE.get(name, "nothing")


def _hostile(route: Route, name: str) -> tuple[str, ...]:
    is_number = isinstance(route.converters.get(name), converters.IntConverter)
    return WHOLE if is_number else TEXT
