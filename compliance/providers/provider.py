"""The way to the outside provider: consent, then a link under a random reference."""

from django.conf import settings
from django.db import transaction

from compliance.members.models import Member
from compliance.providers.models import ProviderSession
from compliance.verification import consent, requests
from compliance.verification.models import VerificationRequest
from compliance.verification.states import Method, State


def hand_over(member: Member, *, consent_version: int | None) -> str:
    """The address at the provider for this member; consent is written down first.

    Asked again before the provider has answered, it is the same address. Refusals:
    consent_missing, consent_changed, and those of requests.begin().
    """
    return requests.twice(lambda: _hand_over(member, consent_version))


@transaction.atomic
def _hand_over(member: Member, consent_version: int | None) -> str:
    request, _ = requests.begin(member, Method.PROVIDER)
    request.consent = consent.give(member, Method.PROVIDER, consent_version)
    request.save(update_fields=["consent"])
    session = live_session(request)
    if session is None:
        session = ProviderSession.objects.create(request=request)
        requests.record(
            request,
            "verification.handed_over",
            {"session": session.pk, "consent_version": request.consent.version},
        )
    if request.state == State.OPENED:
        requests.await_member(request)
    return address_of(session)


def live_session(request: VerificationRequest) -> ProviderSession | None:
    """The check by the provider whose answer is still awaited."""
    return request.provider_sessions.filter(answered_at=None, revoked_at=None).first()


def address_of(session: ProviderSession) -> str:
    """Where the member goes. Nothing in it says who they are."""
    address: str = settings.PROVIDER_URL
    return address.replace("{reference}", str(session.reference))
