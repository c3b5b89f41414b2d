"""What Discord itself said, as far as it was Discord that answered."""

from typing import Any

import discord


def code_of(error: discord.HTTPException) -> int | None:
    """Discord's number; None when the body was no JSON, so that it was not Discord who wrote."""
    return error.code if _is_json(error.response) else None


def _is_json(response: Any) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith("application/json")
