"""E-mail to staff about their accounts; delivery gets it to the address that they have then.

What a mail server does not take is tried again; when that is given up, the audit trail says so.
"""

from django.db import transaction
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts.messages import SOURCE
from growmies_admin.accounts.models import Letter, Staff
from monitoring.delivery import outbox, transports
from monitoring.delivery.content import To
from monitoring.delivery.models import ON_ITS_WAY, Message

_BY_EMAIL = "email"  # a channel of delivery


def reaches(person: Staff) -> bool:
    """Whether e-mail is set up, and they have an address."""
    return _BY_EMAIL in transports.ways_of(person)


@transaction.atomic
def write(person: Staff, title: str, text: str) -> Letter:
    """In the transaction of the act that it tells of."""
    letter = Letter.objects.create(staff=person, title=title, text=text)
    outbox.want(SOURCE, _BY_EMAIL, To(person.username, person), [letter.pk])
    return letter


@transaction.atomic
def forget_old() -> int:
    """Remove what was sent, or given up, long ago."""
    before = timezone.now() - policy.LETTER_RETENTION
    open_ones = Message.objects.filter(source=SOURCE.name, state__in=ON_ITS_WAY)
    over = Letter.objects.filter(created_at__lt=before)
    old = list(over.exclude(pk__in=open_ones.values("subject_id")).values_list("pk", flat=True))
    outbox.forget(SOURCE, old)
    return Letter.objects.filter(pk__in=old).delete()[0]
