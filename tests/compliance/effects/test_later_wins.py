"""Whatever order wishes, deliveries, crashes, outages, leaving and coming back happen in:
in the end the member has the role exactly when the newest wish says so, and has read that last.

Hypothesis plays the bot against the real outbox. Discord is what the calls did to it: a call
takes effect when it lands, and one of a bot that was killed may land late, until its lease ends.
"""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from compliance.effects import delivery, outbox
from compliance.effects.kinds import message as messages
from compliance.effects.kinds import role as roles
from compliance.effects.models import Effect, EffectState
from compliance.members import roster
from compliance.members.models import Member

MEMBER = 1187342001234567890
LONG = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))
which = st.integers(0, 7)


def message(present):
    return messages.wish(MEMBER, "verification", f"{present}")


class Life(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.wishes = 0
        self.wanted = [False]  # the history of what was wanted; the last one counts
        self.decided = [""]  # the causes of that
        self.may_undo = False
        self.said = {}  # what the member reads, by nonce
        self.has_role = self.is_out = False
        self.in_guild = True
        self.calls = []  # effects whose call is on its way, with a bot that waits for the answer
        self.stray = []  # calls whose answer nobody hears: they may land until their lease ends
        self.refused = []  # "Unknown Member", heard by the bot and not written down yet
        roster.seen(MEMBER, "hazel", joined_at=timezone.now() - timedelta(days=1))

    def teardown(self):
        try:
            self.settle()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def want(self, present, cause=""):
        self.wishes += 1
        cause = cause or f"decision:{self.wishes}"
        now = timezone.now()
        wishes = [roles.wish(MEMBER, "verified", present)]
        if cause.startswith("decision:"):
            wishes.append(message(present))
        outbox.want(wishes, cause=cause, not_before=now)

    # --- the site -------------------------------------------------------------

    @rule(present=st.booleans())
    def decide(self, present):
        self.want(present)
        self.wanted.append(present)
        self.decided.append(f"decision:{self.wishes}")
        self.may_undo = True

    @precondition(lambda self: self.may_undo)
    @rule()
    def undo(self):
        """As decisions.undo() of an override: withdrawn, and what was before wanted anew."""
        try:
            with transaction.atomic():
                outbox.withdraw(self.decided[-1])
        except outbox.Delivered:
            return
        self.wanted.pop()
        self.decided.pop()
        self.may_undo = False  # the decision before can't be undone any more
        self.want(self.wanted[-1], f"undo:{self.wishes}")
        before = message(self.wanted[-1])
        outbox.lock([before.key])
        if self.decided[-1] and outbox.is_unsaid(before, by=self.decided[-1]):
            outbox.want([before], cause=f"undo:{self.wishes}", not_before=timezone.now())

    # --- the bot --------------------------------------------------------------

    @rule()
    def begin(self):
        self.calls += delivery.lease_due()

    @precondition(lambda self: self.calls)
    @rule(which=which)
    def land(self, which):
        effect = self.calls.pop(which % len(self.calls))
        if self.is_out:
            delivery.retry_later(effect, "out", None)
        elif not self.in_guild:
            self.refused.append(effect)
        else:
            self.do(effect)
            delivery.delivered(effect)

    @precondition(lambda self: self.refused)
    @rule(which=which)
    def park(self, which):
        delivery.park(self.refused.pop(which % len(self.refused)))
        if self.in_guild:  # as the bot sees by then
            delivery.unpark(MEMBER)

    @precondition(lambda self: self.calls)
    @rule(which=which)
    def time_out(self, which):
        effect = self.calls.pop(which % len(self.calls))
        self.stray.append(effect)
        delivery.no_answer(effect, "No answer")

    @precondition(lambda self: self.calls or self.refused)
    @rule()
    def kill(self):
        """kill -9, and a new bot."""
        self.stray += self.calls
        self.calls, self.refused = [], []
        delivery.release_all_leases()

    @precondition(lambda self: self.stray)
    @rule(which=which)
    def land_late(self, which):
        effect = self.stray.pop(which % len(self.stray))
        if not self.is_out and self.in_guild:
            self.do(effect)

    def do(self, effect):
        """What Discord does of it. A message with a known nonce is there already."""
        if effect.kind == "role":
            self.has_role = effect.payload["present"]
        else:
            self.said.setdefault(effect.pk, effect.payload["content"])

    @rule()
    def leases_end(self):
        """A minute passes: by then every call has landed or never will."""
        self.calls, self.stray = [], []
        Effect.objects.filter(state=EffectState.DELIVERING).update(leased_until=timezone.now())
        Effect.objects.update(may_land_until=None)
        delivery.release_expired_leases()

    # --- Discord --------------------------------------------------------------

    @rule(out=st.booleans())
    def outage(self, out):
        self.is_out = out
        if not out:
            delivery.hasten()

    @precondition(lambda self: self.in_guild)
    @rule()
    def leave(self):
        self.in_guild = self.has_role = False
        roster.left(MEMBER)

    @precondition(lambda self: not self.in_guild)
    @rule()
    def come_back(self):
        self.in_guild = True
        self.scan()

    def scan(self):
        """What the bot does at a join, and in a scan for whoever joined while it was away."""
        joined_at = Member.objects.get(discord_id=MEMBER).joined_at
        if Member.objects.get(discord_id=MEMBER).left_at is not None:
            joined_at = timezone.now()
        roster.seen_many(
            [roster.Seen(MEMBER, "hazel", "", joined_at, has_verified_role=self.has_role)]
        )
        delivery.unpark(MEMBER)
        if self.wanted[-1]:
            for member_id in roles.lost_by_leaving("verified", [MEMBER]):
                assert member_id == MEMBER
                self.want(True, f"rejoin:{self.wishes}")

    def deliver(self):
        """Everything that may be."""
        for _ in range(20):
            while self.refused:
                self.park(0)
            delivery.hasten()
            self.begin()
            if not self.calls:
                break
            while self.calls:
                self.land(0)

    def settle(self):
        """Everything works again, and time passes."""
        self.is_out = False
        self.deliver()
        while self.stray and self.in_guild:  # as late as they can
            self.land_late(0)
        self.leases_end()
        if not self.in_guild:
            self.come_back()
        self.deliver()
        open_ = Effect.objects.exclude(state__in=[EffectState.DELIVERED, EffectState.SUPERSEDED])
        assert list(open_.values_list("state", "version")) == []
        assert self.has_role == self.wanted[-1]
        if self.decided[-1]:
            assert list(self.said.values())[-1] == f"{self.wanted[-1]}"


@pytest.mark.django_db
def test_the_later_wish_wins():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LONG or 50,
            stateful_step_count=25,
            deadline=None,
            derandomize=not LONG,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
