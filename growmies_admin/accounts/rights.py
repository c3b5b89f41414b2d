"""Who may do what: the one table of roles and rights.

Code asks `user.has_perm("verification.decide")`; RoleBackend answers from here. Rights
add up when a person has several roles.
"""

from django.db import models


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    MODERATOR = "moderator", "Moderator"
    COMPLIANCE = "compliance", "Compliance"
    OPERATOR = "operator", "Operator"
    ADMINISTRATOR = "administrator", "Administrator"
    DISPLAY = "display", "Display"


# What people can be given. A display is no person: it is paired (growmies_admin/displays/).
STAFF_ROLES = [role for role in Role if role is not Role.DISPLAY]
STAFF_CHOICES = [(role.value, role.label) for role in STAFF_ROLES]

_V, _M, _C, _O, _A, _D = (
    Role.VIEWER,
    Role.MODERATOR,
    Role.COMPLIANCE,
    Role.OPERATOR,
    Role.ADMINISTRATOR,
    Role.DISPLAY,
)

# right -> (roles that have it, what it is, in words for "You may not …")
RIGHTS: dict[str, tuple[frozenset[Role], str]] = {
    "panels.view_boards": (frozenset({_V, _M, _C, _O, _A, _D}), "see the boards"),
    "panels.view_status": (frozenset({_V, _M, _C, _O, _A}), "see the mobile status"),
    "kpis.view": (frozenset({_V, _M, _C, _O, _A}), "see the KPIs"),
    "verification.view": (frozenset({_M, _C}), "see age verifications"),
    "verification.decide": (frozenset({_M, _C}), "claim and decide age verifications"),
    "verification.decide_escalated": (frozenset({_C}), "decide what was escalated to others"),
    "verification.view_any_evidence": (frozenset({_C}), "see evidence without a claim"),
    "verification.bulk": (frozenset({_C}), "act on many requests at once"),
    "verification.override": (frozenset({_C}), "override decisions"),
    "verification.settle_disputes": (frozenset({_C}), "settle what two reviewers disagree on"),
    "verification.view_quality": (frozenset({_C}), "see how well everybody judges"),
    "verification.seed_golden_cases": (frozenset({_C}), "seed practice cases"),
    "appeals.view": (frozenset({_M, _C}), "see appeals"),
    "appeals.decide": (frozenset({_M, _C}), "decide appeals of others' decisions"),
    "cases.view": (frozenset({_M, _C}), "see cases"),
    "cases.record": (frozenset({_M, _C}), "record cases"),
    "cases.overrule": (frozenset({_M, _C}), "overrule cases of others"),
    "members.view": (frozenset({_M, _C}), "see members"),
    "privacy.erase": (frozenset({_C}), "erase members"),
    "effects.view": (frozenset({_M, _C, _O}), "see what Discord still has to do"),
    "effects.retry": (frozenset({_C, _O}), "retry what Discord refused"),
    "audit.view_own": (frozenset({_M, _C, _A}), "see your own audit entries"),
    "audit.view_all": (frozenset({_C, _A}), "see the whole audit trail"),
    "audit.view_technical": (frozenset({_O, _C, _A}), "see technical audit entries"),
    "maintenance.view": (frozenset({_V, _M, _C, _O, _A}), "see maintenance jobs"),
    "maintenance.run": (frozenset({_O}), "run maintenance jobs"),
    "incidents.view": (frozenset({_V, _M, _C, _O, _A}), "see incidents"),
    "incidents.acknowledge": (frozenset({_M, _O}), "acknowledge incidents"),
    "incidents.manage": (frozenset({_O}), "manage incidents"),
    "alerts.view": (frozenset({_V, _M, _C, _O, _A}), "see alerts"),
    "alerts.acknowledge": (frozenset({_M, _O}), "acknowledge alerts"),
    "alerts.silence": (frozenset({_O}), "silence alerts"),
    "alerts.test": (frozenset({_O}), "send tests through the channels of alerts"),
    "displays.view": (frozenset({_V, _M, _C, _O, _A}), "see the displays"),
    "displays.manage": (frozenset({_O}), "pair, change and revoke displays"),
    "accounts.manage": (frozenset({_A}), "manage staff"),
    "accounts.open_admin": (frozenset({_A}), "open the Django admin"),
}


def roles_with(right: str) -> frozenset[Role]:
    """Roles that have a right; an unknown right belongs to nobody."""
    return RIGHTS.get(right, (frozenset(), ""))[0]
