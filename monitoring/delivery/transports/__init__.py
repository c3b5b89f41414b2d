"""The ways of sending. A new one is a folder here, and no line anywhere else."""

from functools import cache

from monitoring.delivery.content import To, Transport
from monitoring.delivery.setting import folders, module
from monitoring.people import Person


@cache
def everything() -> dict[str, Transport]:
    """Name -> way of sending, in the order of their labels."""
    found: list[Transport] = [module(folder, "transport").TRANSPORT for folder in folders()]
    return {one.name: one for one in sorted(found, key=lambda one: one.label)}


def get(name: str) -> Transport | None:
    """None for one that a row names and that is not there any more."""
    return everything().get(name)


def names() -> tuple[str, ...]:
    return tuple(everything())


def label(name: str) -> str:
    return one.label if (one := get(name)) else name


def words(name: str) -> str:
    """As in a sentence: told by e-mail."""
    return one.words if (one := get(name)) else name


def place(channel: str, to: To) -> str:
    """Where something goes there."""
    return one.place(to) if (one := get(channel)) else to.target


def reaching_persons() -> tuple[str, ...]:
    """Names of those by which persons can be told."""
    return tuple(n for n, one in everything().items() if "reaches" in vars(type(one)))


def ways_of(person: Person) -> list[str]:
    """Names of the ways in which this person can be told now."""
    return [one.name for one in everything().values() if one.reaches(person)]
