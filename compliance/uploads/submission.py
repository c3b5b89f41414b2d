"""A member sends pictures through a one-time link."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction

from compliance import policy
from compliance.evidence import custody, pictures
from compliance.members.models import Consent
from compliance.members.roster import subject_of
from compliance.refusals import Refusal
from compliance.uploads import line, links
from compliance.uploads.models import UploadLink
from compliance.verification import consent, requests
from compliance.verification.models import VerificationRequest
from compliance.verification.signals import request_submitted
from compliance.verification.states import Method
from monitoring.audit import trail
from monitoring.audit.models import ActorType
from monitoring.refusals import declared


def submit(
    token: str, uploads: list[bytes], *, consent_version: int | None, seen_round: int | None = None
) -> VerificationRequest:
    """Accept the pictures, use the link up and put the request before the reviewers.

    Waits in line, for policy.UPLOAD_WAIT at most. All or nothing: after a refusal (link_*,
    consent_*, picture_*, line_long, sent_again, store_failed) nothing of the upload is kept and
    the link still works, but for at most policy.UPLOAD_LINK_ATTEMPTS whose pictures were opened.
    Of two uploads at once one is accepted; the other one's refusal is link_used.
    `seen_round` is the link's round that the sender knew: what was given up since is refused,
    however late it arrives.
    """
    link = links.read(token)
    if seen_round not in (None, link.round):
        raise Refusal("sent_again")
    consent.check(Method.ID_DOCUMENT, consent_version)
    if not uploads:
        raise Refusal("picture_missing")
    if len(uploads) > policy.UPLOAD_MAX_PICTURES:
        raise Refusal("picture_too_many")
    for upload in uploads:
        pictures.check_size(upload)
    _let_the_database_go()
    try:
        with line.uploads.turn(bytes(link.token_hash)) as turn:
            links.count_attempt(link)
            clean = _opened(link, uploads)
            turn.check()
            return _keep(link, clean, consent_version)
    except (IntegrityError, ObjectDoesNotExist) as error:
        if UploadLink.objects.filter(pk=link.pk).exists():
            raise
        raise Refusal("link_unknown") from error  # the member was erased meanwhile


def submit_drawn(token: str, picture: bytes) -> VerificationRequest:
    """The same for a picture that our own code has drawn, which needs no place in line."""
    return _keep(links.read(token), [pictures.clean(picture)], policy.CONSENT_VERSION)


def _let_the_database_go() -> None:
    """Whoever waits in line must not keep a connection of the pool from everybody else."""
    if not connection.in_atomic_block:
        connection.close()


def _opened(link: UploadLink, uploads: list[bytes]) -> list[pictures.Picture]:
    try:
        return [pictures.clean(upload) for upload in uploads]
    except Refusal as refusal:
        if link.attempts < policy.UPLOAD_LINK_ATTEMPTS:
            raise
        last = f"{refusal.sentence} {declared()['link_tries'].sentence}"
        raise Refusal("link_tries", last) from refusal


def _keep(
    link: UploadLink, clean: list[pictures.Picture], consent_version: int | None
) -> VerificationRequest:
    """Consent first, then the store, then the rows; what was kept goes when one fails."""
    given = consent.give(link.request.member, Method.ID_DOCUMENT, consent_version)
    kept: list[custody.Kept] = []
    try:
        for picture in clean:
            kept += [custody.keep(picture)]
        return _accept(link, given, kept)
    except BaseException:
        custody.discard(kept)
        Consent.objects.filter(pk=given.pk, verificationrequest__isnull=True).delete()
        raise


@transaction.atomic
def _accept(link: UploadLink, given: Consent, kept: list[custody.Kept]) -> VerificationRequest:
    request = VerificationRequest.objects.select_for_update().get(pk=link.request_id)
    links.use_up(link)
    requests.put_before_reviewers(request, given)
    request_submitted.send(
        sender=VerificationRequest, request=request, first=not request.evidence.exists()
    )
    custody.attach(request, kept)
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
