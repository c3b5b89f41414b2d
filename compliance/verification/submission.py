"""A member sends pictures through a one-time link."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance import policy
from compliance.members.models import Consent
from compliance.members.roster import subject_of
from compliance.verification import evidence, links, pictures, second_reviews
from compliance.verification.errors import Refusal
from compliance.verification.metrics import count
from compliance.verification.models import UploadLink, VerificationRequest
from compliance.verification.states import State
from compliance.verification.transitions import move
from monitoring.audit import trail
from monitoring.audit.models import ActorType


def submit(token: str, uploads: list[bytes], *, consent_version: int | None) -> VerificationRequest:
    """Accept the pictures, use the link up and put the request before the reviewers.

    All or nothing: after a refusal (link_*, consent_*, picture_*, store_failed) nothing of
    the upload is kept and the link still works. Of two uploads at once one is accepted.
    """
    link = links.read(token)
    if consent_version is None:
        raise Refusal("consent_missing")
    if consent_version != policy.CONSENT_VERSION:
        raise Refusal("consent_changed")
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
    link: UploadLink, clean: list[pictures.Picture], consent_version: int
) -> VerificationRequest:
    """Consent first, then the store, then the rows; what was kept goes when one fails."""
    consent = Consent.objects.create(member=link.request.member, version=consent_version)
    kept: list[evidence.Kept] = []
    try:
        for picture in clean:
            kept += [evidence.keep(picture)]
        return _accept(link, consent, kept)
    except BaseException:
        evidence.discard(kept)
        Consent.objects.filter(pk=consent.pk, verificationrequest__isnull=True).delete()
        raise


@transaction.atomic
def _accept(link: UploadLink, consent: Consent, kept: list[evidence.Kept]) -> VerificationRequest:
    links.use_up(link)
    request = VerificationRequest.objects.select_for_update().get(pk=link.request_id)
    now = timezone.now()
    request.consent = consent
    if request.submitted_at is None:
        # The review clock starts with the first submission and is never reset.
        request.submitted_at, request.due_at = now, now + policy.REVIEW_TARGET
    request.save(update_fields=["consent", "submitted_at", "due_at"])
    request.decisions.filter(standing=True).update(standing=False)
    move(request, State.PENDING, version=request.version)
    second_reviews.draw(request, first=not request.evidence.exists())
    evidence.attach(request, kept)
    trail.record(
        "verification.submitted",
        actor_type=ActorType.MEMBER,
        subject_id=subject_of(request.member_id),
        target=request,
        data={
            "pictures": len(kept),
            "consent_version": consent.version,
            "evidence": [str(item.id) for item in kept],
        },
    )
    if not request.member.made_up:
        count("pending", request.method)
    return request
