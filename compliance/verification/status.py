"""Where a member's verification stands, in words for the member. Times as Discord shows."""

from dataclasses import dataclass

from django.utils import timezone

from compliance.verification.consent import provider_name
from compliance.verification.messages import for_decision
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, DECIDED, REVIEWABLE, Method, State
from monitoring.discord_words import quiet

NOT_ASKED = "You have not asked to be verified yet. Type /verify to begin."
BEING_DECIDED = "Your request is being decided right now."
_AWAITED = {
    Method.ID_DOCUMENT: "Your link waits for your picture. Type /verify for a fresh one.",
    Method.IN_PERSON: "You have begun and not gone on. Type /verify to go on.",
    Method.PROVIDER: "We wait for the answer of {provider}. Type /verify for the link to it.",
}


@dataclass(frozen=True)
class Status:
    """Words, and what the member can do about it."""

    words: str
    may_go_on: bool = False  # by /verify
    withdrawable: int | None = None  # id of the request that can be taken back


def of_member(member_id: int) -> Status:
    """How the member's newest request stands."""
    request = VerificationRequest.objects.filter(member_id=member_id).order_by("-pk").first()
    if request is None:
        return Status(NOT_ASKED, may_go_on=True)
    if request.state in REVIEWABLE:
        return Status(_in_review(request), withdrawable=request.pk)
    if request.state in DECIDED:
        return Status(_decided(request))
    return Status(
        _awaits_member(request),
        may_go_on=True,
        withdrawable=request.pk if request.state in AWAITS_MEMBER else None,
    )


def _in_review(request: VerificationRequest) -> str:
    if request.due_at is None:
        return "A moderator will look at it."
    at = int(request.due_at.timestamp())
    match request.method:
        case Method.IN_PERSON:
            return (
                "You asked to show your ID in person. Agree with the staff when and where: until "
                f"<t:{at}:D>, please. Bring a photo ID."
            )
        case Method.PROVIDER:
            return (
                f"{provider_name()} was not sure, so a moderator goes on from there, usually by "
                f"<t:{at}:t>. You'll hear from us here."
            )
    return (
        "We have your picture and a moderator will look at it, usually by "
        f"<t:{at}:t>. You'll hear from us here."
    )


def _decided(request: VerificationRequest) -> str:
    decision = Decision.objects.filter(request=request, standing=True).order_by("-pk").first()
    if decision is not None and decision.undo_until > timezone.now():
        return BEING_DECIDED
    if request.state == State.APPROVED or decision is None:
        return "You are verified." if request.state == State.APPROVED else "It was denied."
    return for_decision(decision)


def _awaits_member(request: VerificationRequest) -> str:
    match State(request.state):
        case State.OPENED:
            return _AWAITED[Method(request.method)].format(provider=provider_name())
        case State.MORE_REQUESTED:
            decision = request.decisions.filter(standing=True).order_by("-pk").first()
            if decision is not None and decision.undo_until > timezone.now():
                return BEING_DECIDED
            asked = f": {quiet(decision.note)}" if decision is not None else "."
            return f"We asked you for one more thing{asked} Type /verify to go on."
        case State.EVIDENCE_EXPIRED:
            return "Your picture was destroyed before a decision. Type /verify to send it again."
        case State.WITHDRAWN:
            return "You took your request back. Type /verify to begin again."
    return "Your last request expired unused. Type /verify to begin again."
