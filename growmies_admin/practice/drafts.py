"""A message as a client wants it, checked against Discord's limits."""

import secrets

from growmies_admin.practice import components, forms
from growmies_admin.practice.context import Practice
from growmies_admin.practice.errors import ApiError, Json, invalid_form
from growmies_admin.practice.forms import Upload

EMBED_TEXT_LIMIT = 6_000
_EMBED_LIMITS = {"title": 256, "description": 4_096}


def check(practice: Practice, body: Json, uploads: list[Upload], *, edit: bool = False) -> Json:
    """The fields of a message, checked. Raises 400/50035, 400/50006 when it would be empty."""
    draft: Json = {}
    if "content" in body:
        draft["content"] = forms.text(body, "content", 0, 2_000)
    if "embeds" in body:
        draft["embeds"] = None if body["embeds"] is None else _embeds(body["embeds"])
    elif isinstance(body.get("embed"), dict):
        draft["embeds"] = _embeds([body["embed"]])
    flags = forms.integer(body, "flags", 0, 2**31 - 1)
    if flags is not None:
        draft["flags"] = flags
    if "components" in body:
        given = body["components"]
        draft["components"] = components.check_message(given, flags or 0) if given else given
    if uploads or "attachments" in body:
        draft["attachments"] = _attachments(practice, body.get("attachments"), uploads)
    if (tts := forms.flag(body, "tts")) is not None:
        draft["tts"] = tts
    nonce = body.get("nonce")
    if nonce is not None:
        if isinstance(nonce, bool) or not isinstance(nonce, int | str):
            raise invalid_form({"nonce": ("BASE_TYPE_CHOICES", "Must be a number or text.")})
        forms.text(body, "nonce", 1, 25)
        draft["nonce"] = nonce
    seen = (draft.get(key) for key in ("content", "embeds", "components", "attachments"))
    if not edit and not any(seen) and not body.get("sticker_ids") and not body.get("poll"):
        raise ApiError(400, 50006)
    return draft


def _embeds(value: object) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(embed, dict) for embed in value):
        message = "Only iterables may be used in a ListType"
        raise invalid_form({"embeds": ("LIST_TYPE_CONVERT", message)})
    if len(value) > 10:
        message = "Must be 10 or fewer in length."
        raise invalid_form({"embeds": ("BASE_TYPE_MAX_LENGTH", message)})
    total = sum(_check_embed(index, embed) for index, embed in enumerate(value))
    if total > EMBED_TEXT_LIMIT:
        message = "Embed size exceeds maximum size of 6000"
        raise invalid_form({"embeds": ("MAX_EMBED_SIZE_EXCEEDED", message)})
    return [{"type": "rich", "content_scan_version": 0} | embed for embed in value]


def _check_embed(index: int, embed: Json) -> int:
    path = f"embeds.{index}"
    total = 0
    for name, most in _EMBED_LIMITS.items():
        total += _check_length(f"{path}.{name}", embed.get(name), most)
    fields = embed.get("fields") or []
    if not isinstance(fields, list) or len(fields) > 25:
        message = "Must be 25 or fewer in length."
        raise invalid_form({f"{path}.fields": ("BASE_TYPE_MAX_LENGTH", message)})
    for place, field in enumerate(fields):
        for name, most in (("name", 256), ("value", 1_024)):
            if not isinstance(field, dict) or not field.get(name):
                where = f"{path}.fields.{place}.{name}"
                raise invalid_form({where: ("BASE_TYPE_REQUIRED", "This field is required")})
            total += _check_length(f"{path}.fields.{place}.{name}", field[name], most)
    footer = embed.get("footer")
    if isinstance(footer, dict):
        total += _check_length(f"{path}.footer.text", footer.get("text"), 2_048)
    author = embed.get("author")
    if isinstance(author, dict):
        total += _check_length(f"{path}.author.name", author.get("name"), 256)
    return total


def _check_length(path: str, value: object, most: int) -> int:
    if value is None:
        return 0
    if len(str(value)) > most:
        message = f"Must be {most} or fewer in length."
        raise invalid_form({path: ("BASE_TYPE_MAX_LENGTH", message)})
    return len(str(value))


def _attachments(practice: Practice, described: object, uploads: list[Upload]) -> list[Json]:
    notes = (
        [note for note in described if isinstance(note, dict)]
        if isinstance(described, list)
        else []
    )
    by_number = {str(note.get("id")): note for note in notes}
    kept = [note for note in notes if len(str(note.get("id"))) > 10]
    for upload in uploads:
        number = upload.field.removeprefix("files[").removesuffix("]")
        note = by_number.get(number, {})
        file_id = practice.world.ids.new()
        name = str(note.get("filename") or upload.filename)
        practice.keep_file(file_id, upload.content, upload.content_type)
        url = f"http://{practice.config.host}:{practice.port}/practice/files/{file_id}"
        shape: Json = {
            "id": file_id,
            "filename": name,
            "size": len(upload.content),
            "url": f"{url}?ex={secrets.token_hex(4)}",
            "proxy_url": url,
            "content_type": upload.content_type,
            "content_scan_version": 0,
        }
        if note.get("description"):
            shape["description"] = note["description"]
        kept.append(shape)
    return kept


def as_text(record: Json) -> str:
    """A message as the plain text that a member reads: content, then embeds, then layouts."""
    parts = [record.get("content") or ""]
    for embed in record.get("embeds", []):
        parts += [embed.get("title") or "", embed.get("description") or ""]
        for field in embed.get("fields", []):
            parts.append(f"{field.get('name', '')}: {field.get('value', '')}")
        footer = embed.get("footer") or {}
        parts.append(footer.get("text") or "")
    for component in components.walk(record.get("components", [])):
        if component.get("type") == 10:
            parts.append(component.get("content") or "")
    return "\n".join(part for part in parts if part)
