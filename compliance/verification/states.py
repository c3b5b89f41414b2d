"""States of an age verification and the moves between them (docs/verification.md)."""

from django.db import models

from compliance import policy


class State(models.TextChoices):
    OPENED = "opened", "Opened"
    PENDING = "pending", "Pending"
    MORE_REQUESTED = "more_requested", "More requested"
    ESCALATED = "escalated", "Escalated"
    EVIDENCE_EXPIRED = "evidence_expired", "Evidence expired"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Method(models.TextChoices):
    ID_DOCUMENT = "id_document", "Photo ID"
    IN_PERSON = "in_person", "In person"
    PROVIDER = "provider", "Provider"


class DenyReason(models.TextChoices):
    UNDER_AGE = "under_age", f"Under {policy.AGE_THRESHOLD_YEARS}"
    UNREADABLE = "unreadable", "Unreadable"
    NOT_THE_MEMBER = "not_the_member", "Not the member"
    EXPIRED_ID = "expired_id", "Expired ID"
    ALTERED = "altered", "Altered"
    OTHER = "other", "Other…"


MOVES: dict[State, frozenset[State]] = {
    State.OPENED: frozenset({State.PENDING, State.EXPIRED, State.WITHDRAWN}),
    State.PENDING: frozenset(
        {
            State.APPROVED,
            State.DENIED,
            State.MORE_REQUESTED,
            State.ESCALATED,
            State.WITHDRAWN,
            State.EVIDENCE_EXPIRED,
        }
    ),
    State.MORE_REQUESTED: frozenset({State.PENDING, State.EXPIRED, State.WITHDRAWN}),
    State.ESCALATED: frozenset(
        {
            State.APPROVED,
            State.DENIED,
            State.MORE_REQUESTED,
            State.WITHDRAWN,
            State.EVIDENCE_EXPIRED,
        }
    ),
    State.EVIDENCE_EXPIRED: frozenset({State.PENDING, State.EXPIRED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.DENIED}),  # by an override only
    State.DENIED: frozenset({State.APPROVED}),  # by an override only
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}

UNFINISHED = (
    State.OPENED,
    State.PENDING,
    State.MORE_REQUESTED,
    State.ESCALATED,
    State.EVIDENCE_EXPIRED,
)
REVIEWABLE = (State.PENDING, State.ESCALATED)
DECIDED = (State.APPROVED, State.DENIED)
AWAITS_MEMBER = (State.OPENED, State.MORE_REQUESTED, State.EVIDENCE_EXPIRED)
