"""Nobody decides what concerns themselves: acts × relations, in one table.

Every address of these rooms that takes a POST, every command and every button has a row; a new
one without a row fails.
"""

import html
import re
from datetime import timedelta

import pytest
from django.core.management import get_commands
from django.utils import timezone

from compliance.appeals import asking
from compliance.appeals.models import Appeal
from compliance.desk.models import Claim, Escalation
from growmies_admin.accounts.models import ApiToken
from tests.compliance.acting import APPEAL, DECISION, REQUEST, TOKEN, drive, everything
from tests.growmies_admin.security.walking import addresses

pytestmark = pytest.mark.django_db

NOTHING = "-"  # the act has nothing of this kind before it
MAY = "may"  # allowed, for the reason beside the row
RELATIONS = (REQUEST, DECISION, APPEAL, TOKEN)

# act: what it answers to (own request, own decision, own appeal, own token)
TABLE: dict[str, tuple[str, str, str, str]] = {
    "queue_claim": ("own_request", MAY, NOTHING, NOTHING),  # asked for more, and sent again
    "queue_renew": ("409", NOTHING, NOTHING, NOTHING),
    "queue_sign": ("409", NOTHING, NOTHING, NOTHING),
    "queue_release": (MAY, NOTHING, NOTHING, NOTHING),  # gives it away, also at sign-out
    "queue_picture": ("own_request", NOTHING, NOTHING, NOTHING),
    "queue_look_at": ("own_request", MAY, NOTHING, NOTHING),
    "queue_approve": ("own_request", MAY, NOTHING, NOTHING),
    "queue_deny": ("own_request", MAY, NOTHING, NOTHING),
    "queue_more": ("own_request", MAY, NOTHING, NOTHING),
    "queue_escalate": ("own_request", MAY, NOTHING, NOTHING),
    "queue_override": ("own_request", "own_decision", NOTHING, NOTHING),
    "queue_undo": ("own_request", MAY, NOTHING, NOTHING),  # nobody but its author may
    "queue_escalation_undo": ("own_request", NOTHING, NOTHING, NOTHING),
    "queue_next": ("passes by", MAY, NOTHING, NOTHING),
    "queue_bulk expire": ("own_request", MAY, NOTHING, NOTHING),
    "queue_bulk assign": ("own_request", MAY, NOTHING, NOTHING),
    "queue_bulk release": ("own_request", MAY, NOTHING, NOTHING),
    "inbox_claim verification": ("own_request", MAY, NOTHING, NOTHING),
    "inbox_claim second_review": ("passes by", "passes by", NOTHING, NOTHING),
    "inbox_claim dispute": ("own_request", "own_decision", NOTHING, NOTHING),
    "inbox_claim appeal": (NOTHING, "own_decision", "own_appeal", NOTHING),
    "inbox_release": (MAY, NOTHING, NOTHING, NOTHING),  # gives it away
    "second_review_claim": ("as if over", "as if over", NOTHING, NOTHING),
    "second_review_renew": ("409", NOTHING, NOTHING, NOTHING),
    "second_review_release": (MAY, NOTHING, NOTHING, NOTHING),  # gives it away
    "second_review_picture": ("own_request", NOTHING, NOTHING, NOTHING),
    "second_review_answer": ("as if over", NOTHING, NOTHING, NOTHING),
    "dispute_settle keep": ("own_request", "own_decision", NOTHING, NOTHING),
    "dispute_settle override": ("own_request", "own_decision", NOTHING, NOTHING),
    "appeal_decide upheld": (NOTHING, "own_decision", "own_appeal", NOTHING),
    "appeal_decide granted": (NOTHING, "own_decision", "own_appeal", NOTHING),
    "appeal_decide reversed": (NOTHING, "own_decision", "own_appeal", NOTHING),
    "appeal_decide moot": (NOTHING, "own_decision", "own_appeal", NOTHING),
    "appeal_undo": (NOTHING, MAY, "own_appeal", NOTHING),  # nobody but its author may
    "case_record": ("own", NOTHING, NOTHING, NOTHING),
    "case_note": ("own", MAY, NOTHING, NOTHING),  # one adds to one's own case
    "case_overrule": ("own", "own_decision", NOTHING, NOTHING),
    "case_take_back": (NOTHING, MAY, NOTHING, NOTHING),  # nobody but its author may
    "member_erase": ("on_staff", NOTHING, NOTHING, NOTHING),  # whoever signs in is on staff
    "staff_tokens": (NOTHING, NOTHING, NOTHING, "own_token"),
    "staff_token_revoke": (NOTHING, NOTHING, NOTHING, MAY),  # gives it up
}
# Acts that decide nothing about anybody, or are the member's own.
NO_RELATION = {
    "effect_retry": "tries what somebody else decided once more",
    "quality_seed": "makes a member up",
    "queue_held_undo": "takes one's own back before it happens; then the act asks again",
    "quality_told": "says that one has read it",
    "upload": "the member's own, by the link",
    "upload_place": "the member's own, by the link",
    "upload_withdraw": "the member's own, by the link",
    "staff_key_open": "what somebody else issued; only its owner may (test_opening_tokens.py)",
    "provider_callback": "the provider's, by its signature",
}
COMMANDS = {
    "seed_golden_cases": "makes members up",
    "rotate_evidence_keys": "wraps all keys anew and opens no picture",
    "break_glass": "makes an administrator, who is bound by this table",
    "create_administrator": "the same",
    "practice_accounts": "makes the accounts of practice mode",
    "prepare": "migrates and collects",
}
BUTTONS = {
    "case:take-back": "one's own case, at once; another's is refused (test_moderating.py)",
    "verify": "the member's own",
    "verify:method": "the member's own",
    "verify:agree": "the member's own",
    "verify:withdraw": "the member's own; another's is refused (test_verify.py)",
    "verify:withdraw-now": "the same",
}
ROOMS = ("compliance.", "growmies_admin.api.", "growmies_admin.accounts.views_tokens")


def addresses_of_the_rooms():
    """Each address of these rooms, with something for its parameters: name, path."""
    for one in addresses({"snowflake": "1187342001234567890"}):
        module = getattr(one.view, "__wrapped__", one.view).__module__
        if module.startswith(ROOMS):
            yield one.name, one.path


def test_every_act_has_a_row(staff, sign_in):
    everything = sign_in(staff("moderator", "compliance", "operator", "administrator"))
    acts = set()
    for name, path in addresses_of_the_rooms():
        if everything.post(path).status_code != 405:
            acts.add(name)
    assert {"queue_claim", "queue_bulk", "appeal_decide", "staff_tokens"} <= acts
    assert acts == {row.split()[0] for row in TABLE} | NO_RELATION.keys()


def test_every_command_has_a_row():
    ours = {
        name
        for name, app in get_commands().items()
        if app.startswith(("compliance.", "growmies_admin.accounts"))
    }
    assert ours == COMMANDS.keys()


def test_every_button_has_a_row():
    from growmies_admin.bot import buttons, verifying

    found = {verifying.VERIFY} | {
        one.pattern.split(":(")[0] for one in vars(buttons).values() if isinstance(one, re.Pattern)
    }
    assert found == BUTTONS.keys()


def test_the_admin_api_only_reads():
    found = [one for one in addresses_of_the_rooms() if one[0].startswith("api_")]
    assert len(found) == 3
    assert not {name for name, _ in found} & {row.split()[0] for row in TABLE}


SENTENCES = {
    "own_request": "You can't review your own request.",
    "own_decision": (
        "Someone other than its author must override a decision.",
        "Somebody else has to look a second time.",
        "Somebody who is neither of the two reviewers decides.",
        "The denial is yours; somebody else decides the appeal.",
        "The case is yours; somebody else decides whether it stands.",
    ),
    "as if over": "This second review is over.",  # nobody learns that theirs was drawn
    "own": "That is not for yourself to do.",
    "own_appeal": "This is your own appeal.",
    "own_token": "Somebody else has to make a token of yours.",
    "on_staff": "This person is on staff.",
}


CELLS = [
    (act, relation, cell)
    for act, cells in TABLE.items()
    for relation, cell in zip(RELATIONS, cells, strict=True)
    if cell != NOTHING
]


@pytest.mark.parametrize(
    ("act", "own", "cell"), [one for one in CELLS if one[2] != MAY], ids=lambda part: str(part)
)
def test_refused(act, own, cell, world):
    act_now = drive(act, world, own)
    if own in (REQUEST, APPEAL):
        world.link()
    before = everything()
    answer = act_now()
    assert everything() == before, "nothing was changed"
    if cell == "409":
        assert answer.status_code == 409
    elif cell != "passes by":
        assert answer.status_code != 302
        text = html.unescape(answer.content.decode())
        said = SENTENCES[cell]
        assert any(one in text for one in ([said] if isinstance(said, str) else said))


@pytest.mark.parametrize(
    ("act", "own", "cell"), [one for one in CELLS if one[2] == MAY], ids=lambda part: str(part)
)
def test_allowed(act, own, cell, world):
    act_now = drive(act, world, own)
    if own in (REQUEST, APPEAL):
        world.link()
    before = everything()
    assert act_now().status_code in (200, 302)
    assert everything() != before


@pytest.mark.parametrize("act", TABLE)
def test_the_same_act_on_somebody_elses_is_done(act, world):
    """So that a refusal above comes from the relation and from nothing else."""
    if act == "staff_tokens":
        form = {"name": "theirs", "owner": world.ada.pk, "scopes": "queue:read", "days": 30}
        assert world.post(act, **form).status_code in (200, 302)
        assert ApiToken.objects.filter(owner=world.ada).exists()
        return
    act_now = drive(act, world, "")
    before = everything()
    if act.endswith("_renew"):
        Claim.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
        Claim.objects.filter(item__kind="second_review").update(
            expires_at=timezone.now() + timedelta(minutes=1)
        )
        before = everything()
    assert act_now().status_code in (200, 302)
    assert everything() != before


def test_a_request_is_not_assigned_to_the_member(world):
    """Nor by hand: neither in bulk nor by escalating."""
    request = world.waits()
    world.ada.discord_id = request.member_id
    world.ada.save()
    form = {"step": "preview", "act": "assign", "request": request.pk, "to": "ada"}
    page = html.unescape(world.client.post("/queue/bulk/", form).content.decode())
    assert "1 will not: It is ada's own request." in page
    world.held(request, world.mia)
    form = {"version": request.version, "note": "Look.", "to": "ada"}
    assert world.post("queue_escalate", request.pk, **form).status_code == 403
    assert not Escalation.objects.exists()


def test_a_preview_of_somebody_else_is_not_carried_out(world, sign_in):
    """The one whom it was to be assigned to can't assign it in the other's place."""
    request = world.waits()
    form = {"step": "preview", "act": "assign", "request": request.pk, "to": "ada"}
    page = world.client.post("/queue/bulk/", form).content.decode()
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    form = {"step": "do", "sealed": sealed, "note": "Mine."}
    answer = sign_in(world.ada).post("/queue/bulk/", form)
    assert answer.status_code == 422 and not Escalation.objects.exists()


def test_whoever_kept_a_denial_in_a_dispute_does_not_decide_its_appeal(world):
    dispute = world.disputed(world.ada, world.bo)
    world.post("dispute_settle", dispute.pk, resolution="keep", note="It stands.")
    appeal = asking.appeal(world.member_id, "It can be read.")
    answer = world.post("appeal_decide", appeal.pk, outcome="upheld", version=1, note="No.")
    assert answer.status_code == 403
    assert Appeal.objects.get().state == "open"
