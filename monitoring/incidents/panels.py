"""The panel of emergency contacts."""

from monitoring.incidents.models import EmergencyContact
from monitoring.panels.boards import Board
from monitoring.panels.registry import Kind, Panel, register
from monitoring.panels.shown import Item, Shown
from monitoring.tones import Tone


def _contacts(panel: Panel, shown: Shown) -> None:
    for contact in EmergencyContact.objects.all():
        shown.items.append(
            Item(
                contact.name,
                "",
                Tone.MUTED,
                below=contact.role,
                tel=contact.tel,
                email=contact.email,
            )
        )
    if not shown.items:
        shown.nothing = panel.empty


register(
    Panel(
        slug="emergency-contact-info",
        title="Emergency Contact Info",
        short="Emergency contacts",
        kind=Kind.LIST,
        board=Board.MOBILE,
        position=3,
        about="Who to call or write to, as entered at /incidents/contacts/.",
        look=_contacts,
        empty="No contacts are entered yet.",
        runbook="docs/incidents.md",
    )
)
