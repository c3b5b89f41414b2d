"""Which limit and which room a body has: those of strangers, or of who is known by the request."""

import re
from dataclasses import dataclass

from compliance.refusals import Refusal
from compliance.uploads import links
from growmies_admin import policy
from growmies_admin.edge.room import Room
from monitoring.alerts.bearer import is_alertmanager
from monitoring.asgi_types import Message
from monitoring.policy import ALERT_PAYLOAD_BYTES

_UPLOAD = re.compile(r"/verify/([^/]+)/")


@dataclass(frozen=True)
class Kind:
    """Requests that share a limit and the rooms for their bodies."""

    most_bytes: int
    room: Room
    forms: Room  # for bodies up to FORM_BYTES
    advice: str = ""  # what to do about a body that is too large

    def room_of(self, size_bytes: int) -> Room:
        return self.forms if size_bytes <= policy.FORM_BYTES else self.room


class Kinds:
    """The kinds with their rooms. Strangers can't fill a room of somebody whom we know.

    Who is known is settled by what the header holds, before any room is taken: our signature
    in the link, or Alertmanager's token. Neither asks the database.
    """

    def __init__(self) -> None:
        forms = Room(policy.FORMS_AT_ONCE_BYTES, policy.FORMS_FROM_ONE_ADDRESS_BYTES)
        self._strangers = Kind(
            policy.BODY_MOST_BYTES,
            Room(policy.BODIES_AT_ONCE_BYTES, policy.BODIES_FROM_ONE_ADDRESS_BYTES),
            forms,
        )
        self._uploads = Kind(
            policy.UPLOAD_BODY_MOST_BYTES,
            Room(policy.UPLOADS_AT_ONCE_BYTES, policy.UPLOADS_FROM_ONE_ADDRESS_BYTES),
            forms,
            " Choose fewer pictures, or take them again with less detail.",
        )
        self._alerts = Kind(
            ALERT_PAYLOAD_BYTES,
            Room(policy.ALERTS_AT_ONCE_BYTES, policy.ALERTS_AT_ONCE_BYTES),
            Room(policy.SMALL_ALERTS_AT_ONCE_BYTES, policy.SMALL_ALERTS_AT_ONCE_BYTES),
        )

    def of(self, scope: Message) -> Kind:
        path = scope["path"]
        if path == "/api/alerts/" and _is_alertmanagers(scope):
            return self._alerts
        upload = _UPLOAD.fullmatch(path)
        if upload and _is_ours(upload[1]):
            return self._uploads
        return self._strangers


def _is_alertmanagers(scope: Message) -> bool:
    authorization: bytes = dict(scope["headers"]).get(b"authorization", b"")
    return is_alertmanager(authorization.decode("latin1"))


def _is_ours(link: str) -> bool:
    """Whether we made it once; used and expired ones are ours too."""
    try:
        links.key_of(link)
    except Refusal:
        return False
    return True
