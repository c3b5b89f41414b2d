"""What members read in Discord. Staff are never named: decisions are the community's."""

from compliance import policy
from compliance.verification.models import Decision
from compliance.verification.quality_models import SecondReview
from compliance.verification.states import DenyReason, State

_THRESHOLD = policy.AGE_THRESHOLD_YEARS
_DENIED_BECAUSE = {
    DenyReason.UNDER_AGE: f"it does not show that you are {_THRESHOLD} or over",
    DenyReason.UNREADABLE: "the picture could not be read",
    DenyReason.NOT_THE_MEMBER: "the ID does not seem to be yours",
    DenyReason.EXPIRED_ID: "the ID has expired",
    DenyReason.ALTERED: "the picture seems to have been altered",
    DenyReason.OTHER: "of another reason",
}
EVIDENCE_EXPIRED = (
    "Nobody could look at your picture within 72 hours, so it was destroyed undecided. "
    "We are sorry. Type /verify to get a new link."
)
EVIDENCE_LOST = (
    "Your picture was lost on our side before anybody could look at it. Nobody has it. "
    "We are sorry. Type /verify to get a new link."
)

_APPROVED = f"You are verified as {_THRESHOLD} or over. Welcome! "
_DESTROYED = "The picture of your ID is destroyed now."
_DRAWN = (
    "The picture of your ID was drawn by lot for a second look, as a check of our own work; it is "
    "destroyed right after that, and in any case 72 hours after you sent it."
)


def approval_preview() -> str:
    """What the member will read when approved."""
    return _APPROVED + _DESTROYED


def for_decision(decision: Decision) -> str:
    """The direct message for a decision."""
    if decision.result == State.APPROVED:
        return _APPROVED + _picture(decision)
    if decision.result == State.MORE_REQUESTED:
        return (
            f"We need one more thing for your age verification: {decision.note} "
            f"{_picture(decision)} Type /verify to get a new link; "
            f"it stays open for {policy.MORE_REQUESTED_LIFE.days} days."
        )
    because = _DENIED_BECAUSE[DenyReason(decision.reason)]
    note = f" A note from the team: {decision.note}" if decision.note else ""
    return (
        f"Your age verification was not approved, because {because}.{note} "
        f"{_picture(decision)} You may type /verify to try again."
    )


def _picture(decision: Decision) -> str:
    """What becomes of the picture, which members are told the truth about; staff never read it."""
    drawn = SecondReview.objects.unanswered().filter(request_id=decision.request_id)
    return _DRAWN if drawn.exists() else _DESTROYED
