"""The provider answers: one transaction holds the answer, what it decides, and the audit.

passed and failed decide without a person, by the same transition and with the same undo
window as everybody's decisions; unsure goes to the desk. An answer takes effect once.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.effects.kinds import message
from compliance.members.roster import subject_of
from compliance.providers.models import ProviderSession
from compliance.providers.provider_calls import Answer
from compliance.refusals import Refusal
from compliance.verification import age, decisions, messages, requests
from compliance.verification.metrics import count_failure
from compliance.verification.models import VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, DenyReason, Method, State
from monitoring.audit import trail
from monitoring.audit.models import ActorType

PASSED, FAILED, UNSURE, ERROR = ProviderSession.Result


@dataclass(frozen=True)
class Taken:
    """What an answer led to; `is_repeated` when it had been taken before."""

    session: ProviderSession
    is_repeated: bool


def take(answer: Answer) -> Taken:
    """Take an answer once. The same delivery again changes nothing and returns the first result.

    Refusals: reference_unknown, reference_answered (by another delivery), reference_over
    (withdrawn, expired, or another way was chosen), delivery_reused (for another answer).
    """
    try:
        with transaction.atomic():
            return _take(answer)
    except IntegrityError:
        if not _is_used(answer.delivery_id):
            raise
        return _first_or_refuse(answer)  # its id was used for another reference meanwhile


def _take(answer: Answer) -> Taken:
    session = ProviderSession.objects.filter(reference=answer.reference).first()
    if session is None:
        raise Refusal("reference_unknown")
    held = VerificationRequest.objects.select_for_update().filter(pk=session.request_id)
    request = held.first()
    if request is None:  # erased with its member meanwhile
        raise Refusal("reference_unknown")
    session.refresh_from_db()  # as it is now that we hold the request
    if session.answered_at is not None or _is_used(answer.delivery_id):
        return _first_or_refuse(answer)
    if session.revoked_at is not None or request.state not in AWAITS_MEMBER:
        raise Refusal("reference_over")
    _write_down(session, answer)
    session.outcome = _effect(session, request, _judged(answer))
    session.save(update_fields=["outcome"])
    return Taken(session, is_repeated=False)


def _is_used(delivery_id: str) -> bool:
    return ProviderSession.objects.filter(delivery_id=delivery_id).exists()


def _first_or_refuse(answer: Answer) -> Taken:
    first = ProviderSession.objects.filter(delivery_id=answer.delivery_id).first()
    if first is None:
        raise Refusal("reference_answered")
    if (first.reference, first.result) != (answer.reference, answer.result):
        raise Refusal("delivery_reused")
    return Taken(first, is_repeated=True)


def _write_down(session: ProviderSession, answer: Answer) -> None:
    session.answered_at = timezone.now()
    session.delivery_id, session.result = answer.delivery_id, answer.result
    session.save(update_fields=["answered_at", "delivery_id", "result"])
    request = session.request
    trail.record(
        "verification.provider_answered",
        actor_type=ActorType.PROVIDER,
        subject_id=subject_of(request.member_id),
        target=request,
        data={
            "session": session.pk,
            "result": answer.result,
            "with_birth_date": answer.birth_date is not None,
        },
    )


def _judged(answer: Answer) -> ProviderSession.Result:
    """The result after the birthday rule: where there is a date, it decides.

    A date can turn "passed" into "failed". It never turns "failed" into "passed": an answer
    that contradicts itself is for a person. Who is unsure whose date it is stays unsure.
    """
    if answer.birth_date is None or answer.result in (UNSURE, ERROR):
        return answer.result
    old_enough = age.is_old_enough(answer.birth_date)
    if answer.result == PASSED:
        return PASSED if old_enough else FAILED
    return UNSURE if old_enough else FAILED


def _effect(
    session: ProviderSession, request: VerificationRequest, result: ProviderSession.Result
) -> State:
    """Do what the result asks for; returns the state that the request is in then."""
    if result == ERROR:
        transaction.on_commit(lambda: count_failure(Method.PROVIDER))
        _tell(session, request, messages.provider_failed())
        return State(request.state)
    assert request.consent is not None  # hand_over() wrote it down
    requests.put_before_reviewers(request, request.consent)
    if result == UNSURE:
        _tell(session, request, messages.provider_unsure())
    elif result == PASSED:
        decisions.decide_by_provider(request, State.APPROVED)
    else:
        decisions.decide_by_provider(request, State.DENIED, DenyReason.UNDER_AGE)
    return State(request.state)


def _tell(session: ProviderSession, request: VerificationRequest, content: str) -> None:
    message.want(
        request.member_id,
        messages.ABOUT,
        content,
        cause=f"provider:{session.pk}",
        not_before=timezone.now(),
    )
