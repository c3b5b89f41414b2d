"""Envelope encryption of evidence: a key of its own for each picture, wrapped by ours.

AES-256-GCM throughout. A wrapped key is `fingerprint(8) nonce(12) ciphertext`, a blob is
`nonce(12) ciphertext`; both are bound to the evidence's id, so that neither can be put in
another's place.
"""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_FINGERPRINT, _NONCE = 8, 12


class KeyUnusable(Exception):
    """No key of EVIDENCE_KEYS opens this, or it was changed on disk."""


def seal(plain: bytes, identity: bytes) -> tuple[bytes, bytes]:
    """Encrypt under a new key; returns (wrapped key, blob)."""
    data_key = AESGCM.generate_key(bit_length=256)
    nonce = os.urandom(_NONCE)
    blob = nonce + AESGCM(data_key).encrypt(nonce, plain, identity)
    return wrap(data_key, identity), blob


def unseal(wrapped: bytes, blob: bytes, identity: bytes) -> bytes:
    """The plain picture, in memory only. Raises KeyUnusable."""
    data_key = unwrap(wrapped, identity)
    try:
        return AESGCM(data_key).decrypt(blob[:_NONCE], blob[_NONCE:], identity)
    except (InvalidTag, ValueError) as error:
        raise KeyUnusable("the picture was changed on disk") from error


def wrap(data_key: bytes, identity: bytes) -> bytes:
    """Wrap a data key by the first of EVIDENCE_KEYS."""
    key = settings.EVIDENCE_KEYS[0]
    nonce = os.urandom(_NONCE)
    return _fingerprint(key) + nonce + AESGCM(key).encrypt(nonce, data_key, identity)


def is_current(wrapped: bytes) -> bool:
    """Whether the first of EVIDENCE_KEYS says that it wrapped this."""
    return wrapped[:_FINGERPRINT] == _fingerprint(settings.EVIDENCE_KEYS[0])


def unwrap(wrapped: bytes, identity: bytes) -> bytes:
    """Unwrap a data key by whichever of EVIDENCE_KEYS wrapped it. Raises KeyUnusable."""
    fingerprint, rest = wrapped[:_FINGERPRINT], wrapped[_FINGERPRINT:]
    for key in settings.EVIDENCE_KEYS:
        if _fingerprint(key) == fingerprint:
            try:
                return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], identity)
            except (InvalidTag, ValueError) as error:
                raise KeyUnusable("the wrapped key was changed on disk") from error
    raise KeyUnusable("none of EVIDENCE_KEYS wrapped this key")


def _fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"evidence-key" + key).digest()[:_FINGERPRINT]
