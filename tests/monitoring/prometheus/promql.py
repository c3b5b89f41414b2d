"""Reads PromQL: where it stands in this repository, and which names and labels it uses."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGES = ("growmies_admin", "compliance", "monitoring")
RULES = sorted((REPOSITORY / "docker" / "prometheus" / "rules").glob("*.yml"))


@dataclass
class Used:
    """What a query asks for: metrics with their matchers, and labels to group or join by."""

    selectors: list[tuple[str, list[tuple[str, str, str]]]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def recordings() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "record" in rule]


def used(query: str) -> Used:
    """Raises ValueError when it is no PromQL."""
    found = Used()
    _walk(promql_parser.parse(query), found)
    return found


def _walk(node: Any, found: Used) -> None:
    if isinstance(node, promql_parser.VectorSelector):
        matchers = [(m.name, str(m.op), m.value) for m in node.matchers.matchers]
        found.selectors.append((node.name or "", matchers))
    elif isinstance(node, promql_parser.MatrixSelector):
        _walk(node.vector_selector, found)
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            _walk(argument, found)
    elif isinstance(node, promql_parser.AggregateExpr):
        if node.modifier is not None:
            found.labels |= set(node.modifier.labels)
        _walk(node.expr, found)
    elif isinstance(node, promql_parser.BinaryExpr):
        modifier = node.modifier
        if modifier is not None and modifier.matching is not None:
            found.labels |= set(modifier.matching.labels)
        _walk(node.lhs, found)
        _walk(node.rhs, found)
    elif hasattr(node, "expr"):  # parentheses, a sign, a subquery
        _walk(node.expr, found)


@cache
def in_code() -> dict[str, str]:
    """Every string of the packages that is PromQL with a metric in it -> where it stands.

    `{name}` for str.format() counts as a number. A string without brackets is a bare name, and
    those are judged where families are defined.
    """
    found = {}
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    query = re.sub(r"\{\w*\}", "1", node.value)
                    if _is_promql(query):
                        found[query] = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
    return found


def _is_promql(text: str) -> bool:
    if not re.search(r"[a-z]\w*[({\[]", text) or "\n" in text.strip():
        return False
    try:
        return any(name for name, _ in used(text).selectors)
    except ValueError:
        return False
