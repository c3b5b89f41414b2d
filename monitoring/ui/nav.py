"""The registry of the navigation. Rooms register their entries in `nav.py`, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache

from monitoring.people import Person

COUNT_MOST = 1000  # a count need not look further; beyond it "999+" is shown
KEPT = timedelta(seconds=2)  # a count that all readers share
KEPT_OWN = timedelta(seconds=10)  # one for each reader


@dataclass(frozen=True)
class Count:
    """How many wait, beside an entry's title.

    `of` is asked with the reader. The answer is kept for `kept`, one for all readers or, with
    `own`, one for each; without `kept` it is asked each time. `noun` follows the number for who
    hears the page read out. `tone` names one of monitoring/tones.py while the number is not 0.
    """

    of: Callable[[Any], int]
    noun: str = "waiting"
    kept: timedelta | None = None
    own: bool = False
    tone: Callable[[], str] | None = None


@dataclass(frozen=True)
class Entry:
    """An entry of the navigation, for who has one of its rights.

    `position` orders the entries. `pages` are the addresses below which it is the current one;
    the longest of all entries' wins. One of `in_menu` moves into a menu where not all fit.
    """

    title: str
    url: str
    rights: tuple[str, ...]
    position: int
    pages: tuple[str, ...] = ()
    count: Count | None = None
    in_menu: bool = False


@dataclass(frozen=True)
class Shown:
    """An entry as one reader sees it."""

    title: str
    url: str
    in_menu: bool
    current: bool
    count: str = ""
    counted: str = ""
    tone: str = ""


_ENTRIES: dict[str, Entry] = {}


def register(entry: Entry) -> Entry:
    """Raises ValueError where the title is another entry's."""
    if _ENTRIES.setdefault(entry.title, entry) is not entry:
        raise ValueError(f"{entry.title} stands in the navigation already")
    return entry


def entries() -> list[Entry]:
    """All entries in their order."""
    return sorted(_ENTRIES.values(), key=lambda entry: entry.position)


def of(reader: Person, path: str) -> list[Shown]:
    """What somebody sees of the navigation on the page at `path`."""
    current = _current(path)
    mine = [e for e in entries() if any(reader.has_perm(right) for right in e.rights)]
    numbers = _numbers(mine, reader)
    return [_shown(entry, numbers.get(entry.url, 0), current=entry is current) for entry in mine]


def _current(path: str) -> Entry | None:
    fits = [
        (len(page), entry.position, entry)
        for entry in entries()
        for page in entry.pages or (entry.url,)
        if path.startswith(page)
    ]
    return max(fits, key=lambda fit: fit[:2])[2] if fits else None


def _shown(entry: Entry, number: int, *, current: bool) -> Shown:
    if not number or entry.count is None:
        return Shown(entry.title, entry.url, entry.in_menu, current)
    return Shown(
        entry.title,
        entry.url,
        entry.in_menu,
        current,
        count=str(number) if number < COUNT_MOST else f"{COUNT_MOST - 1}+",
        counted=entry.count.noun,
        tone=entry.count.tone() if entry.count.tone else "",
    )


def _numbers(mine: list[Entry], reader: Person) -> dict[str, int]:
    """How many wait, by the entry's address; what is kept is asked of the cache at once."""
    counted = [(entry, entry.count) for entry in mine if entry.count]
    keys = {entry.url: _key(entry, count, reader) for entry, count in counted if count.kept}
    kept = cache.get_many(keys.values())
    found = {}
    for entry, count in counted:
        key = keys.get(entry.url)
        number = kept.get(key) if key else None
        if number is None:
            number = count.of(reader)
            if key and count.kept:
                cache.set(key, number, count.kept.total_seconds())
        found[entry.url] = number
    return found


def _key(entry: Entry, count: Count, reader: Person) -> str:
    return f"nav.{entry.url}" + (f".{reader.pk}" if count.own else "")
