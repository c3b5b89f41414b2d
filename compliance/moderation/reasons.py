"""Why a case is recorded: a code, the rule that it cites, and the words for the member.

The list below is the community's own. MODERATION_REASONS_FILE, a TOML file with tables
`[reasons.CODE]` of `label`, `rule`, `words` and `severity`, takes its place where it is set. A code
that is not listed any more stays on its cases, and is shown as it is.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from compliance import policy
from compliance.moderation.models import Severity

_AGE = policy.AGE_THRESHOLD_YEARS
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")
MOST = 25  # choices of an option of a command
_PARTS = ("label", "rule", "words", "severity")


@dataclass(frozen=True)
class Reason:
    """`words` finish the sentence "…, because you", for the member; `severity` is what a case of
    it has unless somebody says otherwise."""

    code: str
    label: str
    rule: str
    words: str
    severity: str


class Unreadable(ImproperlyConfigured):
    """The file of reasons is not as it should be; the message says where."""


DEFAULTS = (
    Reason(
        "sales_activity", "Sales activity", "No buying, selling, trading or giving away",
        "offered or asked for something in exchange, or as a gift", Severity.HIGH,
    ),
    Reason(
        "underage", f"Under {_AGE}", f"Members are {_AGE} or over",
        f"wrote that you are under {_AGE}", Severity.CRITICAL,
    ),
    Reason(
        "out_of_state", "Out of state", "Nothing crosses the state line",
        "wrote about bringing something across a state line", Severity.HIGH,
    ),
    Reason(
        "medical_claim", "Medical claim", "No medical advice",
        "gave medical advice, or claimed a medical effect", Severity.MEDIUM,
    ),
    Reason(
        "minors_appeal", "Appeals to minors", "Nothing that appeals to minors",
        "posted something that appeals to minors", Severity.HIGH,
    ),
    Reason(
        "doxxing", "Private details", "Nobody's private details",
        "posted somebody's private details", Severity.CRITICAL,
    ),
    Reason(
        "harassment", "Harassment", "Be civil",
        "were not civil to somebody", Severity.HIGH,
    ),
    Reason(
        "spam", "Spam", "No spam and no advertising",
        "posted spam or advertising", Severity.LOW,
    ),
    Reason(
        "scam", "Scam", "No fraud",
        "posted something that tries to cheat people", Severity.HIGH,
    ),
    Reason(
        "invite", "Invite", "No invites to other servers",
        "posted an invite to another server", Severity.LOW,
    ),
    Reason(
        "other", "Other", "The rules of the community",
        "broke a rule of the community", Severity.MEDIUM,
    ),
)  # fmt: skip


@cache
def everything() -> dict[str, Reason]:
    """Code -> reason, in the order of the list. Raises Unreadable."""
    path = settings.MODERATION_REASONS_FILE
    return {one.code: one for one in (_read(Path(path)) if path else DEFAULTS)}


def get(code: str) -> Reason:
    """Of a code that is not listed any more, one that says as much as is known."""
    known = everything().get(code)
    return known or Reason(code, code.replace("_", " ").capitalize(), "", "", Severity.MEDIUM)


def _read(path: Path) -> list[Reason]:
    try:
        found = tomllib.loads(path.read_text())["reasons"].items()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} can't be read: {type(error).__name__}.") from error
    except (tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise Unreadable(f"{path} has no tables [reasons.CODE]: {error}.") from error
    reasons = [_reason(path, code, parts) for code, parts in found]
    if not reasons:
        raise Unreadable(f"{path} lists no reason.")
    if len(reasons) > MOST:
        raise Unreadable(f"{path} lists more than {MOST} reasons; Discord offers no more.")
    return reasons


def _reason(path: Path, code: str, parts: object) -> Reason:
    if not _CODE.fullmatch(code):
        raise Unreadable(f"{path}: {code!r} is no code; lower-case letters, digits and _ are.")
    if not isinstance(parts, dict) or set(parts) != set(_PARTS):
        raise Unreadable(f"{path}: reasons.{code} needs {', '.join(_PARTS)}, and nothing else.")
    if not all(isinstance(part, str) and part.strip() for part in parts.values()):
        raise Unreadable(f"{path}: what reasons.{code} says must be text.")
    if parts["severity"] not in Severity.values:
        raise Unreadable(f"{path}: reasons.{code}.severity is one of {', '.join(Severity.values)}.")
    return Reason(code, *(str(parts[name]).strip() for name in _PARTS))
