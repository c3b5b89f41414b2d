"""Panels of moderators' work: what waits for a decision, and what was done."""

from datetime import timedelta

from monitoring.panels.asking import value
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, register
from monitoring.panels.shown import Item, Shown
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone
from monitoring.ui.words import duration

# What waits -> how many, and how old the oldest is where somebody measures it.
_WAITING = (
    (
        "Age verifications",
        'sum(age_verification_queue_depth{state!="escalated"})',
        "max(age_verification_oldest_pending_seconds)",
    ),
    ("Escalated to compliance", 'sum(age_verification_queue_depth{state="escalated"})', ""),
    ("Second reviews", "sum(age_verification_second_reviews_due)", ""),
    ("Disputes of reviewers", "sum(age_verification_disputes_open)", ""),
    ("Appeals", "sum(appeals_open)", "max(appeals_oldest_open_seconds)"),
)


def _queue(panel: Panel, shown: Shown) -> None:
    total = 0.0
    for words, promql, oldest_of in _WAITING:
        waiting = value(promql)
        if waiting is None:
            continue
        total += waiting
        note = f"{waiting:,.0f}" if waiting else "none"
        if waiting and oldest_of:
            minutes = (value(oldest_of) or 0) // 60 * 60
            note += f", oldest {duration(minutes) if minutes else 'under 1 min'}"
        tone = Tone.INFO if waiting else Tone.OK
        shown.items.append(Item(words, note, tone, sign="clock" if waiting else ""))
    if not shown.items:
        raise NothingMeasured(panel.empty)
    shown.items.append(Item("Content violations", "not measured yet", Tone.MUTED))
    shown.figure, shown.unit = f"{total:,.0f}", "wait for a person"
    overdue = value("sum(age_verification_overdue)") or 0
    reached = panel.threshold(overdue)
    if reached:
        shown.tone = reached.tone
        shown.say(f"{overdue:.0f} {reached.words}", reached.tone)
    else:
        shown.say("In time", Tone.OK)


register(
    Panel(
        slug="moderation-queue",
        title="Moderation Queue",
        short="Moderation queue",
        kind=Kind.LIST,
        board=Board.SECONDARY,
        position=2,
        about="Everything that waits for a moderator or for compliance.",
        look=_queue,
        thresholds=(Threshold(1, Tone.WARN, "overdue"),),
        empty="The worker does not report the queues now.",
        runbook="docs/runbooks/VerificationQueueOverdue.md",
    )
)
register(
    Panel(
        slug="moderation-actions",
        title="Moderation Actions",
        short="Moderation actions",
        kind=Kind.TABLE,
        board=Board.COMMUNITY,
        position=5,
        about="Actions by kind and reason since the processes started.",
        queries=(Query("sum by (action, reason) (content_moderation_total)"),),
        refresh=timedelta(seconds=15),
        empty="No process reports cases now.",
        runbook="docs/boards.md",
    )
)
