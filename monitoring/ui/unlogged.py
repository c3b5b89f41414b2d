"""Parts of addresses that stay out of logs: one-time secrets, and whose page was read.

Where a route is declared, its converter says so: `path("verify/<secret:token>/", …)`. From the
routes follows what `redact` cuts out, in whatever text they come: doubled slashes, percent-encoded
(also twice), inside `next=`, a referrer, or an error. Routes of other packages are marked where
they are included (`mark`).
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls.converters import StringConverter

from monitoring.ui.routes import Route, all_routes

SECRET, MEMBER, TEXT = "[token]", "[member]", "[text]"


class SecretPart(StringConverter):
    """A right by itself: whoever has it may act."""

    stand_in = SECRET


class MemberPart(StringConverter):
    """A member's id: logs outlive an erasure."""

    stand_in = MEMBER


CONVERTERS = {"secret": SecretPart, "member": MemberPart}  # registered by apps.py
# Names of values in a query that stay out too: what was searched for, and rights by themselves.
QUERY = {"q": TEXT} | dict.fromkeys(
    ("code", "token", "access_token", "key", "secret", "password"), SECRET
)
_marked: dict[tuple[str, str], str] = {}

# A percent sign may itself be encoded: %2F, %252F, %25252F.
_PERCENT = "%(?:25){0,3}"
_SLASH = rf"(?:\\{{0,2}}/|{_PERCENT}2f)"
_CHARACTER = r"(?:[^/\s\"'?\\&#<>%]|%(?!(?:25){0,3}(?:2f|3f|26|23|22|5c)))"
_PARAMETER = re.compile(r"%\((\w{1,64})\)s")
_NAMES = "|".join(QUERY)
_IN_QUERY = re.compile(rf"([?&](?:{_NAMES})=)[^&\s\"'\\]+", re.IGNORECASE)
_IN_ENCODED_QUERY = re.compile(
    rf"(%((?:25){{0,3}})(?:3f|26)(?:{_NAMES})%\2(?:3d))(?:[^&\s\"'\\%]|%(?!\2(?:26)))++",
    re.IGNORECASE,
)
_NAME = re.compile(rf"({_NAMES})(?:=|{_PERCENT}3d)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class _Rule:
    """What to look for. Without the word in a text, and no percent sign, there is nothing."""

    word: str
    pattern: re.Pattern[str]
    stand_in: str


# Before the routes are known: every long part of a path, as any might be a secret.
_UNTIL_KNOWN = (_Rule("/", re.compile(rf"({_SLASH}){_CHARACTER}{{20,}}+", re.IGNORECASE), SECRET),)


def mark(name: str, parameter: str) -> None:
    """Keep a parameter of another package's route out of logs, by the name of the route."""
    _marked[name, parameter] = SECRET


def stand_in(route: Route, parameter: str) -> str | None:
    """What logs have in the place of this parameter; None when it may be logged."""
    found = getattr(route.converters.get(parameter), "stand_in", None)
    return found or _marked.get((route.name, parameter))


def redact(text: str) -> str:
    """The text without secrets, ids of members and what was searched for, in addresses of ours."""
    lowered, is_encoded = text.lower(), "%" in text
    for rule in _rules():
        if is_encoded or rule.word in lowered:
            text = rule.pattern.sub(rf"\g<1>{rule.stand_in}", text)
    if "=" in text:
        text = _IN_QUERY.sub(_without_value, text)
    return _IN_ENCODED_QUERY.sub(_without_value, text) if is_encoded else text


def _without_value(found: re.Match[str]) -> str:
    name = _NAME.search(found[1])
    return found[1] + (QUERY[name[1].lower()] if name else SECRET)


def _rules() -> tuple[_Rule, ...]:
    """Never imports the URLconf: a log line may be written under a lock, or during that import."""
    if not settings.configured:
        return _UNTIL_KNOWN
    urlconf = settings.ROOT_URLCONF
    if not hasattr(sys.modules.get(urlconf), "urlpatterns"):
        return _UNTIL_KNOWN
    return _rules_of(urlconf)


@lru_cache(maxsize=4)
def _rules_of(_urlconf: str) -> tuple[_Rule, ...]:
    routes = list(all_routes())
    found = {}
    for route in routes:
        for parameter in route.parameters:
            instead = stand_in(route, parameter)
            if instead:
                before = route.template.partition(f"%({parameter})s")[0]
                found[before] = _rule(before, instead, routes)
    # The longer first: what stands in for an earlier part is a part like any other.
    return tuple(found[before] for before in sorted(found, key=len, reverse=True))


def _rule(before: str, instead: str, routes: Iterable[Route]) -> _Rule:
    """`before` is the template up to the parameter, such as `/staff/password/%(uid)s/`."""
    pieces = _PARAMETER.split(before.removeprefix("/"))
    # Every second piece is the name of a parameter.
    prefix = "".join(
        rf"{_CHARACTER}{{1,200}}?" if at % 2 else _written(piece) for at, piece in enumerate(pieces)
    )
    others = "|".join(_written(word) for word in sorted(_words_there(before, routes)))
    not_those = rf"(?!(?:{others})(?:{_SLASH}|[?#\s\"']|\Z))" if others else ""
    word = max("/".join(pieces[::2]).lower().split("/"), key=len)
    pattern = rf"((?:/|2f){prefix}){not_those}{_CHARACTER}++"
    return _Rule(word, re.compile(pattern, re.IGNORECASE), instead)


def _written(literal: str) -> str:
    """A pattern for the ways in which this piece of a path may be written."""
    return "".join(
        rf"{_SLASH}++" if one == "/" else rf"(?:{re.escape(one)}|{_PERCENT}{ord(one):02x})"
        for one in literal
    )


def _words_there(before: str, routes: Iterable[Route]) -> set[str]:
    """Words that another route has in the parameter's place: /api/verify/provider/ has no token."""
    wanted = [part for part in before.split("/") if part]
    if not before.endswith("/"):
        return set()
    found = set()
    for route in routes:
        parts = route.template.strip("/").split("/")
        for at in range(len(parts) - len(wanted)):
            same = all(
                ours == theirs or "%(" in ours
                for ours, theirs in zip(wanted, parts[at:], strict=False)
            )
            word = parts[at + len(wanted)]
            if same and word and "%(" not in word:
                found.add(word)
    return found
