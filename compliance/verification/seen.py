"""How a moderator knows what they decide: nobody decides unseen."""

from compliance.desk.models import Claim
from compliance.refusals import Refusal
from compliance.verification import in_person
from compliance.verification.models import VerificationRequest
from compliance.verification.states import DenyReason, State

UNSHOWN = "The picture could not be shown. Ask for more, or deny it as unreadable."


def check(
    request: VerificationRequest, claim: Claim, result: State, reason: str, attested: str
) -> dict[str, str]:
    """What the record keeps of how they know; `attested` is a day, as decisions.approve() says.

    A picture that the store could not show can only be asked for again, or denied as
    unreadable. The trigger verification_decision_was_seen holds the same. Refusals:
    not_attested, not_revealed, evidence_gone.
    """
    if in_person.needs_attestation(request):
        if result != State.APPROVED:
            return {}
        day = in_person.check_attestation(attested)
        return {"attested": "seen in person with their ID", "born_on_or_before": day.isoformat()}
    if claim.revealed_at is not None:
        return {}
    if claim.reveal_failed_at is None:
        living = request.evidence.filter(destroyed_at__isnull=True)
        raise Refusal("not_revealed" if living.exists() else "evidence_gone")
    if result == State.MORE_REQUESTED or reason == DenyReason.UNREADABLE:
        return {"unseen": "the picture could not be shown"}
    raise Refusal("not_revealed", UNSHOWN)
