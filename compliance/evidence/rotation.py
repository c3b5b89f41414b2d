"""Rotation of EVIDENCE_KEYS: wraps the keys of pictures by the first one, pictures untouched."""

import uuid
from dataclasses import dataclass, field

from django.db import transaction

from compliance.evidence import keys, store
from compliance.evidence.models import Evidence
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity


@dataclass
class Rotation:
    """How many wrapped keys became current, were it already, and which none of our keys opens."""

    rewrapped: int = 0
    current: int = 0
    unusable: list[uuid.UUID] = field(default_factory=list)


def rotate() -> Rotation:
    """Wrap every key of the store that an older one of EVIDENCE_KEYS wrapped by the first one.

    Each file is changed at once or not at all, so it may be interrupted and run twice. One
    audit entry says how many; it is written at the end of a whole pass only.
    """
    found = Rotation()
    for evidence_id in store.wrapped_keys():
        try:
            _rewrap(evidence_id, found)
        except (keys.KeyUnusable, store.StoreUnusable):
            found.unusable.append(evidence_id)
    trail.record(
        "evidence.keys_rotated",
        category=Category.TECHNICAL,
        severity=Severity.WARNING if found.unusable else Severity.INFO,
        data={
            "rewrapped": found.rewrapped,
            "current": found.current,
            "unusable": len(found.unusable),
        },
    )
    return found


@transaction.atomic
def _rewrap(evidence_id: uuid.UUID, found: Rotation) -> None:
    # Destruction holds the row too: a key that was destroyed is not written again.
    Evidence.objects.select_for_update().filter(pk=evidence_id).first()
    wrapped = store.wrapped_key(evidence_id)
    if wrapped is None:
        return
    data_key = keys.unwrap(wrapped, evidence_id.bytes)
    if keys.is_current(wrapped):
        found.current += 1
        return
    if store.replace_key(evidence_id, keys.wrap(data_key, evidence_id.bytes)):
        found.rewrapped += 1
