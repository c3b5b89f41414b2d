"""How far heads are behind: since when none was written, since when one waits to be delivered."""

from datetime import datetime

from django.conf import settings

from monitoring.audit.models import Entry, HeadPlace


def since_written() -> datetime | None:
    """When the newest head was written; before the first one, when the trail began, if it did."""
    row = HeadPlace.objects.filter(name=HeadPlace.Name.FILE).first()
    return row.at if row else _beginning()


def since_undelivered() -> datetime | None:
    """Since when heads wait for the webhook; None when none does, or there is no webhook.

    Not when the oldest of them was written, which only the file knows: when one was taken last.
    """
    if not settings.AUDIT_HEADS_WEBHOOK_URL:
        return None
    there = {row.name: row for row in HeadPlace.objects.all()}
    file, webhook = there.get(HeadPlace.Name.FILE), there.get(HeadPlace.Name.WEBHOOK)
    if file is None or (webhook is not None and webhook.line >= file.line):
        return None
    return webhook.at if webhook else _beginning()


def lines_undelivered() -> int:
    """How many lines wait for the webhook; 0 without one."""
    if not settings.AUDIT_HEADS_WEBHOOK_URL:
        return 0
    lines = dict(HeadPlace.objects.values_list("name", "line"))
    return max(0, lines.get(HeadPlace.Name.FILE, 0) - lines.get(HeadPlace.Name.WEBHOOK, 0))


def _beginning() -> datetime | None:
    return Entry.objects.order_by("pk").values_list("at", flat=True).first()
