"""How near a deadline is: its tone, its words, and how much of the time is used up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance import policy
from monitoring.tones import Tone
from monitoring.ui.words import duration


@dataclass(frozen=True)
class Due:
    """A deadline, ready to show."""

    at: datetime
    tone: Tone
    words: str  # "26 min over", "12 min left"
    share: int  # of the time used up, 0 to 100


def of(opened_at: datetime, due_at: datetime, now: datetime) -> Due:
    """How it stands now with what waits since `opened_at`."""
    left = due_at - now
    whole = due_at - opened_at
    share = (now - opened_at) / whole * 100 if whole > timedelta(0) else 100
    if left < timedelta(0):
        tone, words = Tone.CRITICAL, f"{in_minutes(-left)} over"
    else:
        tone = Tone.WARN if left < policy.DUE_SOON else Tone.MUTED
        words = f"{in_minutes(left)} left"
    return Due(due_at, tone, words, min(100, max(0, int(share))))


def in_minutes(length: timedelta) -> str:
    """In whole minutes: nobody needs the seconds of a deadline."""
    whole = timedelta(minutes=length // timedelta(minutes=1))
    return duration(whole) if whole else "under 1 min"
