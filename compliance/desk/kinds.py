"""Kinds of work that people do: each plugs in from the room that knows how to decide it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db import models

from compliance import policy
from compliance.desk.models import WorkItem
from monitoring.people import Person


def _anybody(item: WorkItem, person: Person) -> None:
    """Nothing more is asked than of every kind."""


def _any_time(subject: int, person: Person) -> None:
    """It may be given back whenever somebody likes."""


@dataclass(frozen=True)
class Kind:
    """What the desk has to know of a kind to let people work on it.

    `name` stands in rows and in labels of metrics, `audit` begins its audit actions, and `model`
    is the table whose rows wait. `work` is the right that it takes, `any_escalated` the one by
    which somebody takes what was escalated to others. Who works on a blind kind must not learn
    whom it is about.
    """

    name: str
    title: str
    icon: str
    model: str
    audit: str
    work: str
    any_escalated: str = ""
    lease: timedelta = policy.CLAIM_LEASE
    escalated_lease: timedelta = policy.ESCALATION_LEASE
    is_blind: bool = False
    tells_nothing: bool = False  # its page tells no earlier decision to who must not know it
    own: str = "own_request"  # the code of the refusal where it concerns themselves
    author: str = ""  # the sentence of the one where they decided what is looked at again
    over: str = ""  # the sentence where it waits for nobody any more
    not_held: str = ""  # the sentence where they have not claimed it
    check: Callable[[WorkItem, Person], None] = _anybody  # may raise another Refusal
    may_release: Callable[[int, Person], None] = _any_time  # may raise a Refusal

    def target(self, subject: int) -> models.Model:
        """What audit entries are about; not read from the database."""
        found: models.Model = apps.get_model(self.model)(pk=subject)
        return found

    def lease_of(self, item: WorkItem) -> timedelta:
        return self.escalated_lease if item.escalated_at is not None else self.lease


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Take a kind in; the same name a second time is an error of the code."""
    known = _kinds.setdefault(kind.name, kind)
    if known != kind:
        raise ValueError(f"two kinds of work are named {kind.name}")
    return kind


def every() -> list[Kind]:
    """In the order in which they were registered, which is that of the rooms."""
    return list(_kinds.values())


def named(name: str) -> Kind:
    return _kinds[name]


def for_person(person: Person) -> list[Kind]:
    """Those that this person may work on."""
    return [kind for kind in _kinds.values() if person.has_perm(kind.work)]
