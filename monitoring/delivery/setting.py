"""Settings of the ways of sending: each folder declares its own, and settings.py reads them all.

A declaration is its name in the environment, what it is for, and how it is read; what is
malformed stops the start with one line.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
FOLDER = Path(__file__).parent / "transports"


class Kind(StrEnum):
    """How the environment is read: growmies_admin/environment.py."""

    TEXT = "text"
    URL = "url"
    NAMED = "named"  # name=value name=value
    ADDRESSES = "addresses"  # of e-mail, separated by commas


Check = Callable[[Any], str]


def sound(value: Any) -> str:
    """What is wrong with a value, in words that follow its name and hold nothing of it."""
    return ""


@dataclass(frozen=True)
class Setting(Generic[T]):
    name: str
    what: str
    kind: Kind
    default: str = ""
    check: Check = sound

    @property
    def value(self) -> T:
        from django.conf import settings

        return cast(T, getattr(settings, self.name))

    @property
    def is_set(self) -> bool:
        return bool(self.value)


def text(name: str, what: str, default: str = "") -> Setting[str]:
    return Setting(name, what, Kind.TEXT, default)


def url(name: str, what: str, default: str = "") -> Setting[str]:
    return Setting(name, what, Kind.URL, default)


def named(name: str, what: str, check: Check = sound) -> Setting[dict[str, str]]:
    return Setting(name, what, Kind.NAMED, check=check)


def addresses(name: str, what: str) -> Setting[list[str]]:
    return Setting(name, what, Kind.ADDRESSES)


def folders() -> list[str]:
    """Names of the ways of sending, in the order of the alphabet."""
    return sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.ispkg)


def module(folder: str, name: str) -> ModuleType:
    return importlib.import_module(f"monitoring.delivery.transports.{folder}.{name}")


def declared() -> Iterator[Setting[Any]]:
    """All that the folders declare; reads no row and needs no app."""
    for folder in folders():
        if (FOLDER / folder / "settings.py").exists():
            found = vars(module(folder, "settings")).values()
            yield from (one for one in found if isinstance(one, Setting))
