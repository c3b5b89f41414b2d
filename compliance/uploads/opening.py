"""A member asks for a one-time link to the upload page, or takes back what they sent by it."""

from dataclasses import dataclass

from django.db import transaction

from compliance.members.models import Member
from compliance.refusals import Refusal
from compliance.uploads import links
from compliance.verification.models import VerificationRequest
from compliance.verification.requests import begin, record, twice, withdraw
from compliance.verification.states import Method, State


@dataclass(frozen=True)
class Opened:
    """A request that awaits the member, and the URL of its fresh one-time link."""

    request: VerificationRequest
    url: str
    is_new: bool


def open_request(member: Member) -> Opened:
    """Begin, or go on with, a verification by a picture of an ID, and issue a fresh link.

    Twice at once makes one request. Refusals: method_off, tried_out, and those of
    may_begin().
    """
    return twice(lambda: _open(member))


@transaction.atomic
def _open(member: Member) -> Opened:
    request, is_new = begin(member, Method.ID_DOCUMENT)
    url = links.issue(request)
    record(request, "verification.link_issued", {})
    return Opened(request, url, is_new)


@transaction.atomic
def withdraw_by_link(signed: str) -> VerificationRequest:
    """The same, by whoever has its link, used or not.

    A link that is revoked or expired changes nothing: refusal link_expired. Others: link_unknown,
    already_there, not_allowed (it is decided, or over).
    """
    link = links.hold(signed)
    if link.request.state == State.WITHDRAWN:
        raise Refusal("already_there")
    if not links.is_alive(link):
        raise Refusal(
            "link_expired",
            "This link has expired; nothing was changed. /verify-status in Discord lets you take "
            "your request back.",
        )
    return withdraw(link.request_id)
