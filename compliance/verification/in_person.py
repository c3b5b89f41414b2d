"""A member asks to show their ID in person: the request waits at the desk, without a picture.

A moderator meets them and attests it there (decisions.approve with `attested`). A request of
which the provider was unsure is attested in the same way.
"""

from datetime import date

from django.db import transaction

from compliance.members.models import Member
from compliance.refusals import Refusal
from compliance.verification import age, consent, requests
from compliance.verification.models import VerificationRequest
from compliance.verification.states import Method


def ask(member: Member, *, consent_version: int | None) -> VerificationRequest:
    """Put a request without a picture before the moderators.

    Refusals: consent_missing, consent_changed, and those of requests.begin().
    """
    return requests.twice(lambda: _ask(member, consent_version))


@transaction.atomic
def _ask(member: Member, consent_version: int | None) -> VerificationRequest:
    request, _ = requests.begin(member, Method.IN_PERSON)
    given = consent.give(member, Method.IN_PERSON, consent_version)
    requests.put_before_reviewers(request, given)
    requests.record(
        request, "verification.submitted", {"pictures": 0, "consent_version": given.version}
    )
    return request


def needs_attestation(request: VerificationRequest) -> bool:
    """Whether nothing but a person's word can tell that the member is of age."""
    return request.method in (Method.IN_PERSON, Method.PROVIDER)


def check_attestation(attested: str) -> date:
    """The day that a moderator attested: born on or before it. Refusal not_attested.

    It is the day that the desk showed. Yesterday's is stricter than today's, so it counts; a
    later one does not.
    """
    try:
        day = date.fromisoformat(attested)
    except ValueError:
        raise Refusal("not_attested") from None
    if day > age.born_on_or_before():
        raise Refusal("not_attested")
    return day
