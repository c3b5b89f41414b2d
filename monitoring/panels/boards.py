"""The boards: which there are, and how large."""

from dataclasses import dataclass
from enum import StrEnum


class Board(StrEnum):
    MAIN = "main"
    SECONDARY = "secondary"
    OVERVIEW = "overview"
    COMMUNITY = "community"
    MOBILE = "mobile"


@dataclass(frozen=True)
class Layout:
    """How a board is arranged. `folder` is Grafana's; boards without one are not exported."""

    title: str
    name: str
    columns: int
    rows: int
    folder: str = ""


LAYOUTS = {
    Board.MAIN: Layout("Growmies NJ - Main Display", "Main", 4, 3),
    Board.SECONDARY: Layout("Growmies NJ - Secondary Display", "Secondary", 2, 2),
    Board.OVERVIEW: Layout("Growmies NJ - System Overview", "System overview", 3, 2, "Operations"),
    Board.COMMUNITY: Layout(
        "Growmies NJ - Community Health", "Community health", 3, 2, "Community"
    ),
    Board.MOBILE: Layout("Growmies NJ status", "Status", 1, 4),
}
WALLS = (Board.MAIN, Board.SECONDARY, Board.OVERVIEW, Board.COMMUNITY)
GRAFANA = tuple(board for board in Board if LAYOUTS[board].folder)
