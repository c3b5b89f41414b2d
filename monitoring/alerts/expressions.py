"""What of an alert's PromQL can be drawn: the figure itself, and the limit beside it."""

import re
from dataclasses import dataclass

_SETS = ("or", "and", "unless")
_COMPARISONS = (">=", "<=", "==", "!=", ">", "<")
_CLOSES = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Drawable:
    promql: str
    limit: float | None


def branches(expression: str) -> list[str]:
    """Conditions of which one is enough: what stands between the `or`s on top level."""
    return _parts(_bare(expression), ("or",))


def drawable(expression: str) -> Drawable:
    """The left side of the first comparison and its limit, when that is a number.

    `up == 0 or absent(up)` is drawn as `up` with a limit of 0. What can't be taken apart is
    drawn as it is: then there are points only while the alert's condition holds.
    """
    first = _bare(_parts(_bare(expression), _SETS)[0])
    for at, _ in _top_level(first):
        sign = next((s for s in _COMPARISONS if first.startswith(s, at)), None)
        if sign is None:
            continue
        right = re.sub(r"^bool\b", "", first[at + len(sign) :].strip())
        limit = _number(right)
        if limit is not None:
            return Drawable(first[:at].strip(), limit)
        break
    return Drawable(expression.strip(), None)


def _parts(expression: str, words: tuple[str, ...]) -> list[str]:
    """What stands between these words on top level."""
    parts, began = [], 0
    for at, character in _top_level(expression):
        starts = at == 0 or not (expression[at - 1].isalnum() or expression[at - 1] in "_:")
        word = re.match(r"[\w:]+", expression[at:]) if starts and character.isalpha() else None
        if word and word[0] in words:
            parts.append(expression[began:at].strip())
            began = at + len(word[0])
    return [*parts, expression[began:].strip()]


def _bare(expression: str) -> str:
    """Without comments and without a pair of parentheses around all of it."""
    found = re.sub(r"#[^\n]*", "", expression).strip()
    while found.startswith("(") and _closes_at(found) == len(found) - 1:
        found = found[1:-1].strip()
    return found


def _closes_at(text: str) -> int:
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at
    return -1


def _top_level(text: str) -> list[tuple[int, str]]:
    """Positions outside of brackets and quotes."""
    found = []
    open_: list[str] = []
    quote = ""
    for at, character in enumerate(text):
        if quote:
            if character == quote and text[at - 1] != "\\":
                quote = ""
        elif character in "\"'`":
            quote = character
        elif character in _CLOSES:
            open_.append(_CLOSES[character])
        elif open_ and character == open_[-1]:
            open_.pop()
        elif not open_:
            found.append((at, character))
    return found


def _number(text: str) -> float | None:
    """`0.1`, `800 * 1000 * 1000`, `2.5 / 900`; None for anything else."""
    parts = re.split(r"\s*([*/])\s*", text.strip())
    try:
        found = float(parts[0])
        for sign, value in zip(parts[1::2], parts[2::2], strict=True):
            found = found * float(value) if sign == "*" else found / float(value)
    except (ValueError, ZeroDivisionError):
        return None
    return found
