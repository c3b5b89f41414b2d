"""What clients send, read and checked: JSON or multipart bodies, ids, numbers, reasons."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from growmies_admin.practice.errors import ApiError, Json, bad_snowflake, invalid_form
from growmies_admin.practice.snowflakes import is_snowflake

LARGEST_FILE_BYTES = 10 << 20


@dataclass(frozen=True)
class Upload:
    """One file of a multipart body."""

    field: str
    filename: str
    content_type: str
    content: bytes


def path_id(request: web.Request, name: str) -> str:
    """A snowflake of the path, in plain form. Raises 400/50035."""
    value = request.match_info[name]
    if not is_snowflake(value):
        raise bad_snowflake(name, value)
    return str(int(value))


async def read_json(request: web.Request) -> Any:
    """The JSON body; {} when there is none. Raises 400/50109."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(400, 50109) from None


async def read_object(request: web.Request) -> Json:
    """The JSON body, which must be an object."""
    return as_object(await read_json(request))


def as_object(body: Any) -> Json:
    """The value itself when it is an object. Raises 400/50035."""
    if not isinstance(body, dict):
        raise ApiError(
            400,
            50035,
            errors={
                "_errors": [
                    {
                        "code": "DICT_TYPE_CONVERT",
                        "message": "Only dictionaries may be used in a DictType",
                    }
                ]
            },
        )
    return body


async def read_with_files(request: web.Request) -> tuple[Json, list[Upload]]:
    """The body as JSON, or as multipart with `payload_json` and `files[n]`."""
    if not request.content_type.startswith("multipart/"):
        return await read_object(request), []
    payload: Json = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            try:
                payload = as_object(json.loads(content))
            except ValueError:
                raise ApiError(400, 50109) from None
        elif part.filename is not None:
            if len(content) > LARGEST_FILE_BYTES:
                raise ApiError(413, 40005)
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(part.name or "", part.filename, kind, content))
        elif part.name:
            payload.setdefault(part.name, content.decode("utf-8", "replace"))
    return payload, uploads


def reason_of(request: web.Request) -> str | None:
    """The audit log reason, percent-decoded, at most 512 characters."""
    header = request.headers.get("X-Audit-Log-Reason")
    return unquote(header)[:512] if header else None


def text(body: Json, name: str, low: int, high: int, *, required: bool = False) -> str | None:
    """A text field between two lengths; None when absent or null and not required."""
    value = body.get(name)
    if value is None:
        if required:
            raise required_field(name)
        return None
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise invalid_form(
            {name: ("STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')}
        )
    value = str(value)
    if not low <= len(value) <= high:
        between = f"Must be between {low} and {high} in length."
        if low == 0:
            raise invalid_form(
                {name: ("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")}
            )
        raise invalid_form({name: ("BASE_TYPE_BAD_LENGTH", between)})
    return value


def integer(body: Json, name: str, low: int, high: int) -> int | None:
    """A whole number between two bounds; None when absent or null."""
    value = body.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError):
        raise invalid_form({name: ("NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')}) from None
    if number < low:
        raise invalid_form(
            {name: ("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")}
        )
    if number > high:
        raise invalid_form(
            {name: ("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")}
        )
    return number


def flag(body: Json, name: str) -> bool | None:
    """A boolean; None when absent or null."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise invalid_form({name: ("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")})


def snowflake(body: Json, name: str, *, required: bool = False) -> str | None:
    """A snowflake field; None when absent or null and not required."""
    value = body.get(name)
    if value is None:
        if required:
            raise required_field(name)
        return None
    if not is_snowflake(value):
        raise bad_snowflake(name, value)
    return str(int(value))


def snowflakes(body: Json, name: str, most: int) -> list[str]:
    """A list of snowflakes; empty when absent."""
    values = body.get(name)
    if values is None:
        return []
    if not isinstance(values, list):
        raise invalid_form(
            {name: ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")}
        )
    if len(values) > most:
        message = f"Must be {most} or fewer in length."
        raise invalid_form({name: ("BASE_TYPE_MAX_LENGTH", message)})
    for index, value in enumerate(values):
        if not is_snowflake(value):
            raise bad_snowflake(f"{name}.{index}", value)
    return [str(int(value)) for value in values]


def query_integer(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query string."""
    if name not in request.query:
        return default
    found = integer({name: request.query[name]}, name, low, high)
    return default if found is None else found


def query_snowflake(request: web.Request, name: str) -> str | None:
    """A snowflake of the query string."""
    return snowflake({name: request.query.get(name)}, name)


def required_field(name: str) -> ApiError:
    """400/50035 for a missing field."""
    return invalid_form({name: ("BASE_TYPE_REQUIRED", "This field is required")})
