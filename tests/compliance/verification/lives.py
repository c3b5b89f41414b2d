"""Lives of requests: random acts of members, reviewers and clocks, and what must hold."""

import io
import os
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from PIL import Image

from compliance import policy
from compliance.desk import sweeping
from compliance.desk.models import Claim, WorkItem
from compliance.effects import delivery
from compliance.effects.models import Effect, EffectState
from compliance.evidence import custody
from compliance.evidence.models import Evidence
from compliance.members import roster
from compliance.providers import provider, provider_answers
from compliance.providers.models import ProviderSession
from compliance.providers.provider_calls import Answer
from compliance.refusals import Refusal
from compliance.uploads import opening, submission
from compliance.verification import (
    age,
    claims,
    decisions,
    in_person,
    overriding,
    requests,
    taking_back,
)
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import AWAITS_MEMBER, MOVES, REVIEWABLE, UNFINISHED, State
from growmies_admin.accounts.models import Staff
from monitoring.audit.models import Entry

# The same 60 lives at every run; STATE_MACHINE_EXAMPLES=1000 looks further, at random.
LONG = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))


which = st.integers(0, 5)  # one of the requests, or decisions, newest first


member = st.integers(0, 1)


reviewer = st.sampled_from(["ada", "bo", "cora"])


found_by_provider = st.sampled_from(ProviderSession.Result)


denial = st.sampled_from(["under_age", "unreadable", "altered"])


def picture():
    out = io.BytesIO()
    Image.new("RGB", (240, 200)).save(out, "JPEG")
    return out.getvalue()


PICTURE = picture()


class Lives(RuleBasedStateMachine):
    """Every act either succeeds or raises Refusal; anything else fails the example."""

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def people(self):
        self.staff = {name: Staff.objects.create_user(name) for name in ("ada", "bo", "cora")}
        self.members = [roster.seen(1187342001234567890 + n, f"member{n}") for n in range(2)]
        self.tokens = {}
        self.seen = {}  # request -> (state, version) after the step before
        self.entries = 0
        self.taken_back = None  # decision that this step undid
        self.sent = []  # answers of the provider, with what they led to

    # --- members ------------------------------------------------------------

    @rule(member=member)
    def open(self, member):
        opened = self.act(opening.open_request, self.members[member])
        if opened:
            self.tokens[opened.request.pk] = opened.url.rstrip("/").rsplit("/", 1)[1]

    @precondition(lambda self: self.tokens)
    @rule(which=which)
    def submit(self, which):
        token = sorted(self.tokens.items())[-1 - which % len(self.tokens)][1]
        self.act(submission.submit, token, [PICTURE], consent_version=policy.CONSENT_VERSION)

    @rule(member=member)
    def open_and_submit(self, member):
        self.open(member)
        newest = self.members[member].verifications.order_by("-pk").first()
        if newest.pk in self.tokens:
            token = self.tokens[newest.pk]
            self.act(submission.submit, token, [PICTURE], consent_version=policy.CONSENT_VERSION)

    @rule(which=which)
    def withdraw(self, which):
        if request := self.request(which):
            self.act(requests.withdraw, request.pk)

    @rule(member=member)
    def ask_in_person(self, member):
        self.act(in_person.ask, self.members[member], consent_version=1)

    @rule(member=member)
    def go_to_the_provider(self, member):
        self.act(provider.hand_over, self.members[member], consent_version=1)

    # --- the provider -------------------------------------------------------

    @rule(which=which, result=found_by_provider, of_age=st.sampled_from([None, True, False]))
    def provider_answers(self, which, result, of_age):
        """For any session, also one that is over; the newest ones first."""
        sessions = list(ProviderSession.objects.order_by("-pk")[:6])
        if not sessions:
            return
        session = sessions[which % len(sessions)]
        birthday = age.born_on_or_before()
        born = None if of_age is None else birthday + timedelta(days=0 if of_age else 1)
        answer = Answer(uuid.uuid4().hex, session.reference, result, born)
        if taken := self.act(provider_answers.take, answer):
            assert not taken.is_repeated
            assert session.answered_at is None and session.revoked_at is None
            self.sent.append((answer, taken.session.outcome))

    @rule(member=member, result=found_by_provider)
    def check_at_the_provider(self, member, result):
        """There and back."""
        self.go_to_the_provider(member)
        self.provider_answers(0, result, None)

    @precondition(lambda self: self.sent)
    @rule(which=which)
    def provider_repeats_itself(self, which):
        answer, outcome = self.sent[-1 - which % len(self.sent)]
        taken = provider_answers.take(answer)
        assert taken.is_repeated and taken.session.outcome == outcome

    # --- staff --------------------------------------------------------------

    @rule(which=which, name=reviewer)
    def claim(self, which, name):
        if request := self.request(which):
            self.act(claims.claim, request.pk, self.staff[name])

    @rule(which=which, name=reviewer)
    def release(self, which, name):
        if request := self.request(which):
            claims.release(request.pk, self.staff[name])

    @rule(which=which, name=reviewer)
    def reveal(self, which, name):
        if request := self.request(which):
            self.act(custody.reveal, request.pk, 1, self.staff[name])

    @rule(which=which, name=reviewer, looks=st.booleans())
    def take_up(self, which, name, looks):
        if request := self.request(which):
            self.act(claims.claim, request.pk, self.staff[name])
            if looks:
                self.act(custody.reveal, request.pk, 1, self.staff[name])

    @rule(which=which, name=reviewer, pages_ago=st.integers(0, 1))
    def approve(self, which, name, pages_ago):
        self.decide(decisions.approve, which, name, pages_ago)

    @rule(which=which, name=reviewer)
    def attest(self, which, name):
        self.decide(decisions.approve, which, name, 0, attested=age.born_on_or_before().isoformat())

    @rule(which=which, name=reviewer, reason=denial, pages_ago=st.integers(0, 1))
    def deny(self, which, name, reason, pages_ago):
        self.decide(decisions.deny, which, name, pages_ago, reason=reason)

    @rule(which=which, name=reviewer)
    def ask_more(self, which, name):
        self.decide(decisions.request_more, which, name, 0, note="The back, please.")

    @rule(member=member, name=reviewer, outcome=st.sampled_from(["approve", "deny", "more"]))
    def review(self, member, name, outcome):
        """All that it takes to a decision, where the member's newest request waits for one."""
        newest = self.members[member].verifications.order_by("-pk").first()
        if newest is None or newest.state not in REVIEWABLE:
            return
        if self.act(claims.claim, newest.pk, self.staff[name]):
            self.act(custody.reveal, newest.pk, 1, self.staff[name])
            named = {"moderator": self.staff[name], "version": newest.version}
            if outcome == "approve":
                attested = age.born_on_or_before().isoformat()
                self.act(decisions.approve, newest.pk, attested=attested, **named)
            elif outcome == "deny":
                self.act(decisions.deny, newest.pk, reason="altered", **named)
            else:
                self.act(decisions.request_more, newest.pk, note="The back, please.", **named)

    @rule(which=which)
    def undo(self, which):
        self.undo_of(which, None)

    @rule(which=which, name=reviewer)
    def undo_of(self, which, name):
        """By its author, or by whoever is named."""
        found = list(Decision.objects.order_by("-pk").select_related("decided_by")[:3])
        if not found:
            return
        decision = found[which % len(found)]
        person = self.staff[name] if name else decision.decided_by or self.staff["cora"]
        if self.act(taking_back.undo, decision.pk, moderator=person):
            self.taken_back = decision

    @rule(member=member, name=reviewer, approve=st.booleans())
    def override(self, member, name, approve):
        newest = self.members[member].verifications.order_by("-pk").first()
        if newest:
            self.act(
                overriding.override,
                newest.pk,
                staff=self.staff[name],
                version=newest.version,
                result=State.APPROVED if approve else State.DENIED,
                reason="" if approve else "altered",
                note="Seen again.",
            )

    # --- time and machines --------------------------------------------------

    @rule()
    def undo_windows_end(self):
        past = timezone.now() - timedelta(seconds=1)
        Decision.objects.filter(undo_until__gt=past).update(undo_until=past)
        Effect.objects.filter(not_before__gt=past).update(not_before=past)
        Evidence.objects.filter(destroyed_at__isnull=True, destroy_cause="decided").update(
            destroy_at=past
        )

    @rule()
    def cool_downs_end(self):
        long_ago = timezone.now() - policy.DENIAL_APPEAL_COOL_DOWN
        self.undo_windows_end()
        Decision.objects.filter(decided_at__gt=long_ago).update(decided_at=long_ago)

    @rule()
    def leases_end(self):
        Claim.objects.filter(ended_at__isnull=True).update(expires_at=timezone.now())

    @rule(which=which)
    def seventy_two_hours_pass(self, which):
        request = self.request(which)
        if request and request.state in REVIEWABLE:
            long_ago = timezone.now() - policy.EVIDENCE_LIFE
            request.evidence.filter(destroyed_at__isnull=True).update(
                stored_at=long_ago, destroy_at=long_ago + policy.EVIDENCE_LIFE
            )

    @rule(which=which)
    def patience_ends(self, which):
        if request := self.request(which):
            VerificationRequest.objects.filter(pk=request.pk, expires_at__isnull=False).update(
                expires_at=timezone.now()
            )

    @rule()
    def sweep(self):
        sweeping.sweep()
        due = Evidence.objects.filter(destroyed_at__isnull=True, destroy_at__lte=timezone.now())
        assert not due.exists()

    @rule(answer=st.sampled_from([delivery.delivered, delivery.park]))
    def deliver(self, answer):
        for effect in delivery.lease_due():
            assert answer(effect)

    # --- what always holds --------------------------------------------------

    @invariant()
    def the_rules_hold(self):
        """Reads everything once, for all rules."""
        self.requests = list(VerificationRequest.objects.order_by("pk"))
        self.decisions = list(Decision.objects.select_related("claim", "overrides"))
        self.attested = set(
            Entry.objects.filter(data__has_key="attested").values_list("data__decision", flat=True)
        )
        self.one_unfinished_request_a_member()
        self.one_open_claim_a_request_and_none_on_what_is_not_reviewed()
        self.one_standing_decision_that_fits_the_state()
        self.states_change_by_the_table_or_by_undo()
        self.nobody_decided_unseen_or_overrode_themselves()
        self.machines_decide_only_what_the_provider_answered()
        self.at_most_one_answer_is_awaited_and_only_by_who_waits_for_it()
        self.the_wanted_role_agrees_with_the_state()
        self.the_trail_only_grows()

    def one_unfinished_request_a_member(self):
        unfinished = [r.member_id for r in self.requests if r.state in UNFINISHED]
        assert len(set(unfinished)) == len(unfinished)

    def one_open_claim_a_request_and_none_on_what_is_not_reviewed(self):
        held = list(Claim.objects.filter(ended_at__isnull=True).select_related("item"))
        assert len({claim.item.subject for claim in held}) == len(held)
        assert all(claim.item.closed_at is None for claim in held)
        waiting = VerificationRequest.objects.reviewable()
        items = WorkItem.objects.of("verification").open()
        assert set(items.values_list("subject", "due_at", "opened_at")) == set(
            waiting.values_list("pk", "due_at", "submitted_at")
        )
        escalated = items.filter(escalated_at__isnull=False).values_list("subject", flat=True)
        assert set(escalated) == set(
            waiting.filter(state=State.ESCALATED).values_list("pk", flat=True)
        )

    def one_standing_decision_that_fits_the_state(self):
        for request in self.requests:
            standing = [d for d in self.decisions if d.standing and d.request_id == request.pk]
            assert len(standing) <= 1
            if request.state in (State.APPROVED, State.DENIED):
                assert [d.result for d in standing] == [request.state]

    def states_change_by_the_table_or_by_undo(self):
        undone, self.taken_back = self.taken_back, None
        for request in self.requests:
            before, version = self.seen.get(request.pk, (State.OPENED, 1))
            self.seen[request.pk] = (request.state, request.version)
            moves = request.version - version
            if undone is not None and undone.request_id == request.pk:
                assert (before, request.state) == (undone.result, undone.state_before)
            else:
                assert moves >= 0
                assert reachable(State(before), State(request.state), moves)

    def nobody_decided_unseen_or_overrode_themselves(self):
        for decision in self.decisions:
            if decision.overrides is not None:
                assert decision.decided_by_id != decision.overrides.decided_by_id
            elif decision.decided_by_id is not None:
                attested, pictured = decision.pk in self.attested, decision.method == "id_document"
                assert decision.result != State.APPROVED or attested != pictured
                assert not pictured or decision.claim.revealed_at is not None

    def machines_decide_only_what_the_provider_answered(self):
        """One decision without a person for one answer, and never one for an old answer."""
        automatic = [d for d in self.decisions if d.decided_by_id is None]
        assert all(d.actor_type == "provider" and d.method == "provider" for d in automatic)
        deciding = [
            outcome for _, outcome in self.sent if outcome in (State.APPROVED, State.DENIED)
        ]
        assert sorted(d.result for d in automatic) == sorted(deciding)

    def at_most_one_answer_is_awaited_and_only_by_who_waits_for_it(self):
        awaited = list(
            ProviderSession.objects.filter(answered_at=None, revoked_at=None).select_related(
                "request"
            )
        )
        assert len({session.request_id for session in awaited}) == len(awaited)
        for session in awaited:
            assert (session.request.method, session.request.state in AWAITS_MEMBER) == (
                "provider", True,
            )  # fmt: skip

    def the_wanted_role_agrees_with_the_state(self):
        """Once no undo window is open: the newest wish that holds is the role as decided."""
        wishes = {}
        for effect in Effect.objects.filter(kind="role").order_by("version"):
            if effect.state != EffectState.SUPERSEDED:
                wishes[effect.member_id] = effect.payload["present"]
        now = timezone.now()
        waits = {d.request_id for d in self.decisions if d.standing and d.undo_until > now}
        for person in self.members:
            own = [request for request in self.requests if request.member_id == person.pk]
            if not waits & {request.pk for request in own}:
                approved = any(request.state == State.APPROVED for request in own)
                assert wishes.get(person.pk, False) == approved

    def the_trail_only_grows(self):
        count = Entry.objects.count()
        assert count >= self.entries
        self.entries = count

    # --- how ----------------------------------------------------------------

    def act(self, what, *arguments, **named):
        """What the act returns, or None when it was refused."""
        try:
            return what(*arguments, **named)
        except Refusal:
            return None

    def request(self, which):
        found = list(VerificationRequest.objects.order_by("-pk"))
        return found[which % len(found)] if found else None

    def decide(self, act, which, name, pages_ago, **more):
        if request := self.request(which):
            version = request.version - pages_ago
            made = self.act(act, request.pk, moderator=self.staff[name], version=version, **more)
            assert not (made and pages_ago), "an old page decided"


def reachable(origin, target, moves):
    """Whether `target` can be reached in so many moves of the table."""
    states = {origin}
    for _ in range(moves):
        states = {to for state in states for to in MOVES[state]}
    return target in states
