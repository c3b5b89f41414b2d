"""Takes an incident for one act."""

from monitoring.incidents.models import Incident


def lock(number: int) -> Incident:
    """The incident, locked for the caller's transaction. Raises Incident.DoesNotExist."""
    return Incident.objects.select_for_update(of=("self",)).get(pk=number)
