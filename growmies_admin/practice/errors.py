"""Refusals: Discord's own, with its codes, and those of the control surface."""

from typing import Any

Json = dict[str, Any]

MESSAGES = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10009: "Unknown Permission Overwrite",
    10011: "Unknown Role",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10026: "Unknown Ban",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    20012: "You are not authorized to perform this action on this application",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50003: "Cannot execute action on a DM channel",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50016: "Provided too few or too many messages to delete. Must provide at least 2 and "
    "fewer than 100 messages to delete.",
    50019: "A message can only be pinned in the channel it was sent in",
    50027: "Invalid Webhook Token",
    50028: "Invalid role",
    50033: "Invalid Recipient(s)",
    50034: "A message provided was too old to bulk delete",
    50035: "Invalid Form Body",
    50109: "The request body contains invalid JSON.",
}


class ApiError(Exception):
    """One of Discord's error answers."""

    def __init__(self, status: int, code: int, message: str = "", errors: Json | None = None):
        super().__init__(message or MESSAGES.get(code, ""))
        self.status = status
        self.body: Json = {"message": message or MESSAGES[code], "code": code}
        if errors is not None:
            self.body["errors"] = errors


class ControlError(Exception):
    """The control surface refuses; the sentence is for people."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def not_found(code: int) -> ApiError:
    """404 with one of Discord's "unknown …" codes."""
    return ApiError(404, code)


def missing_permissions() -> ApiError:
    """403/50013: a permission is missing or the role hierarchy forbids it."""
    return ApiError(403, 50013)


def missing_access() -> ApiError:
    """403/50001: the channel can't be seen."""
    return ApiError(403, 50001)


def http_error(status: int, reason: str) -> ApiError:
    """Discord's shape for plain HTTP errors: `{"message": "404: Not Found", "code": 0}`."""
    return ApiError(status, 0, f"{status}: {reason}")


def invalid_form(fields: dict[str, tuple[str, str]]) -> ApiError:
    """400/50035 with `{"dotted.path": (code, message)}` as Discord nests it."""
    errors: Json = {}
    for path, (code, message) in fields.items():
        node = errors
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(400, 50035, errors=errors)


def bad_snowflake(path: str, value: object) -> ApiError:
    """400/50035 for a value that should have been a snowflake."""
    return invalid_form(
        {path: ("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')},
    )
