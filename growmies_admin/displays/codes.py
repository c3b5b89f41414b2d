"""Pairing codes: short enough to type, without letters that look alike, and never stored."""

import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

LENGTH = 8
# No vowels, so that no word comes out; none of 0 O, 1 I L, 2 Z, 5 S, 8 B, U V; M and W are too
# wide for the largest letters that fit.
ALPHABET = "CDFGHJKNPQRTXY34679"
EXAMPLE = "KRTD-4XQ7"


def new_secret() -> str:
    """What only the screen's browser has: 256 random bits."""
    return secrets.token_urlsafe(32)


def code_of(secret: str, number: int) -> str:
    """The code that a screen shows. Made from its secret, so that a page that is loaded again
    shows the same one, although nobody keeps it."""
    digest = hmac.new(secret.encode(), f"pairing code {number}".encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(LENGTH):
        value, place = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def in_words(code: str) -> str:
    """In two groups, as it is shown: `KRTD-4XQ7`."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def tidy(text: str) -> str:
    """What somebody typed, as a code; empty when it can't be one."""
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def hash_secret(secret: str) -> bytes:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def hash_code(code: str) -> bytes:
    """A code is short: without SECRET_KEY nobody can try all of them on a copy of the database."""
    return salted_hmac("growmies_admin.displays.code", code, algorithm="sha256").digest()
