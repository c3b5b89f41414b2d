"""How a screen becomes a display: it asks and shows a code, somebody with the right confirms."""

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from growmies_admin import policy
from growmies_admin.accounts.models import Staff
from growmies_admin.displays import codes, keys, screens
from growmies_admin.displays.models import Board, CodeTry, Display, Pairing
from monitoring.audit import trail
from monitoring.audit.models import Category, Severity
from monitoring.refusals import Refusal
from monitoring.ui.words import span


class Asked(NamedTuple):
    secret: str  # for the browser to keep, and to show at its next question
    pairing: Pairing
    code: str  # what the screen shows; empty once it is confirmed
    key: str  # the display's key, once it is confirmed


@transaction.atomic
def ask(secret: str, *, board: str, browser: str, address: str) -> Asked:
    """A screen asks to be paired, or how its pairing stands. May be asked any number of times:
    the code stays for its life, and a key that did not arrive is followed by another.

    Raises Refusal when there is no room for a further one.
    """
    now = timezone.now()
    found = Pairing.objects.select_for_update(of=("self",)).select_related("display")
    pairing = found.filter(secret_hash=codes.hash_secret(secret)).first() if secret else None
    if pairing is not None and pairing.display is not None:
        live = pairing.display.ended_at is None
        if live and pairing.spent_at is None and pairing.expires_at > now:
            return Asked(secret, pairing, "", keys.issue(pairing.display))
        pairing = None
    if pairing is None:
        secret, pairing = _begin(board, browser, address, now)
    elif pairing.expires_at <= now:
        _renew(pairing, secret, now)
    return Asked(secret, pairing, codes.code_of(secret, pairing.number), "")


def look_up(code: str, *, by: Staff) -> Pairing:
    """The screen that shows this code now, or that was confirmed by it.

    Raises Refusal for a code that no screen shows, and for a person who has entered too many
    of those. Each of them is recorded.
    """
    most, within = policy.DISPLAY_CODE_TRIES
    with transaction.atomic():
        # Held, so that many tries at once are counted one after the other.
        Staff.objects.select_for_update(no_key=True).get(pk=by.pk)
        if CodeTry.objects.filter(by=by, at__gt=timezone.now() - within).count() >= most:
            raise Refusal("too_many", f"{most} wrong codes in {span(within)}: wait a little.")
        found = Pairing.objects.select_related("display").filter(
            code_hash=codes.hash_code(code), expires_at__gt=timezone.now()
        )
        pairing = found.first()
        if pairing is None:
            CodeTry.objects.create(by=by)
            trail.record(
                "display.code_refused",
                category=Category.ACCESS,
                severity=Severity.WARNING,
                actor=by,
            )
    if pairing is None:
        raise Refusal(
            "unknown",
            "No screen shows this code now. A code is good for "
            f"{span(policy.DISPLAY_CODE_LIFE)} and is used once: enter the one that the "
            "screen shows at this moment.",
        )
    return pairing


def confirm(code: str, *, by: Staff, name: str, board: str) -> tuple[Display, bool]:
    """The screen that shows this code becomes a display; the second value says whether it was
    done now. Confirmed twice by the same person, it is the same display.

    Raises Refusal for a code that is wrong, expired or used, and for a
    name that another display has.
    """
    pk = look_up(code, by=by).pk
    with transaction.atomic():
        now = timezone.now()
        pairing = (
            Pairing.objects.select_for_update(of=("self",))
            .select_related("display")
            .filter(pk=pk, code_hash=codes.hash_code(code), expires_at__gt=now)
            .first()
        )
        if pairing is None:
            raise Refusal("invalid", "The screen shows another code by now; enter that one.")
        if pairing.display is not None:
            if pairing.display.paired_by_id != by.pk:
                raise Refusal(
                    "taken", f"{pairing.display.paired_by} has paired this screen already."
                )
            return pairing.display, False
        display = _make(pairing, by, name, board, now)
        pairing.display, pairing.confirmed_at = display, now
        pairing.expires_at = now + policy.DISPLAY_COLLECT
        pairing.save(update_fields=["display", "confirmed_at", "expires_at"])
        trail.record(
            "display.paired",
            category=Category.ACCESS,
            actor=by,
            target=display,
            data={"name": name, "board": display.board, "browser": display.browser},
        )
        return display, True


def _make(pairing: Pairing, by: Staff, name: str, board: str, now: datetime) -> Display:
    try:
        with transaction.atomic():
            return Display.objects.create(
                name=name,
                board=Board(board),
                browser=pairing.browser,
                address=pairing.address,
                paired_at=now,
                paired_by=by,
                key_made_at=now,
            )
    except IntegrityError as error:
        raise Refusal("taken", screens.name_taken(name), field="name") from error


def _begin(board: str, browser: str, address: str, now: datetime) -> tuple[str, Pairing]:
    waiting = Pairing.objects.waiting()
    of_network = waiting.filter(address=address)
    if (
        waiting.count() >= policy.DISPLAY_ASKS
        or of_network.count() >= policy.DISPLAY_ASKS_FROM_ONE_NETWORK
    ):
        raise Refusal("too_many")
    secret = codes.new_secret()
    return secret, Pairing.objects.create(
        secret_hash=codes.hash_secret(secret),
        code_hash=codes.hash_code(codes.code_of(secret, 0)),
        board=board,
        browser=browser,
        address=address,
        asked_at=now,
        expires_at=now + policy.DISPLAY_CODE_LIFE,
    )


def _renew(pairing: Pairing, secret: str, now: datetime) -> None:
    pairing.number += 1
    pairing.code_hash = codes.hash_code(codes.code_of(secret, pairing.number))
    pairing.expires_at = now + policy.DISPLAY_CODE_LIFE
    pairing.save(update_fields=["number", "code_hash", "expires_at"])
