"""A member sends pictures through a one-time link."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from compliance import policy
from compliance.members.models import Consent
from compliance.members.roster import subject_of
from compliance.verification import consent, evidence, links, pictures, requests, second_reviews
from compliance.verification.errors import Refusal
from compliance.verification.models import UploadLink, VerificationRequest
from compliance.verification.states import Method
from monitoring.audit import trail
from monitoring.audit.models import ActorType


def submit(token: str, uploads: list[bytes], *, consent_version: int | None) -> VerificationRequest:
    """Accept the pictures, use the link up and put the request before the reviewers.

    All or nothing: after a refusal (link_*, consent_*, picture_*, store_failed) nothing of
    the upload is kept and the link still works. Of two uploads at once one is accepted.
    """
    link = links.read(token)
    consent.check(Method.ID_DOCUMENT, consent_version)
    if not uploads:
        raise Refusal("picture_missing")
    if len(uploads) > policy.UPLOAD_MAX_PICTURES:
        raise Refusal("picture_too_many")
    clean = [pictures.clean(upload) for upload in uploads]
    try:
        return _keep(link, clean, consent_version)
    except (IntegrityError, ObjectDoesNotExist) as error:
        if UploadLink.objects.filter(pk=link.pk).exists():
            raise
        raise Refusal("link_unknown") from error  # the member was erased meanwhile


def _keep(
    link: UploadLink, clean: list[pictures.Picture], consent_version: int | None
) -> VerificationRequest:
    """Consent first, then the store, then the rows; what was kept goes when one fails."""
    given = consent.give(link.request.member, Method.ID_DOCUMENT, consent_version)
    kept: list[evidence.Kept] = []
    try:
        for picture in clean:
            kept += [evidence.keep(picture)]
        return _accept(link, given, kept)
    except BaseException:
        evidence.discard(kept)
        Consent.objects.filter(pk=given.pk, verificationrequest__isnull=True).delete()
        raise


@transaction.atomic
def _accept(link: UploadLink, given: Consent, kept: list[evidence.Kept]) -> VerificationRequest:
    links.use_up(link)
    request = VerificationRequest.objects.select_for_update().get(pk=link.request_id)
    requests.put_before_reviewers(request, given)
    second_reviews.draw(request, first=not request.evidence.exists())
    evidence.attach(request, kept)
    trail.record(
        "verification.submitted",
        actor_type=ActorType.MEMBER,
        subject_id=subject_of(request.member_id),
        target=request,
        data={
            "pictures": len(kept),
            "consent_version": given.version,
            "evidence": [str(item.id) for item in kept],
        },
    )
    return request
