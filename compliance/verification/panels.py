"""Panels of age verification."""

from datetime import timedelta

from compliance import policy
from monitoring.panels.asking import value
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, Query, Threshold, register
from monitoring.panels.shown import Figure, Shown
from monitoring.prometheus.keeping import NothingMeasured
from monitoring.tones import Tone
from monitoring.ui.words import duration

_MEDIAN = "histogram_quantile(0.5, sum by (le) (rate(age_verification_review_seconds_bucket[24h])))"


def _queue(panel: Panel, shown: Shown) -> None:
    waiting = value("sum(age_verification_queue_depth)")
    if waiting is None:
        raise NothingMeasured(panel.empty)
    overdue = value("sum(age_verification_overdue)") or 0
    oldest = value("max(age_verification_oldest_pending_seconds)") or 0
    shown.figure, shown.unit = f"{waiting:,.0f}", "waiting"
    reached = panel.threshold(overdue)
    if reached:
        shown.tone = reached.tone
        shown.say(f"{overdue:.0f} {reached.words}", reached.tone)
    else:
        shown.say("In time", Tone.OK)
    minutes = oldest // 60 * 60
    words = duration(minutes) if minutes else ("under 1 min" if oldest else "–")
    target = duration(policy.REVIEW_TARGET)
    tone = Tone.CRITICAL if overdue else ""
    shown.figures = [Figure(words, f"oldest, target {target}", tone)]
    median = value(_MEDIAN)
    if median is not None:
        shown.figures.append(Figure(duration(median), "median review"))
    else:
        done = value('sum(increase(age_verification_total{status=~"approved|denied"}[24h]))') or 0
        shown.figures.append(Figure(f"{done:,.0f}", "decided in 24 h"))


register(
    Panel(
        slug="age-verification-queue",
        title="Age Verification Queue",
        short="Age verification queue",
        kind=Kind.STAT,
        board=Board.MAIN,
        position=9,
        about="Requests that wait, those past their time, the oldest, and how long reviews take.",
        look=_queue,
        thresholds=(Threshold(1, Tone.WARN, "overdue"),),
        empty="The worker does not report the queue now.",
        runbook="docs/runbooks/VerificationQueueOverdue.md",
    )
)
register(
    Panel(
        slug="age-verification-status",
        title="Age Verification Status",
        short="Age verification steps, counted",
        kind=Kind.PIE,
        board=Board.OVERVIEW,
        position=5,
        about="Steps of age verification since the processes started; who waits now is not here.",
        words=(
            ("pending", "Submitted"),
            ("approved", "Approved"),
            ("denied", "Denied"),
            ("more_requested", "Asked for more"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
            ("error", "Failed"),
        ),
        queries=(Query("sum by (status) (age_verification_total)", "{{status}}"),),
        refresh=timedelta(seconds=15),
        empty="No step of an age verification has been counted yet.",
        runbook="docs/runbooks/AgeVerificationFailure.md",
    )
)
