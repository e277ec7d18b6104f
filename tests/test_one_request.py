"""Many people, and time, act on one request in any order: what must never be, never is. No database, no nodes."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.act import Act, Deed
from bot.decide import Glass, approved, decide, reconciled
from bot.demand import Demand, Slot
from bot.people import Account, Standing, Who
from bot.request import MOVES, Illegal, Move, Moved, Request, State, Verdict, Vote, after
from bot.text import Refused
from bot.timers import Due, due
from tests.asking import NOON_US, request

HOUR_US = 3_600_000_000
DEMAND = Demand((Slot("ops"), Slot("net", 2)))
# Account → (person, groups, standing). Alice, who asks, has two accounts and is in every group.
CROWD = {
    "alice": ("alice", {"ops", "net"}, Standing.MEMBER),
    "alice2": ("alice", {"ops", "net"}, Standing.MEMBER),
    "bob": ("bob", {"ops", "net"}, Standing.MEMBER),
    "bob2": ("bob", {"net"}, Standing.MEMBER),
    "carol": ("carol", {"net"}, Standing.MEMBER),
    "dan": ("dan", {"net"}, Standing.MEMBER),
    "erin": ("erin", {"ops"}, Standing.MEMBER),
    "frank": ("frank", set[str](), Standing.MEMBER),
    "guest": ("guest", {"ops"}, Standing.GUEST),
    "outsider": ("outsider", {"net"}, Standing.EXTERNAL),
    "left": ("left", {"ops"}, Standing.DEACTIVATED),
}
VOTES = {Deed.APPROVE: Verdict.APPROVE, Deed.DID: Verdict.DID, Deed.DID_NOT: Verdict.DID_NOT}
ACCOUNTS = st.sampled_from(sorted(CROWD))
MEMBERS = st.sampled_from([name for name in sorted(CROWD) if CROWD[name][2] is Standing.MEMBER])


class OneRequest(RuleBasedStateMachine):
    """Writes down what `decide` and `timers` say, as the store does; a worker moves it when it is approved."""

    def __init__(self) -> None:
        super().__init__()
        self.crowd = dict(CROWD)
        self.request = request(demand=DEMAND)
        self.now_us = NOON_US
        self.ended: Request | None = None
        self.approved_by: tuple[Who, ...] = ()

    def who(self, name: str) -> Who:
        person, groups, standing = self.crowd[name]
        return Who(Account("T1", name), person, name, standing, "en", frozenset(groups))

    def write(self, moved: Moved | None, fields: dict[str, object], vote: Vote | None = None) -> None:
        if moved is not None:
            fields = {**fields, **moved.fields, "state": after(self.request.state, moved.move), "why": moved.why}
        votes = (*self.request.votes, vote) if vote else self.request.votes
        self.request = replace(self.request, votes=votes, **fields)  # type: ignore[arg-type]  # by name
        if not self.request.is_open:
            self.ended = self.request

    @rule(name=ACCOUNTS, deed=st.sampled_from(Deed), shown=st.sampled_from([True, True, True, False]))
    def acts(self, name: str, deed: Deed, *, shown: bool) -> None:
        self._act(name, deed, self.request.plan_hash if shown else "other")

    @rule(name=MEMBERS)
    def approves(self, name: str) -> None:
        self._act(name, Deed.APPROVE, self.request.plan_hash)

    def _act(self, name: str, deed: Deed, plan_hash: str) -> None:
        act = Act(deed, self.request.id, "button", plan_hash, reason="because")
        who = self.who(name)
        try:
            decision = decide(self.request, act, who, self.now_us, Glass())
        except Refused:
            return
        assert who.is_member
        moved = decision.moved
        if decision.vote is not None:
            assert plan_hash == self.request.plan_hash or deed is not Deed.APPROVE
            moved = self._counted(decision.vote, who)
        self.write(moved, dict(decision.fields or {}), decision.vote)

    def _counted(self, vote: Vote, who: Who) -> Moved | None:
        earlier = [self.who(one.account.user) for one in self.request.said(vote.verdict)]
        voters = (*earlier, who)
        if vote.verdict is not Verdict.APPROVE:
            return reconciled(self.request, vote.verdict, voters)
        assert self.now_us < self.request.approve_by_us
        moved = approved(self.request, voters, self.now_us)
        self.approved_by = voters if moved else ()
        return moved

    @rule(minutes=st.integers(0, 40))
    def time_passes(self, minutes: int) -> None:
        self.now_us += minutes * 60_000_000

    @rule()
    def timers_are_looked_at(self) -> None:
        timer = due(self.request, self.now_us)
        waits = self.request.state in {State.PENDING, State.APPROVED}
        is_over = waits and self.now_us >= (self.request.execute_by_us or self.request.approve_by_us)
        assert (timer is not None and timer.due is Due.EXPIRE) == is_over
        if timer is not None:
            self.write(timer.moved, {} if timer.moved else {"reminded": timer.reminded})

    @rule(name=MEMBERS)
    def somebody_leaves(self, name: str) -> None:
        person, groups, _ = self.crowd[name]
        self.crowd[name] = (person, groups, Standing.DEACTIVATED)

    @rule(move=st.sampled_from([Move.CLAIM, Move.LOSE, Move.SUCCEED, Move.FAIL, Move.ABORT, Move.SUPERSEDE]))
    def a_worker_moves_it(self, move: Move) -> None:
        before = self.request
        try:
            self.write(Moved(move), {})
        except Illegal:
            assert move not in MOVES[before.state]
            assert self.request is before

    @invariant()
    def what_was_approved_has_enough_distinct_members_and_not_the_requester(self) -> None:
        if self.request.approved_us is None:
            return
        people = {who.person: who for who in self.approved_by if who.is_member}
        assert "alice" not in people
        assert len(people) >= 3
        assert sum("net" in who.groups for who in people.values()) >= 2
        assert any("ops" in who.groups for who in people.values())

    @invariant()
    def only_what_was_approved_runs(self) -> None:
        if self.request.state in {State.RUNNING, State.SUCCEEDED, State.FAILED, State.INDETERMINATE}:
            assert self.request.approved_us is not None
            assert self.request.approved_us < self.request.approve_by_us

    @invariant()
    def each_person_has_one_vote(self) -> None:
        for verdict in Verdict:
            people = [vote.person for vote in self.request.said(verdict)]
            assert len(people) == len(set(people))
            assert "alice" not in people

    @invariant()
    def every_vote_was_for_these_bytes_and_in_time(self) -> None:
        for vote in self.request.said(Verdict.APPROVE):
            assert vote.plan_hash == self.request.plan_hash
            assert vote.at_us < self.request.approve_by_us

    @invariant()
    def after_the_end_there_is_no_vote_and_no_move(self) -> None:
        if self.ended is not None:
            assert (self.request.state, self.request.votes) == (self.ended.state, self.ended.votes)


OneRequest.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_whatever_people_do_to_one_request_what_must_never_be_never_is = OneRequest.TestCase
