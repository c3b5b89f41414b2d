"""Every address of the site, one by one, read from the URLconf."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize


@dataclass(frozen=True)
class Route:
    """One address.

    `template` has its parameters as `%(token)s`; `converters` knows those that `path()` declared,
    and `regex` what it really takes.
    """

    template: str
    parameters: tuple[str, ...]
    name: str
    view: Callable[..., Any] = field(compare=False)
    regex: str = field(compare=False)
    converters: Mapping[str, Any] = field(compare=False)


def all_routes() -> Iterator[Route]:
    """In the order in which Django tries them."""
    return _below(get_resolver(), "", "", {})


def _below(
    resolver: URLResolver, before: str, namespace: str, converters: Mapping[str, Any]
) -> Iterator[Route]:
    for one in resolver.url_patterns:
        regex = before + one.pattern.regex.pattern.removeprefix("^")
        known = {**converters, **one.pattern.converters}
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _below(one, regex, inner, known)
        elif isinstance(one, URLPattern):
            template, parameters = normalize(regex)[0]
            name = f"{namespace}{one.name or ''}"
            yield Route(f"/{template}", tuple(parameters), name, one.callback, f"^/{regex}", known)
