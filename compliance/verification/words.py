"""What the desk says of a decision that has just been made."""

from compliance import policy
from compliance.verification.models import Decision
from compliance.verification.states import State


def decided(decision: Decision) -> str:
    """For the toast, which counts down behind it."""
    name = str(decision.request.member)
    return {
        State.APPROVED: f"Approved {name}. Role follows in",
        State.DENIED: f"Denied {name}. Message follows in",
        State.MORE_REQUESTED: f"Asked {name} for more. Message follows in",
    }[State(decision.result)]


def decided_aloud(decision: Decision) -> str:
    """The same for screen readers, with how to take it back."""
    seconds = int(policy.UNDO_WINDOW.total_seconds())
    label = State(decision.result).label.lower()
    return f"{decision.request.member}: {label}. Press U within {seconds} seconds to undo."
