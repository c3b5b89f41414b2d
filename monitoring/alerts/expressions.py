"""What of an alert's PromQL can be drawn: the figure itself, and the limit beside it.

promql-parser takes it apart and writes the parts. What it can't read, such as a function that is
newer than the parser, is one part: as it is.
"""

import math
import operator
from dataclasses import dataclass

from promql_parser import BinaryExpr, Expr, NumberLiteral, ParenExpr, parse

_SETS = frozenset({"or", "and", "unless"})
_COMPARISONS = frozenset({">=", "<=", "==", "!=", ">", "<"})
_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@dataclass(frozen=True)
class Drawable:
    promql: str
    limit: float | None


def branches(expression: str) -> list[str]:
    """Conditions of which one is enough: what stands between the `or`s on top level."""
    whole = _read(expression)
    return [expression.strip()] if whole is None else [one.prettify() for one in _either(whole)]


def drawable(expression: str) -> Drawable:
    """The left side of the first comparison and its limit, when that is a number.

    `up == 0 or absent(up)` is drawn as `up` with a limit of 0. What can't be taken apart is
    drawn as it is: then there are points only while the alert's condition holds.
    """
    first = _read(expression)
    while isinstance(first, BinaryExpr) and str(first.op) in _SETS:
        first = _bare(first.lhs)
    if isinstance(first, BinaryExpr) and str(first.op) in _COMPARISONS:
        limit = _number(first.rhs)
        if limit is not None:
            return Drawable(first.lhs.prettify(), limit)
    return Drawable(expression.strip(), None)


def _read(expression: str) -> Expr | None:
    try:
        return _bare(parse(expression))
    except ValueError:
        return None


def _bare(part: Expr) -> Expr:
    """Without parentheses around all of it."""
    while isinstance(part, ParenExpr):
        part = part.expr
    return part


def _either(part: Expr) -> list[Expr]:
    if isinstance(part, BinaryExpr) and str(part.op) == "or":
        return [*_either(_bare(part.lhs)), *_either(_bare(part.rhs))]
    return [part]


def _number(part: Expr) -> float | None:
    """`0.1`, `800 * 1000 * 1000`, `2.5 / 900`; None for anything else."""
    part = _bare(part)
    if isinstance(part, NumberLiteral):
        return part.val if math.isfinite(part.val) else None
    if not isinstance(part, BinaryExpr) or str(part.op) not in _ARITHMETIC:
        return None
    left, right = _number(part.lhs), _number(part.rhs)
    if left is None or right is None:
        return None
    try:
        found: float = _ARITHMETIC[str(part.op)](left, right)
    except ZeroDivisionError:
        return None
    return found
