"""The registry of panels; rooms declare theirs in `panels.py`.

A panel is declared once. From the declaration come the wall boards, the phone page and Grafana's
dashboards (boards.py says which boards there are).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monitoring import policy
from monitoring.panels.boards import Board
from monitoring.panels.shown import Shown
from monitoring.tones import Tone


class Kind(StrEnum):
    STAT = "stat"
    LINES = "lines"
    HEATMAP = "heatmap"
    PIE = "pie"
    TABLE = "table"
    LIST = "list"


class Unit(StrEnum):
    """What figures count."""

    NUMBER = "number"
    PER_SECOND = "a second"
    SECONDS = "seconds"
    MEGABYTES = "MB"
    PERCENT = "%"
    STATE = "state"  # 1 is up, 0 is down
    POINTS = "of 100"


@dataclass(frozen=True)
class Query:
    """PromQL, and how its series are named: `{{label}}` stands for a label's value."""

    promql: str
    legend: str = ""


@dataclass(frozen=True)
class Threshold:
    """From this value on the figure has this tone, and the panel says this word."""

    value: float
    tone: Tone
    words: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel. It has either `queries`, drawn as its kind says, or `look`, a query function of
    its room, which fills in what is shown and may raise NothingMeasured.

    `title` is the full one; `short` may be shown instead. `position` counts from 1 on its board.
    `source_every` is how often its source has something new, `empty` what it says while there
    is nothing, `runbook` the page under docs/ that says what to do. `words` are those for values
    of labels; in others, underscores become spaces.
    """

    slug: str
    title: str
    kind: Kind
    board: Board
    position: int
    about: str
    empty: str
    runbook: str
    short: str = ""
    queries: tuple[Query, ...] = ()
    look: Callable[["Panel", Shown], None] | None = None
    at_once: bool = False  # looks at what is kept already, whenever somebody looks at the board
    unit: Unit = Unit.NUMBER
    thresholds: tuple[Threshold, ...] = ()
    refresh: timedelta = policy.WALL_REFRESH
    source_every: timedelta = policy.SCRAPE_EVERY
    span: timedelta = timedelta(hours=1)  # of lines and heatmaps
    words: tuple[tuple[str, str], ...] = ()
    built: bool = True  # False: nobody counts this yet, so that 0 means nothing

    @property
    def heading(self) -> str:
        return self.short or self.title

    @property
    def stale_after(self) -> timedelta:
        return policy.BOARD_STALE * max(self.refresh, self.source_every)

    def threshold(self, value: float) -> Threshold | None:
        """The highest one that the value reaches."""
        reached = [one for one in self.thresholds if value >= one.value]
        return max(reached, key=lambda one: one.value, default=None)


_PANELS: dict[str, Panel] = {}


class Misdeclared(ValueError):
    """A panel that can't be shown."""


def register(panel: Panel) -> Panel:
    """Add a panel. Raises Misdeclared when its slug or its place is taken, or it shows nothing."""
    if panel.slug in _PANELS:
        raise Misdeclared(f"There is a panel {panel.slug} already.")
    taken = {(one.board, one.position) for one in _PANELS.values()}
    if (panel.board, panel.position) in taken:
        raise Misdeclared(f"{panel.slug}: {panel.board} has a panel at {panel.position} already.")
    if bool(panel.queries) == bool(panel.look):
        raise Misdeclared(f"{panel.slug} needs either queries or a query function.")
    _PANELS[panel.slug] = panel
    return panel


def all_panels() -> list[Panel]:
    """By board and position."""
    boards = list(Board)
    return sorted(_PANELS.values(), key=lambda one: (boards.index(one.board), one.position))


def panels_of(board: Board) -> list[Panel]:
    return [panel for panel in all_panels() if panel.board == board]


def panel(slug: str) -> Panel:
    return _PANELS[slug]
