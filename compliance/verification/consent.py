"""What a member agrees to: one numbered text for each method, and that they agreed."""

from django.conf import settings
from django.template.loader import render_to_string

from compliance import policy
from compliance.members.models import Consent, Member
from compliance.refusals import Refusal
from monitoring.discord_words import quiet
from monitoring.ui.words import span


def version_of(method: str) -> int:
    """The version of a method's text that counts now."""
    return policy.CONSENT_VERSIONS[method]


def text_of(method: str) -> str:
    """The whole text in plain paragraphs: for the upload page, and for an answer in Discord."""
    context = {
        "threshold": policy.AGE_THRESHOLD_YEARS,
        "provider": provider_name(),
        "evidence_life": span(policy.EVIDENCE_LIFE),
        "days": policy.IN_PERSON_REVIEW_TARGET.days,
    }
    name = f"verification/consent/{method}-{version_of(method)}.txt"
    return render_to_string(name, context).strip()


def provider_name() -> str:
    """How members know the provider, on pages and in Discord."""
    return quiet(settings.PROVIDER_NAME) or "The provider"


def check(method: str, version: int | None) -> int:
    """That somebody agreed to the text that counts. Refusals consent_missing, consent_changed."""
    if version is None:
        raise Refusal("consent_missing")
    if version != version_of(method):
        raise Refusal("consent_changed")
    return version


def give(member: Member, method: str, version: int | None) -> Consent:
    """Write down that the member agreed. Refusals consent_missing, consent_changed."""
    return Consent.objects.create(member=member, method=method, version=check(method, version))
