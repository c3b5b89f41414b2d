"""What Discord can be brought to, one module a kind.

A new kind is a module here (its Kind, and what rooms call to want it) and one of the same name in
growmies_admin/bot/effects/, which does it.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Kind:
    """`after`: kinds that are done first when they are wanted for the same member and cause.

    `is_lost_by_leaving`: who leaves the guild and comes back has lost it. `needs_them_here`: it
    is not tried while the member is known to be outside.
    """

    name: str
    label: str
    after: tuple[str, ...] = ()
    is_lost_by_leaving: bool = False
    needs_them_here: bool = False


def names() -> Iterable[str]:
    return (one.name for one in pkgutil.iter_modules(__path__))


@cache
def everything() -> dict[str, Kind]:
    """Name -> kind."""
    found = [importlib.import_module(f"{__name__}.{name}").KIND for name in names()]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.label)}


def get(name: str) -> Kind:
    """Of a kind that is not there any more, one that waits for nothing."""
    return everything().get(name) or Kind(name, name)
