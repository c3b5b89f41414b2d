"""Pages of a list by keyset: each begins behind the last row of the one before it.

A page costs the same however far it is from the beginning, and what comes or goes meanwhile moves
nothing. Where a page begins travels in the URL as a cursor, signed, so that nobody asks from a
place that no page gave. Its signature has no time in it: the same place is the same cursor.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet

T = TypeVar("T", bound=Model)


@dataclass(frozen=True)
class Page(Generic[T]):
    """The rows of one page; `next` is the cursor of the one after it, "" where there is none."""

    rows: list[T]
    next: str = ""


class DamagedCursor(ValueError):
    """A place in a list that no page of it has given."""


def page(found: QuerySet[T], *order: str, after: str, size: int, strict: bool = False) -> Page[T]:
    """One page of `found`, in `order` as `order_by` takes it: fields that are never null, and
    together unique. With a damaged cursor it is the first one, or with `strict` DamagedCursor.
    """
    if after:
        try:
            found = found.filter(_beyond(found.model, order, after))
        except DamagedCursor:
            if strict:
                raise
    rows = list(found.order_by(*order)[: size + 1])
    is_last, rows = len(rows) <= size, rows[:size]
    return Page(rows, "" if is_last else cursor(rows[-1], *order))


def cursor(row: Model, *order: str) -> str:
    """The place behind a row."""
    values = [_field(row, name).value_to_string(row) for name in map(_bare, order)]
    return _signer(type(row), order).sign_object(values)


def _beyond(model: type[Model], order: tuple[str, ...], after: str) -> Q:
    """What comes behind that place: greater in the first field, or the same there and greater in
    the second, and so on. The first field's bound stands alone too, for the index."""
    try:
        said = _signer(model, order).unsign_object(after)
    except (BadSignature, ValueError) as error:
        raise DamagedCursor(after[:60]) from error
    same: dict[str, Any] = {}
    beyond, bound = Q(), Q()
    for name, text in zip(order, said, strict=True):
        field, way = _bare(name), "lt" if name.startswith("-") else "gt"
        value = _field(model, field).to_python(text)
        if not same:
            bound = Q(**{f"{field}__{way}e": value})
        beyond |= Q(**same, **{f"{field}__{way}": value})
        same[field] = value
    return bound & beyond if len(order) > 1 else beyond


def _signer(model: type[Model], order: tuple[str, ...]) -> Signer:
    """Of one list: a cursor of another one, or of another order, does not fit."""
    return Signer(salt=f"page of {model._meta.label} by {','.join(order)}")


def _field(model: Model | type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _bare(name: str) -> str:
    return name.removeprefix("-")
