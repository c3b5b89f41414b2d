"""A board as it is now: every panel with what it shows, how old that is, whether it is stale."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from monitoring.panels.boards import Board
from monitoring.panels.registry import Panel, all_panels, panels_of
from monitoring.panels.shown import Shown
from monitoring.prometheus.keeping import Kept, keeper
from monitoring.tones import Tone
from monitoring.ui.words import duration


@dataclass(frozen=True)
class Drawn:
    """One panel now. `at` is how far back its data go; None: there were none yet."""

    panel: Panel
    shown: Shown
    at: datetime | None
    is_stale: bool
    version: str

    @property
    def age_words(self) -> str:
        """As the page's script goes on counting it."""
        return duration(datetime.now(tz=UTC) - self.at).split(", ")[0] if self.at else ""

    @property
    def at_seconds(self) -> int:
        return int(self.at.timestamp()) if self.at else 0


@dataclass(frozen=True)
class View:
    """A board now. `version` changes when anything that it shows does."""

    panels: list[Drawn]
    version: str

    def of(self, slug: str) -> Drawn:
        return next(one for one in self.panels if one.panel.slug == slug)


def now(board: Board) -> View:
    """What the board shows now. Asks nobody: the figures are kept up to date beside."""
    panels = panels_of(board)
    kept = keeper.get([_name(panel) for panel in panels if not panel.at_once])
    at = time.time()
    found = [
        _looked_at(panel) if panel.at_once else _drawn(panel, kept[_name(panel)], at)
        for panel in panels
    ]
    return View(found, _hash("".join(one.version for one in found)))


def renew(panel: Panel) -> None:
    """Somebody has just changed what it shows, and wants to see that."""
    keeper.renew(_name(panel))


def shown_by(panel: Panel) -> Shown:
    """Ask the panel's source. Raises PrometheusUnavailable or NothingMeasured."""
    shown = Shown()
    if panel.look:
        panel.look(panel, shown)
    else:
        from monitoring.panels.drawing import drawn  # Plotly: only where a board is looked at

        drawn(panel, shown)
    return shown


def keep_all() -> None:
    """Let the keeper know of all panels; called when every room has declared its own."""
    for panel in all_panels():
        if panel.at_once:
            continue
        keeper.register(_name(panel), panel.refresh, partial(_versioned, panel))


def _versioned(panel: Panel) -> tuple[Shown, str]:
    shown = shown_by(panel)
    return shown, _hash(shown)


def _looked_at(panel: Panel) -> Drawn:
    shown, version = _versioned(panel)
    return Drawn(panel, shown, datetime.now(tz=UTC), False, version)


def _drawn(panel: Panel, kept: Kept, now: float) -> Drawn:
    if not kept.is_known:
        shown = Shown(nothing=kept.failed or "The first figures are on their way.")
        shown.say("No data", Tone.MUTED)
        return Drawn(panel, shown, None, False, _hash(shown))
    shown, version = kept.value
    read_at = datetime.fromtimestamp(kept.at, tz=UTC)
    at = min(read_at, shown.as_of or read_at)
    is_stale = now - at.timestamp() > panel.stale_after.total_seconds()
    return Drawn(panel, shown, at, is_stale, f"{version}{'s' if is_stale else ''}")


def _name(panel: Panel) -> str:
    return f"panel:{panel.slug}"


def _hash(shown: Any) -> str:
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:12]
