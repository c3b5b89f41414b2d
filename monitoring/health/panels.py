"""Panels of the System Health Score."""

from monitoring.health import scoring
from monitoring.health.score import Score, formula, short_formula
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Unit, register
from monitoring.panels.shown import Item, Shown
from monitoring.tones import Tone

_STATES = {
    Tone.OK: "Normal",
    Tone.WARN: "Degraded",
    Tone.CRITICAL: "Critical",
    Tone.INFO: "Being handled",
    Tone.MUTED: "Not measured",
}
_LINES_OF_A_WALL = 4


def _system(panel: Panel, shown: Shown) -> None:
    score = scoring.current()
    _figure(score, shown)
    for found in score.deductions:
        shown.items.append(Item(found.words, f"−{found.points}", found.tone))
    shown.items += _attended(score, "handled")
    shown.cut(_LINES_OF_A_WALL)
    if score.not_measured and len(shown.items) < _LINES_OF_A_WALL and not shown.more:
        shown.items.append(Item("Not measured", ", ".join(score.not_measured), Tone.MUTED))
    if len(shown.items) < _LINES_OF_A_WALL - 1:
        shown.foot = [" · ".join(short_formula())]


def _score(panel: Panel, shown: Shown) -> None:
    score = scoring.current()
    _figure(score, shown)
    if score.is_known:
        shown.scale = score.value
        shown.note = _note(score)
    else:
        shown.note = panel.empty
    for found in score.deductions:
        shown.items.append(Item(found.words, f"−{found.points}", found.tone))
    shown.items += _attended(score)
    for rule in formula():
        shown.rules.append(Item(rule.sentence, f"−{rule.points}", Tone.MUTED, below=rule.what))
    if score.not_measured:
        shown.foot = [f"Not measured: {', '.join(score.not_measured)}."]


def _attended(score: Score, note: str = "") -> list[Item]:
    return [
        Item(one.words, note, Tone.INFO, below=one.why, sign="user-check") for one in score.attended
    ]


def _note(score: Score) -> str:
    if not score.alerts_known:
        return score.unknown
    if score.deductions:
        return ""
    if score.attended:
        return "Nothing is deducted for what is being handled."
    return "Normal: nothing is deducted."


def _figure(score: Score, shown: Shown) -> None:
    shown.figure, shown.tone = "–", score.tone
    if score.is_known:
        shown.figure, shown.unit = str(score.value), Unit.POINTS.value
    known = score.alerts_known or score.deductions or not score.is_known
    shown.say(_STATES[Tone(score.tone)] if known else "Alerts unknown", score.tone)


register(
    Panel(
        slug="system-status-overview",
        title="System Status Overview",
        short="System status",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=1,
        about="The System Health Score and what it deducts, worst first.",
        look=_system,
        at_once=True,
        unit=Unit.POINTS,
        empty="No check has run yet.",
        runbook="docs/boards.md",
    )
)
register(
    Panel(
        slug="system-health-score",
        title="System Health Score",
        short="Health",
        kind=Kind.STAT,
        board=Board.MOBILE,
        position=4,
        about="The score, every deduction, and the formula.",
        look=_score,
        at_once=True,
        unit=Unit.POINTS,
        empty="No check has run yet.",
        runbook="docs/boards.md",
    )
)
