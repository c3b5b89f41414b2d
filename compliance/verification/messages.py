"""What members read in Discord. Staff are never named: decisions are the community's."""

from compliance import policy
from compliance.verification.consent import provider_name
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import DenyReason, Method, State
from monitoring import prepared
from monitoring.discord_words import as_shown, sentence
from monitoring.ui.words import span

ABOUT = "verification"  # what all of them are about: the newest one is the one that counts
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
    f"Nobody could look at your picture within {span(policy.EVIDENCE_LIFE)}, so it was destroyed "
    "undecided. "
    "We are sorry. Type /verify to get a new link."
)
EVIDENCE_LOST = (
    "Your picture was lost on our side before anybody could look at it. Nobody has it. "
    "We are sorry. Type /verify to get a new link."
)

_DESTROYED = " The picture of your ID is destroyed now."
# In SQL for tests/bench/test_decisions.py.
_IS_DRAWN = "SELECT FROM quality_secondreview WHERE request_id = %s AND outcome = ''"
_DRAWN = (
    " The picture of your ID was picked at random for a second look, as a check of our own work; "
    "it is destroyed right after that, and in any case "
    f"{span(policy.EVIDENCE_LIFE)} after you sent it."
)


def approval(method: str) -> str:
    """What the member reads when approved."""
    return _approved(_DESTROYED if method == Method.ID_DOCUMENT else "")


def _approved(picture: str) -> str:
    return f"You are verified as {_THRESHOLD} or over. Welcome!{picture}"


def provider_unsure() -> str:
    """The provider could not tell."""
    return (
        f"{provider_name()} could not tell whether you are {_THRESHOLD} or over. That is not a "
        "denial: a moderator goes on from there. /verify-status tells you where it stands."
    )


def provider_failed() -> str:
    """The provider could not even try."""
    return (
        f"The check at {provider_name()} failed on their side; it says nothing about you. "
        "We are sorry. Type /verify to try again."
    )


def for_decision(decision: Decision) -> str:
    """The direct message for a decision."""
    return _worded(decision, _picture(decision))


def _worded(decision: Decision, picture: str) -> str:
    if decision.result == State.APPROVED:
        return _approved(picture)
    words = sentence(decision.note)
    if decision.result == State.MORE_REQUESTED:
        sent = f"{picture.strip()} " if picture else ""
        return (
            f"We need one more thing for your age verification: {words} "
            f"{sent}Type /verify to go on; "
            f"it stays open for {span(policy.MORE_REQUESTED_LIFE)}."
        )
    because = _DENIED_BECAUSE[DenyReason(decision.reason)]
    note = f" A note from the team: {words}" if words else ""
    at = int(decision.appeal_from.timestamp())
    return (
        f"Your age verification was not approved, because {because}.{note}{picture} "
        f"If you think that this is wrong: from <t:{at}:f> on you may type /appeal, and somebody "
        "else looks at it, or /verify to try again."
    )


ROLE_FOLLOWS = (
    " Your role in Discord is not there yet. It follows, and you need not do anything for it."
)
WORDS = "…"  # stands in a preview for the words that the moderator has not typed yet


def previews(request: VerificationRequest) -> dict[str, str]:
    """What the member will read, by result or deny reason, before anything is decided.

    Times are written out, in the zone of who is to decide.
    """

    def of(result: State, reason: str = "", note: str = "") -> str:
        decision = Decision(
            request=request, method=request.method, result=result, reason=reason, note=note
        )
        # Never whether it was drawn: staff must not know.
        picture = _DESTROYED if request.method == Method.ID_DOCUMENT else ""
        return as_shown(_worded(decision, picture))

    found = {reason.value: of(State.DENIED, reason) for reason in DenyReason}
    found[DenyReason.OTHER] = of(State.DENIED, DenyReason.OTHER, WORDS)
    found[State.APPROVED] = of(State.APPROVED)
    found[State.MORE_REQUESTED] = of(State.MORE_REQUESTED, note=WORDS)
    return found


def _picture(decision: Decision) -> str:
    """What becomes of the picture, which members are told the truth about; staff never read it."""
    if decision.method != Method.ID_DOCUMENT:
        return ""
    return _DRAWN if prepared.rows(_IS_DRAWN, [decision.request_id]) else _DESTROYED
