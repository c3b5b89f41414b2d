"""What the desk says of an act that can still be taken back."""

from compliance import policy
from compliance.desk.models import Escalation
from compliance.verification.models import Decision
from compliance.verification.states import State
from monitoring.ui.words import span


def decided(decision: Decision) -> str:
    """For the toast, which counts down behind it."""
    name = str(decision.request.member)
    return {
        State.APPROVED: f"Approved {name}. Role follows in",
        State.DENIED: f"Denied {name}. Message follows in",
        State.MORE_REQUESTED: f"Asked {name} for more. Message follows in",
    }[State(decision.result)]


def escalated(row: Escalation) -> str:
    """The same of a request that was handed on."""
    return f"Handed {row.item.member} to {row.escalated_to or 'compliance'}. Final in"


def decided_aloud(decision: Decision) -> str:
    """For screen readers, with how to take it back."""
    return f"{decision.request.member}: {State(decision.result).label.lower()}. {_by_key()}"


def escalated_aloud(row: Escalation) -> str:
    """The same of a request that was handed on."""
    return f"{row.item.member}: handed to {row.escalated_to or 'compliance'}. {_by_key()}"


def _by_key() -> str:
    return f"Press U within {span(policy.UNDO_WINDOW)} to undo."
