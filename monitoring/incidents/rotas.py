"""Who is on call: shifts, repeated shifts and overrides laid over each other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.incidents.models import Override, Rota, Shift
from monitoring.maintenance.schedule import ZONE
from monitoring.people import Person

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Span:
    """From one moment to another the same people are on call; nobody is a gap."""

    starts_at: datetime
    ends_at: datetime
    people: tuple[Any, ...]
    is_override: bool = False

    @property
    def is_gap(self) -> bool:
        return not self.people


@dataclass(frozen=True)
class _Turn:
    starts_at: datetime
    ends_at: datetime
    person: Person
    override: int = 0  # 0: a shift; else the override's key, the newest wins


def on_call(rota: Rota, at: datetime) -> list[Any]:
    """Who is on call at a moment; several when shifts overlap, nobody in a gap."""
    found = spans(rota, at, at + timedelta(seconds=1))
    return list(found[0].people) if found else []


def spans(rota: Rota, start: datetime, end: datetime) -> list[Span]:
    """The time from start to end, cut wherever somebody else is on call; gaps are in it."""
    turns = list(_turns(rota, start, end))
    edges = {start, end}
    for turn in turns:
        edges |= {moment for moment in (turn.starts_at, turn.ends_at) if start < moment < end}
    cuts = sorted(edges)
    found: list[Span] = []
    for begin, finish in itertools.pairwise(cuts):
        people, is_override = _at(turns, begin)
        last = found[-1] if found else None
        if last and (last.people, last.is_override) == (people, is_override):
            found[-1] = Span(last.starts_at, finish, people, is_override)
        else:
            found.append(Span(begin, finish, people, is_override))
    return found


def gaps(rota: Rota, start: datetime, end: datetime) -> list[Span]:
    return [span for span in spans(rota, start, end) if span.is_gap]


def _at(turns: list[_Turn], moment: datetime) -> tuple[tuple[Any, ...], bool]:
    current = [turn for turn in turns if turn.starts_at <= moment < turn.ends_at]
    overrides = [turn for turn in current if turn.override]
    if overrides:
        return (max(overrides, key=lambda turn: turn.override).person,), True
    people = {turn.person.pk: turn.person for turn in current}
    return tuple(people[pk] for pk in sorted(people)), False


def _turns(rota: Rota, start: datetime, end: datetime) -> Iterator[_Turn]:
    """Who has left takes no turn: that is a gap."""
    for shift in rota.shifts.select_related("person").filter(
        starts_at__lt=end, person__is_active=True
    ):
        for begins, ends in _occurrences(shift, start, end):
            yield _Turn(begins, ends, shift.person)
    overrides = Override.objects.select_related("person").filter(
        rota=rota, starts_at__lt=end, ends_at__gt=start, person__is_active=True
    )
    for one in overrides:
        yield _Turn(one.starts_at, one.ends_at, one.person, one.pk)


def _occurrences(
    shift: Shift, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """When it takes place between start and end: at the same hour of New York, summer or not."""
    if shift.every_weeks is None:
        if shift.ends_at > start:
            yield shift.starts_at, shift.ends_at
        return
    first, last = _wall(shift.starts_at), _wall(shift.ends_at)
    step = _WEEK * shift.every_weeks
    # One earlier than the division says: an hour of the clock's change must not lose one.
    number = max((_wall(start) - last) // step - 1, 0)
    while True:
        begins, ends = _moment(first + number * step), _moment(last + number * step)
        number += 1
        if begins >= end or (shift.until and begins >= shift.until):
            return
        if ends > start:
            yield begins, ends


def _wall(moment: datetime) -> datetime:
    """The clock on the wall in New York, without a zone."""
    return moment.astimezone(ZONE).replace(tzinfo=None)


def _moment(wall: datetime) -> datetime:
    return wall.replace(tzinfo=ZONE)
