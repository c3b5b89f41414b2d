"""Buttons, selects, layouts and modals: what Discord accepts, and how to find one."""

from collections.abc import Iterator

from growmies_admin.practice.errors import Json, invalid_form

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
LABEL, FILE_UPLOAD = 18, 19
IS_COMPONENTS_V2 = 1 << 15
# Text display, thumbnail, gallery, file, separator, container, section.
_LAYOUT = (9, 10, 11, 12, 13, 14, 17)


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, nested ones too."""
    for component in components:
        yield component
        children = component.get("components")
        if isinstance(children, list):
            yield from walk(children)
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def find(components: list[Json], custom_id: str) -> Json | None:
    """The component with this custom id."""
    for component in walk(components):
        if component.get("custom_id") == custom_id:
            return component
    return None


def check_message(components: object, flags: int) -> list[Json]:
    """A message's components, checked. Raises 400/50035."""
    rows = _list(components, "components")
    is_v2 = bool(flags & IS_COMPONENTS_V2)
    if not is_v2 and len(rows) > 5:
        raise _bad("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, row in enumerate(rows):
        path = f"components.{index}"
        if row.get("type") != ROW:
            if not is_v2 or row.get("type") not in _LAYOUT:
                raise _bad(f"{path}.type", "UNION_TYPE_CHOICES", "Value of field is not a row.")
            continue
        children = _list(row.get("components"), f"{path}.components")
        if not 1 <= len(children) <= 5:
            message = "Must be between 1 and 5 in length."
            raise _bad(f"{path}.components", "BASE_TYPE_BAD_LENGTH", message)
        for place, child in enumerate(children):
            _check_child(child, f"{path}.components.{place}")
    _check_ids(rows)
    return rows


def check_modal(data: Json) -> Json:
    """A modal, checked: custom id, title, one to five rows or labels. Raises 400/50035."""
    _length(data, "custom_id", "data", 100)
    _length(data, "title", "data", 45)
    rows = _list(data.get("components"), "data.components")
    if not 1 <= len(rows) <= 5:
        message = "Must be between 1 and 5 in length."
        raise _bad("data.components", "BASE_TYPE_BAD_LENGTH", message)
    for index, row in enumerate(rows):
        path = f"data.components.{index}"
        if row.get("type") == LABEL:
            _length(row, "label", path, 45)
            if not isinstance(row.get("component"), dict):
                raise _bad(f"{path}.component", "BASE_TYPE_REQUIRED", "This field is required")
            _length(row["component"], "custom_id", f"{path}.component", 100)
        elif row.get("type") == ROW:
            for place, child in enumerate(_list(row.get("components"), f"{path}.components")):
                if child.get("type") != TEXT_INPUT:
                    where = f"{path}.components.{place}.type"
                    raise _bad(where, "UNION_TYPE_CHOICES", "Value of field must be one of (4,).")
                _length(child, "custom_id", f"{path}.components.{place}", 100)
                _length(child, "label", f"{path}.components.{place}", 45)
        elif row.get("type") != 10:
            raise _bad(f"{path}.type", "UNION_TYPE_CHOICES", "Not a component of modals.")
    _check_ids(rows)
    return {"custom_id": data["custom_id"], "title": data["title"], "components": rows}


def _check_child(child: Json, path: str) -> None:
    kind = child.get("type")
    if kind == BUTTON:
        style = child.get("style")
        if style not in range(1, 7):
            raise _bad(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of 1 to 6.")
        if style == 5:
            url = child.get("url")
            if not isinstance(url, str) or not url.startswith(("http://", "https://", "discord:")):
                raise _bad(f"{path}.url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return
        _length(child, "custom_id", path, 100)
        if not child.get("label") and not child.get("emoji"):
            raise _bad(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI", "A label or an emoji is required")
        if child.get("label"):
            _length(child, "label", path, 80)
    elif kind in SELECTS:
        _length(child, "custom_id", path, 100)
        if kind == STRING_SELECT:
            options = _list(child.get("options"), f"{path}.options")
            if not 1 <= len(options) <= 25:
                message = "Must be between 1 and 25 in length."
                raise _bad(f"{path}.options", "BASE_TYPE_BAD_LENGTH", message)
    else:
        raise _bad(f"{path}.type", "UNION_TYPE_CHOICES", "Not a component of rows.")


def _check_ids(rows: list[Json]) -> None:
    seen: set[str] = set()
    for component in walk(rows):
        custom_id = component.get("custom_id")
        if custom_id is None:
            continue
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            raise _bad("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _length(component: Json, name: str, path: str, most: int) -> None:
    value = component.get(name)
    if value is None:
        raise _bad(f"{path}.{name}", "BASE_TYPE_REQUIRED", "This field is required")
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        message = f"Must be between 1 and {most} in length."
        raise _bad(f"{path}.{name}", "BASE_TYPE_BAD_LENGTH", message)


def _list(value: object, path: str) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _bad(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return value


def _bad(path: str, code: str, message: str) -> Exception:
    return invalid_form({path: (code, message)})
