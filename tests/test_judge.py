"""The judge asks anew who people are, writes down what is decided, and records each refusal; it changes nothing then."""

from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import Engine

from bot.act import Act, Deed
from bot.demand import ANYONE, Demand, Slot
from bot.docket import Edit
from bot.event import Event, Kind
from bot.filing import Filing
from bot.judge import Judge
from bot.people import Account, Standing, Who
from bot.plan import Plan
from bot.propose import OTHER_POLICY
from bot.request import Move, Moved, Request, State
from bot.store import SqlDocket, SqlLedger
from bot.text import Refused, same
from tests.asking import ALICE, BOB, CAROL, NOON_US, request
from tests.store.filed import spoilt


@dataclass
class People:
    known: dict[str, Who]
    asked: list[str] = field(default_factory=list)

    def who_now(self, account: Account) -> Who:
        self.asked.append(account.user)
        if account.user not in self.known:
            raise Refused(same("Slack does not say"))
        return self.known[account.user]


TWO = Demand((Slot(ANYONE, 2),))


@dataclass
class Rules:
    demand: Demand | None = TWO

    def demand_now(self, _plan: Plan) -> Demand | None:
        return self.demand


@dataclass
class Channels:
    """*shared*: with another organisation, by now."""

    shared: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def require_ours_now(self, channel: str) -> None:
        self.asked.append(channel)
        if channel in self.shared:
            raise Refused(same(f"{channel} is shared"))


@dataclass
class Court:
    judge: Judge
    people: People
    recorded: list[Event]
    rules: Rules
    channels: Channels

    def hear(
        self, who: Who, deed: Deed = Deed.APPROVE, id_: str = "abc-1", channel: str | None = None, reason: str = ""
    ) -> str:
        act = Act(deed, id_, "button", request().plan_hash, reason=reason)
        return self.judge.hear(act, who.account, channel).to("en")

    @property
    def request(self) -> Request:
        found = self.judge.docket.get("abc-1")
        assert found is not None
        return found


@pytest.fixture
def court(engine: Engine) -> Court:
    docket = SqlDocket(engine, lambda: NOON_US)
    docket.file(Filing(request(demand=TWO), ()), Event(Kind.COMMAND_ANSWERED, str(ALICE.account)))
    people = People({one.account.user: one for one in (ALICE, BOB, CAROL)})
    recorded: list[Event] = []
    rules, channels = Rules(), Channels()
    alarm = lambda _request, _said: ()  # noqa: E731 - one use, one line
    judge = Judge(docket, people, recorded.append, alarm, "ops", rules=rules, channels=channels)
    return Court(judge, people, recorded, rules, channels)


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.BREAK_GLASS])
@pytest.mark.parametrize("demand", [Demand((Slot(ANYONE, 3),)), None])
def test_a_vote_under_another_policy_ends_the_request_and_counts_nothing(
    engine: Engine, court: Court, demand: Demand | None, deed: Deed
) -> None:
    """The first vote came before the policy changed, the second makes no quorum of it."""
    court.hear(BOB)
    court.rules.demand = demand
    who = CAROL if deed is Deed.APPROVE else ALICE
    assert "policy" in court.hear(who, deed, reason="nobody answers")
    found = court.request
    assert (found.state, found.why, [vote.person for vote in found.votes]) == (State.SUPERSEDED, OTHER_POLICY, ["bob"])
    last = SqlLedger(engine, lambda: NOON_US).page(limit=2)
    assert [(row.kind, row.actor) for row in last] == [
        (Kind.REQUEST_SUPERSEDED, "bot"),
        (Kind.VOTE_REFUSED, str(who.account)),
    ]


def test_who_is_no_member_ends_nothing_by_voting_under_another_policy(court: Court) -> None:
    court.rules.demand = None
    court.people.known["UBOB"] = replace(BOB, standing=Standing.GUEST)
    with pytest.raises(Refused, match="is a guest"):
        court.hear(BOB)
    assert court.request.state is State.PENDING


def test_a_denial_ends_it_under_any_policy(court: Court) -> None:
    court.rules.demand = None
    court.hear(BOB, Deed.DENY)
    assert court.request.state is State.DENIED


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.BREAK_GLASS])
def test_a_vote_from_a_channel_that_is_shared_by_now_is_refused_and_recorded(court: Court, deed: Deed) -> None:
    court.channels.shared = {"C1"}
    for channel in ("C1", None):  # None: nobody knows where it was pressed, so it is where the card hangs
        with pytest.raises(Refused, match="C1 is shared"):
            court.hear(BOB, deed, channel=channel)
    assert (court.request.state, court.request.votes) == (State.PENDING, ())
    assert [(one.kind, one.detail["why"]) for one in court.recorded] == [(Kind.VOTE_REFUSED, "C1 is shared")] * 2
    court.hear(BOB, channel="D0BOB")
    assert [vote.person for vote in court.request.votes] == ["bob"]


def test_what_ends_a_request_is_heard_from_a_shared_channel_too(court: Court) -> None:
    court.channels.shared = {"C1"}
    court.hear(BOB, Deed.DENY, channel="C1")
    assert court.request.state is State.DENIED


def test_who_voted_before_is_asked_for_anew_with_each_vote(court: Court) -> None:
    court.hear(BOB)
    court.hear(CAROL)
    assert court.people.asked == ["UBOB", "UALICE", "UCAROL", "UALICE", "UBOB"]
    found = court.judge.docket.get("abc-1")
    assert found is not None
    assert found.state is State.APPROVED


def test_a_vote_of_somebody_who_left_since_makes_no_quorum(court: Court) -> None:
    court.hear(BOB)
    court.people.known["UBOB"] = Who(BOB.account, "bob", "bob", Standing.DEACTIVATED, "en")
    court.hear(CAROL)
    found = court.judge.docket.get("abc-1")
    assert found is not None
    assert found.state is State.PENDING


def test_each_refusal_is_recorded_with_who_what_and_why_and_changes_nothing(court: Court) -> None:
    before = court.judge.docket.get("abc-1")
    for who, id_ in (
        (ALICE, "abc-1"),
        (Who(Account("T1", "UX"), "x", "x", Standing.GUEST, "en"), "abc-1"),
        (BOB, "no"),
    ):
        with pytest.raises(Refused):
            court.hear(who, id_=id_)
    assert court.judge.docket.get("abc-1") == before
    told = [(one.kind, one.actor, one.request_id, one.detail["deed"]) for one in court.recorded]
    kind = Kind.VOTE_REFUSED
    assert told == [
        (kind, "T1/UALICE", "abc-1", "approve"),
        (kind, "T1/UX", "abc-1", "approve"),
        (kind, "T1/UBOB", None, "approve"),
    ]
    assert "Slack does not say" in str(court.recorded[1].detail["why"])


def test_who_asked_is_known_as_somebody_else_since_so_nobody_approves(court: Court) -> None:
    """Alice and Carol were linked meanwhile: Carol would be no second person."""
    one = "al"
    court.people.known |= {"UALICE": replace(ALICE, person=one), "UCAROL": replace(CAROL, person=one)}
    for who in (BOB, CAROL):
        with pytest.raises(Refused, match="known as somebody else"):
            court.hear(who)
    found = court.judge.docket.get("abc-1")
    assert found is not None
    assert (found.state, found.votes) == (State.PENDING, ())


def test_two_who_come_to_agree_on_what_happened_settle_it_however_often_they_changed_their_minds(court: Court) -> None:
    docket = court.judge.docket
    for move in (Move.APPROVE, Move.CLAIM, Move.LOSE):
        docket.change("abc-1", lambda _now, _at_us, move=move: Edit(moved=Moved(move)))  # type: ignore[misc]  # bound in the loop
    for who, deed in ((BOB, Deed.DID), (BOB, Deed.DID_NOT), (CAROL, Deed.DID), (BOB, Deed.DID)):
        court.hear(who, deed)
    found = docket.get("abc-1")
    assert found is not None
    assert (found.state, found.did) == (State.RECONCILED, True)
    assert [vote.number for vote in found.votes if vote.person == "bob"] == [1, 2, 3]


def test_a_reason_that_follows_a_stop_is_told_as_just_that(engine: Engine, court: Court) -> None:
    docket = court.judge.docket
    docket.change("abc-1", lambda _now, _at_us: Edit(moved=Moved(Move.APPROVE, fields={"approved_us": NOON_US})))
    court.hear(BOB, Deed.STOP)
    court.hear(BOB, Deed.EXPLAIN)
    kinds = [row.kind for row in SqlLedger(engine, lambda: NOON_US).page(limit=100) if row.request_id == "abc-1"]
    assert kinds == [Kind.REQUEST_CREATED, Kind.REQUEST_APPROVED, Kind.REQUEST_DENIED, Kind.REQUEST_EXPLAINED]


def test_a_stop_on_the_way_is_told_before_it_is_heeded(engine: Engine, court: Court) -> None:
    docket = court.judge.docket
    for move in (Move.APPROVE, Move.CLAIM):
        docket.change("abc-1", lambda _now, _at_us, move=move: Edit(moved=Moved(move)))  # type: ignore[misc]  # bound in the loop
    court.hear(BOB, Deed.STOP)
    kinds = [row.kind for row in SqlLedger(engine, lambda: NOON_US).page(limit=100) if row.request_id == "abc-1"]
    assert kinds[-1] == Kind.RUN_STOPPING


def test_whoever_acts_on_a_request_that_cannot_be_read_hears_so_and_it_is_recorded(
    engine: Engine, court: Court
) -> None:
    spoilt(engine, "abc-1", demand="[]")
    for deed in (Deed.APPROVE, Deed.CANCEL):
        with pytest.raises(Refused, match="Request abc-1 cannot be read"):
            court.hear(BOB, deed)
    with pytest.raises(Refused, match="cannot be read"):
        court.judge.foresee(Act(Deed.APPROVE, "abc-1", "button"), BOB, NOON_US)
    assert [(one.kind, one.request_id) for one in court.recorded] == [(Kind.VOTE_REFUSED, "abc-1")] * 3


class Stale(SqlDocket):
    """What another bot reads in the moment before: no break-glass waits for its review."""

    def unreviewed(self) -> str:
        return ""


def test_of_two_who_break_the_glass_at_one_moment_one_is_refused(engine: Engine) -> None:
    docket = Stale(engine, lambda: NOON_US)
    for number in (1, 2):
        docket.file(Filing(request(id=f"abc-{number}"), ()), Event(Kind.COMMAND_ANSWERED, str(ALICE.account)))
    people = People({"UALICE": ALICE})
    rules, record = Rules(request().demand), lambda _event: None
    judge = Judge(docket, people, record, lambda _request, _said: (), "ops", rules=rules, channels=Channels())

    def broken(id_: str) -> str:
        act = Act(Deed.BREAK_GLASS, id_, "modal", request().plan_hash, reason="nobody answers")
        return judge.hear(act, ALICE.account).to("en")

    broken("abc-1")
    with pytest.raises(Refused, match="waits for its review"):
        broken("abc-2")
    second = docket.get("abc-2")
    assert second is not None
    assert (second.state, second.votes) == (State.PENDING, ())
