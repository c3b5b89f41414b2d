"""Matrix's client-server API: one message a subject, replaced as the subject changes.

A message is put under a transaction id that is the same for each try of it: a homeserver that
has it already answers with the event that it made, and shows nothing twice.
"""

from html import escape
from typing import Any
from urllib.parse import quote

import httpx

from monitoring.delivery import answers, outside
from monitoring.delivery.content import About, Before, Content, Sent, To, Undelivered, Way
from monitoring.delivery.transports.matrix.settings import (
    MATRIX_ACCESS_TOKEN,
    MATRIX_HOMESERVER,
    MATRIX_ROOMS,
)

EVERYBODY = "all"
CHARACTERS = 10_000  # an event has 64 KB at most, with a formatted copy of its text
_client = outside.client()


class Matrix(Way):
    name, label, words = "matrix", "Matrix", "Matrix"
    who_sends = "we, for every alert"
    set_up = "MATRIX_HOMESERVER, MATRIX_ACCESS_TOKEN and MATRIX_ROOMS"
    settings = (MATRIX_HOMESERVER, MATRIX_ACCESS_TOKEN, MATRIX_ROOMS)
    follows = True

    def targets(self) -> list[str]:
        is_set = MATRIX_HOMESERVER.is_set and MATRIX_ACCESS_TOKEN.is_set
        return list(MATRIX_ROOMS.value) if is_set else []

    def takes(self, about: About) -> list[str]:
        readers = {"critical" if about.is_critical else about.team, EVERYBODY}
        return [name for name in self.targets() if name in readers]

    def send(self, to: To, content: Content, before: Before) -> Sent:
        if to.target not in self.targets():
            raise Undelivered(f"No room is set for {to.target} in MATRIX_ROOMS.", permanent=True)
        try:
            answer = _client.put(
                _address(MATRIX_ROOMS.value[to.target], before.once),
                json=_event(content, before.receipt),
                headers={"Authorization": f"Bearer {MATRIX_ACCESS_TOKEN.value}"},
            )
        except httpx.HTTPError as error:
            raise answers.silence("The homeserver", error) from error
        if not answer.is_success:
            raise _refusal(answer)
        # A change follows the first event, whatever event it is itself.
        event = str(answers.body(answer).get("event_id", ""))[:255]
        return Sent(before.receipt or event, answer.status_code)


def _address(room: str, once: str) -> str:
    path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/"
    return MATRIX_HOMESERVER.value + path + quote(f"growmies-{once}", safe="")


def _event(content: Content, receipt: str) -> dict[str, Any]:
    said = _said(content)
    if not receipt:
        return said
    return {
        **said,
        "body": f"* {said['body']}",  # for clients that don't know of changes
        "m.new_content": said,
        "m.relates_to": {"rel_type": "m.replace", "event_id": receipt},
    }


def _said(content: Content) -> dict[str, Any]:
    text = content.text[:CHARACTERS]
    lines = "<br>".join(escape(line) for line in text.splitlines())
    link = f'<a href="{escape(content.url)}">Open</a>' if content.url else ""
    return {
        "msgtype": "m.text",
        "body": "\n".join(filter(None, (content.title, text, content.url))),
        "format": "org.matrix.custom.html",
        "formatted_body": "<br>".join(
            filter(None, (f"<strong>{escape(content.title)}</strong>", lines, link))
        ),
        # Quoted text can't ping anybody.
        "m.mentions": {},
    }


def _refusal(answer: httpx.Response) -> Undelivered:
    found = answers.body(answer)
    code = str(found.get("errcode", ""))
    if answer.status_code == 429:
        asked = answers.seconds(answer.headers.get("Retry-After"))
        after = asked or answers.number(found.get("retry_after_ms"), unit=0.001) or 5.0
        words = "The homeserver asks for patience."
        return Undelivered(words, code=429, retry_after_seconds=after)
    why = {
        "M_UNKNOWN_TOKEN": "The homeserver does not know MATRIX_ACCESS_TOKEN.",
        "M_MISSING_TOKEN": "The homeserver does not know MATRIX_ACCESS_TOKEN.",
        "M_FORBIDDEN": "The account may not write into that room: invite it.",
        "M_NOT_FOUND": "The homeserver knows no such room.",
    }.get(code)
    if why is not None:
        return Undelivered(why, permanent=True, code=answer.status_code)
    # A page of some proxy is not the homeserver's answer.
    refused = answers.refusal("The homeserver", answer)
    refused.permanent = refused.permanent and code.startswith("M_")
    return refused


TRANSPORT = Matrix()
