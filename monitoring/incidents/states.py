"""States of an incident, who comes after whom, and how they look: the one table of moves."""

from django.db import models

from monitoring.tones import Tone


class State(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Reviewed and closed"


MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.ACKNOWLEDGED, State.MITIGATED, State.RESOLVED}),
    # Back to open: whoever had it has withdrawn that at its alerts.
    State.ACKNOWLEDGED: frozenset({State.OPEN, State.MITIGATED, State.RESOLVED}),
    # Back to acknowledged: it was not mitigated after all, or one of its alerts fires again.
    State.MITIGATED: frozenset({State.ACKNOWLEDGED, State.RESOLVED}),
    # Back to open: its alerts fire again; back to acknowledged: somebody took it up again.
    State.RESOLVED: frozenset({State.OPEN, State.ACKNOWLEDGED, State.CLOSED}),
    State.CLOSED: frozenset(),
}
# It still needs somebody.
LIVE = (State.OPEN, State.ACKNOWLEDGED, State.MITIGATED)
# Somebody looks after it.
HELD = (State.ACKNOWLEDGED, State.MITIGATED)
OVER = (State.RESOLVED, State.CLOSED)
TONES = {
    State.OPEN: Tone.CRITICAL,
    State.ACKNOWLEDGED: Tone.WARN,
    State.MITIGATED: Tone.INFO,
    State.RESOLVED: Tone.OK,
    State.CLOSED: Tone.MUTED,
}
