"""Environments that the site starts with."""

import base64

GOOD = {
    "SECRET_KEY": "any long random text",
    "DATABASE_URL": "postgresql://growmies:secret@127.0.0.1:5432/growmies",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EVIDENCE_KEYS": base64.b64encode(bytes(32)).decode(),
}
