"""Who may read and do what, written by hand, so that a wrong right in the code shows."""

ROLES = ("viewer", "moderator", "compliance", "operator", "administrator")
PEOPLE = set(ROLES)
REVIEWERS = {"moderator", "compliance"}

# What a paired display sees, and nothing else.
BOARDS = ("wall_main", "wall_main_panels", "wall_main_charts")
# Its own board only; people see them all.
OTHER_BOARDS = tuple(
    f"wall_{board}{part}"
    for board in ("secondary", "overview", "community")
    for part in ("", "_panels", "_charts")
)
# Pages: name -> who may read it. Members go with verification; what Discord still has to do
# is for those who decide and those who operate.
PAGES = {
    **dict.fromkeys((*BOARDS, *OTHER_BOARDS), PEOPLE),
    "mobile": PEOPLE,
    "status_chip": PEOPLE,
    "inbox": REVIEWERS,
    "inbox_rows": REVIEWERS,
    "inbox_look": REVIEWERS,
    "queue": REVIEWERS,
    "queue_rows": REVIEWERS,
    "queue_item": REVIEWERS,
    "second_reviews": REVIEWERS,
    "second_review": REVIEWERS,
    "disputes": {"compliance"},
    "quality": REVIEWERS,
    "queue_watch": REVIEWERS,
    "queue_upcoming": REVIEWERS,
    "queue_look": {"compliance"},
    "queue_bulk": {"compliance"},
    "appeals": REVIEWERS,
    "appeal": REVIEWERS,
    "cases": REVIEWERS,
    "case": REVIEWERS,
    "case_record": REVIEWERS,
    "members": REVIEWERS,
    "member": REVIEWERS,
    "member_erase": {"compliance"},
    "effects": REVIEWERS | {"operator"},
    "audit": {"moderator", "compliance", "operator", "administrator"},
    "alerts": PEOPLE,
    "alert_rows": PEOPLE,
    "alert": PEOPLE,
    "alert_chart": PEOPLE,
    "alert_silences": PEOPLE,
    "alert_channels": PEOPLE,
    "kpis": PEOPLE,
    "kpis_export": PEOPLE,
    "kpi": PEOPLE,
    "kpi_chart": PEOPLE,
    "uptime": PEOPLE,
    "maintenance": PEOPLE,
    "job": PEOPLE,
    "incidents": PEOPLE,
    "incident": PEOPLE,
    "incident_export": PEOPLE,
    "incident_figures": PEOPLE,
    "incident_figures_chart": PEOPLE,
    "incident_open": {"operator"},
    "on_call": PEOPLE,
    "policies": PEOPLE,
    "maintenance_windows": PEOPLE,
    "contacts": PEOPLE,
    "displays": PEOPLE,
    "display": PEOPLE,
    "staff": {"administrator"},
    "staff_tokens": {"administrator"},
}

# Acts: name -> who may do it, what is sent, and what somebody with the right is answered.
ACTS = {
    "inbox_claim": (REVIEWERS, {}, 302),
    "inbox_release": (REVIEWERS, {}, 302),
    "queue_next": (REVIEWERS, {}, 302),
    "queue_claim": (REVIEWERS, {}, 302),
    "queue_renew": (REVIEWERS, {}, 409),  # nothing is claimed yet
    "queue_sign": (REVIEWERS, {"state": "visible"}, 409),  # nothing is claimed yet
    "queue_release": (REVIEWERS, {}, 302),
    "queue_picture": (REVIEWERS, {}, 200),
    "queue_look_at": ({"compliance"}, {"reason": "An appeal names it."}, 200),
    "queue_bulk": ({"compliance"}, {"act": "release", "which": "all"}, 200),
    "queue_approve": (REVIEWERS, {"version": "2"}, 422),  # unseen
    "queue_deny": (REVIEWERS, {"version": "2", "reason": "altered"}, 422),
    "queue_more": (REVIEWERS, {"version": "2", "note": "The back."}, 422),
    "queue_escalate": (REVIEWERS, {"version": "2", "note": "Look."}, 302),
    "queue_override": ({"compliance"}, {"version": "2", "note": "Why."}, 409),
    "queue_undo": (REVIEWERS, {}, 409),  # somebody else's decision
    "queue_held_undo": (REVIEWERS, {}, 404),  # there is none
    "queue_escalation_undo": (REVIEWERS, {}, 404),  # there is none
    "second_review_claim": (REVIEWERS, {}, 302),
    "second_review_renew": (REVIEWERS, {}, 409),  # nothing is claimed yet
    "second_review_release": (REVIEWERS, {}, 302),
    "second_review_picture": (REVIEWERS, {}, 409),
    "second_review_answer": (REVIEWERS, {"answer": "approved"}, 409),
    "dispute_settle": ({"compliance"}, {"note": "Why.", "resolution": "keep"}, 404),
    "appeal_decide": (REVIEWERS, {"version": "1", "outcome": "granted"}, 302),
    "appeal_undo": (REVIEWERS, {}, 409),  # it is open
    "case_record": (
        REVIEWERS,
        {
            "kind": "warn",
            "reason": "spam",
            "key": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        },
        302,
    ),
    "case_note": (REVIEWERS, {"text": "Look."}, 302),
    "case_overrule": (REVIEWERS, {"why": "A joke."}, 302),
    "case_take_back": (REVIEWERS, {}, 409),  # somebody else's
    "quality_seed": ({"compliance"}, {}, 302),
    "quality_told": (REVIEWERS, {}, 302),
    "member_erase": ({"compliance"}, {"typed": "1187342001234567892", "reason": "asked"}, 302),
    "effect_retry": ({"compliance", "operator"}, {}, 302),
    "alert_acknowledge": ({"moderator", "operator"}, {"comment": "Mine."}, 302),
    "alert_withdraw": ({"moderator", "operator"}, {}, 302),  # nobody has acknowledged it
    "alert_silence": ({"operator"}, {"hours": "1"}, 302),
    "alert_silence_end": ({"operator"}, {}, 302),
    "alert_channel_test": ({"operator"}, {"channel": "discord", "target": "ops"}, 302),
    "job_run": ({"operator"}, {}, 302),
    "incident_open": ({"operator"}, {"title": "Dark", "severity": "critical"}, 302),
    "incident_acknowledge": ({"moderator", "operator"}, {}, 302),
    "incident_move": ({"operator"}, {"to": "resolved", "reason": "Restarted."}, 302),
    "incident_note": ({"operator"}, {"text": "Look."}, 302),
    "incident_commander": ({"operator"}, {"person": "0"}, 404),  # there is nobody of that number
    "incident_escalate": ({"operator"}, {}, 302),
    "on_call_change": ({"operator"}, {"act": "rota", "rota-name": "First"}, 302),
    "policy_change": ({"operator"}, {}, 422),  # the form is empty
    "window_change": ({"operator"}, {}, 422),
    "contact_change": ({"operator"}, {}, 422),
    "staff": ({"administrator"}, {"username": "new", "roles": ["viewer"]}, 200),
    "staff_change": ({"administrator"}, {"act": "roles", "roles": ["viewer"]}, 302),
    "staff_tokens": ({"administrator"}, {}, 422),  # the form is empty
    "staff_token_revoke": ({"administrator"}, {}, 302),
    "display_code": ({"operator"}, {}, 422),
    "display_confirm": ({"operator"}, {}, 422),
    "display_change": ({"operator"}, {"name": "Hall", "board": "main"}, 302),
    "display_revoke": ({"operator"}, {"reason": "Sold."}, 302),
}

ACTS_ON_AN_INCIDENT = {
    f"incident_{act}" for act in ("acknowledge", "move", "note", "commander", "escalate", "export")
}

# Open to the world, each for a reason of its own.
PUBLIC = {
    "live", "ready", "health", "up", "metrics",  # probes and scrapes; nothing of members in them
    "mobile_manifest", "mobile_worker",  # files of the phone page
    "upload", "upload_place", "upload_withdraw",  # the link is the right
    "staff_password",  # the invitation is the right
    "pair", "pair_code",  # a screen that asks to be paired (tests/growmies_admin/displays/)
}  # fmt: skip
# A Bearer token is the right, and no session is (tests/growmies_admin/api/).
SIGNED = {"provider_callback"}  # a signature is (tests/compliance/providers/test_provider.py)
BEARER = {"api_verification_queue", "api_verifications", "api_openapi"}
BEARER |= {"api_alerts"}  # Alertmanager's own token (tests/monitoring/alerts/test_intake.py)
# For everybody who is signed in, about themselves.
OWN = {"home", "account_keys", "staff_keys", "staff_key_open"}
# Pages of libraries: sign-in and one's own second factors; rows for administrators
# (test_django_admin.py).
LIBRARIES = ("accounts/", "django-admin/")
