"""Who must be told of an alert: said with the change itself, delivered by monitoring/delivery.

An alert is told once to each target; what changes later changes that message.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db.models import QuerySet

from monitoring.alerts import routing
from monitoring.alerts.messages import SOURCE
from monitoring.alerts.models import Alert, Source, Status
from monitoring.delivery import outbox
from monitoring.delivery.content import To
from monitoring.delivery.models import Message


def want(changes: Sequence[tuple[Alert, str | None]]) -> None:
    """Tell of alerts that changed, in the transaction that changed them. Many at once are cheap."""
    # A new alert that is over already woke nobody, and nobody is woken for its end.
    new = [alert for alert, old in changes if old is None and alert.status == Status.FIRING]
    wanted = sorted(
        (channel, target, alert.rank, alert.pk, alert.source == Source.DIRECT)
        for alert in new
        for channel, target in routing.targets_of(alert)
    )
    for (channel, target), group in groupby(wanted, key=lambda one: (one[0], one[1])):
        alerts = list(group)
        subjects = [pk for *_, pk, _ in alerts]
        direct = [pk for *_, pk, is_direct in alerts if is_direct]
        outbox.want(SOURCE, channel, To(target), subjects, direct=direct)
    if known := [alert.pk for alert, old in changes if old is not None]:
        outbox.again(SOURCE, known)


def changed(alert_ids: Iterable[int]) -> None:
    """Something else about them is to be shown: an acknowledgement, a silence."""
    outbox.again(SOURCE, alert_ids, is_end=False)


def messages_about(alert: Alert) -> QuerySet[Message]:
    """What was said of it, to whom, and what became of that."""
    return outbox.about(SOURCE, alert.pk)
