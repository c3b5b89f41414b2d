"""What incidents and windows mean for alerts: which need nobody now, and where one belongs."""

from collections.abc import Sequence

from django.db.models import F

from monitoring.alerts.attended import Fires
from monitoring.alerts.belonging import Whole
from monitoring.alerts.models import Alert
from monitoring.incidents import windows
from monitoring.incidents.models import IncidentAlert
from monitoring.incidents.states import HELD, State


def by_incident(alerts: Sequence[Fires]) -> dict[int, str]:
    """Those of an incident that somebody looks after who has not left, by their index."""
    rows = [one.row for one in alerts if one.row is not None]
    links = IncidentAlert.objects.filter(
        alert__in=rows, resolved_at__isnull=True, incident__state__in=HELD
    )
    links = links.exclude(incident__commander__is_active=False)
    links = links.select_related("incident__commander")
    held = {link.alert_id: link.incident for link in links}
    return {
        index: f"{held[one.row].commander or 'somebody'} has {held[one.row]}"
        for index, one in enumerate(alerts)
        if one.row in held
    }


def by_window(alerts: Sequence[Fires]) -> dict[int, str]:
    """Those that a maintenance window covers, by their index."""
    planned = windows.active()
    found = {}
    for index, one in enumerate(alerts):
        window = windows.covering(planned, name=one.name, service=one.service)
        if window is not None:
            found[index] = f"maintenance: {window.title}"
    return found


def incident_of(alert: Alert) -> Whole | None:
    """The incident that the alert is in, or was in last."""
    links = alert.incident_links.select_related("incident__commander")
    link = links.order_by(F("resolved_at").desc(nulls_first=True), "-id").first()
    if link is None:
        return None
    incident = link.incident
    state: str = State(incident.state).label
    if incident.state in HELD and incident.commander:
        state += f", {incident.commander}"
    return Whole(str(incident), state, incident.tone, incident.get_absolute_url())
