"""What a panel shows: parts that templates draw. Only what is set is drawn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitoring.tones import ICONS, Tone


@dataclass(frozen=True)
class Spark:
    """Paths in a box of 100 by 40, y downwards; `limit` is the y of a threshold line."""

    line: str
    area: str
    limit: float | None = None


@dataclass
class Item:
    """One line of a list. `share` from 0 to 100 draws a bar."""

    words: str
    note: str
    tone: str = Tone.OK
    below: str = ""
    share: float | None = None
    url: str = ""
    tel: str = ""
    email: str = ""
    sign: str = ""  # an icon other than the tone's
    alert: str = ""  # the alert that the line is about
    lasts: str = ""  # for how long it has fired
    ack: str = ""  # where it is acknowledged; nobody looks after it yet

    @property
    def icon(self) -> str:
        return self.sign or ICONS[Tone(self.tone)]


@dataclass
class Figure:
    """One of several figures."""

    value: str
    words: str
    tone: str = ""


@dataclass
class Table:
    """Rows under headings; the last column is numbers."""

    headings: list[str]
    rows: list[list[str]]


@dataclass
class Shown:
    figure: str = ""
    unit: str = ""
    tone: str = ""  # of the figure
    note: str = ""  # a sentence below the figure
    chip: str = ""
    chip_tone: str = Tone.OK
    spark: Spark | None = None
    spark_tone: str = ""
    second: Spark | None = None
    items: list[Item] = field(default_factory=list)
    more: int = 0  # items that are left out; the list says so in its last line
    rules: list[Item] = field(default_factory=list)  # how the figure is worked out
    figures: list[Figure] = field(default_factory=list)
    table: Table | None = None
    foot: list[str] = field(default_factory=list)
    swatches: list[str] = field(default_factory=list)
    chart: dict[str, Any] | None = None  # a Plotly figure
    chart_table: Table | None = None  # the same for who can't see it
    chart_words: str = ""
    scale: float | None = None  # the figure as a share of 100, drawn as a dial
    nothing: str = ""  # what is said instead, while there is nothing
    as_of: datetime | None = None  # when it was last known to be true, if not when it was read

    @property
    def chip_icon(self) -> str:
        return ICONS[Tone(self.chip_tone)]

    @property
    def alarm(self) -> bool:
        return bool(self.chip) and self.chip_tone == Tone.CRITICAL

    def say(self, words: str, tone: str) -> None:
        """The panel's state in a word."""
        self.chip, self.chip_tone = words, tone

    def cut(self, lines: int) -> None:
        """Let the list have so many lines at most, one of which says how many are left out."""
        whole = len(self.items) + self.more
        if whole > lines:
            self.items = self.items[: lines - 1]
            self.more = whole - len(self.items)

    def not_measured(self, why: str) -> None:
        self.say("Not measured", Tone.MUTED)
        self.nothing = why
