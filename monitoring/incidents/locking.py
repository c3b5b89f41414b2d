"""Takes an incident for one act, and says why an act was refused."""

from monitoring.incidents.models import Incident


class NotDone(Exception):
    """An act that was refused; the message says why, in words for the person who asked."""


def lock(number: int) -> Incident:
    """The incident, locked for the caller's transaction. Raises Incident.DoesNotExist."""
    return Incident.objects.select_for_update(of=("self",)).get(pk=number)
