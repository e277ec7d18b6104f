"""A step is followed to an end that is known, however long its node is silent, or given up as unknown in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from bot.action import Unreachable
from bot.follow import START_WITHIN_S, Follower, Pace
from bot.names import ClusterName, NodeName, Secret
from bot.plan import Host
from bot.request import Progress, Request, State, StepRun
from bot.run import Ticket, Trace
from bot.text import Refused, same
from tests.asking import NOON_US, PVE01, plan, request

BOOT = "6e1f"
ACTIVE = Trace(BOOT, spent=True, is_active=True, result="")
DONE = Trace(BOOT, spent=True, is_active=False, result="success exited 0", out="ok\n")
WHOLE = Trace(BOOT, spent=False, is_active=False, result="")
GONE = Trace(BOOT, spent=True, is_active=False, result="")
PACE = Pace()
LIMIT_S = plan().steps[0].timeout_s
AWAY = Unreachable(same("no route"))


@dataclass
class FakeNode:
    """*traces* by the second from which on they are what the node says; None: it is silent. Its clock is the bot's."""

    traces: dict[float, Trace | None]
    burns: list[bool | None] = field(default_factory=list)
    objection: str | None = ""
    passed_us: int = 0
    looks: list[float] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    burnt: list[Ticket] = field(default_factory=list)

    def now_us(self) -> int:
        return NOON_US + self.passed_us

    def sleep(self, seconds: float) -> None:
        self.passed_us += round(seconds * 1_000_000)

    def host(self, _node: NodeName) -> Host:
        raise NotImplementedError

    def boot_id(self, _node: NodeName) -> str:
        return BOOT

    def start(self, ticket: Ticket) -> str:
        self.tickets.append(ticket)
        if self.objection is None:
            raise AWAY
        return self.objection

    def trace(self, _ticket: Ticket) -> Trace:
        passed_s = self.passed_us / 1_000_000
        self.looks.append(passed_s)
        said = [trace for at_s, trace in self.traces.items() if at_s <= passed_s][-1]
        if said is None:
            raise AWAY
        return said

    def burn(self, ticket: Ticket) -> bool:
        self.burnt.append(ticket)
        answer = self.burns.pop(0) if len(self.burns) > 1 else self.burns[0]
        if answer is None:
            raise AWAY
        return answer


def follower(node: FakeNode, secret: Callable[[str], Secret] = Secret) -> Follower:
    return Follower({ClusterName("pve-prod"): node}, node.now_us, node.sleep, secret, PACE)


def started(boot_id: str = BOOT, said: str = "") -> Request:
    return request(
        state=State.RUNNING, steps=(StepRun(0, Progress.STARTED, 1, boot_id, said=said, started_us=NOON_US),)
    )


def followed(node: FakeNode, asked: Request | None = None) -> tuple[StepRun, list[str]]:
    heard: list[str] = []
    return follower(node).follow(asked or started(), 0, heard.append), heard


def test_a_quick_command_is_seen_ended_at_once() -> None:
    node = FakeNode({0: ACTIVE, 0.05: DONE})
    assert followed(node)[0].progress is Progress.DONE
    assert node.passed_us <= 300_000


def test_a_long_run_is_not_hammered() -> None:
    node = FakeNode({0: ACTIVE, 600: DONE})
    followed(node)
    assert len(node.looks) < 600 / PACE.look_max_s + 15
    assert max(b - a for a, b in zip(node.looks, node.looks[1:], strict=False)) < PACE.look_max_s + 0.001


def test_a_closed_login_is_tried_ever_more_slowly() -> None:
    """A node that joins lets nobody in for a while, and locks out who keeps trying (seen: after four)."""
    node = FakeNode({0: ACTIVE, 1: None, 60: ACTIVE, 70: DONE})
    followed(node)
    closed = [at for at in node.looks if 1 <= at < 60]
    assert len(closed) <= 6
    assert [round(b - a) for a, b in pairwise(closed)] == [2, 4, 8, 16, 20]


def test_a_login_that_opens_again_is_followed_at_the_usual_pace() -> None:
    node = FakeNode({0: None, 5: ACTIVE, 20: DONE})
    followed(node)
    open_ = [at for at in node.looks if at >= 5]
    assert max(b - a for a, b in pairwise(open_)) <= PACE.look_max_s + 0.001


@pytest.mark.parametrize("end_s", [0.0, 0.3, 1.0, 3.0, 10.0, 100.0])
def test_the_end_is_seen_within_half_of_what_it_took(end_s: float) -> None:
    node = FakeNode({0: ACTIVE, end_s: DONE})
    followed(node)
    assert node.passed_us / 1e6 - end_s <= min(PACE.look_max_s, PACE.look_s + end_s / 2)


@pytest.mark.parametrize(
    ("result", "progress", "exit_"),
    [
        ("success exited 0", Progress.DONE, 0),
        ("exit-code exited 3", Progress.FAILED, 3),
        ("timeout killed TERM", Progress.FAILED, None),
        ("exit-code", Progress.REFUSED, None),
        ("garbage", Progress.UNKNOWN, None),
    ],
)
def test_an_end_is_told_as_the_node_kept_it(result: str, progress: Progress, exit_: int | None) -> None:
    run, _ = followed(FakeNode({0: replace(DONE, result=result)}))
    assert (run.progress, run.exit, run.said, run.boot_id) == (progress, exit_, "ok\n", BOOT)


@pytest.mark.parametrize(("out", "progress"), [("it is done\n", Progress.DONE), ("oops\n", Progress.FAILED)])
def test_an_exit_code_that_proves_nothing_is_believed_only_with_the_marker(out: str, progress: Progress) -> None:
    asked = started()
    steps = (replace(plan().steps[0], marker="is done"),)
    asked = replace(asked, plan_text=replace(asked.plan, steps=steps).text)
    run, _ = followed(FakeNode({0: replace(DONE, out=out)}), asked)
    assert (run.progress, run.exit) == (progress, 0)


def test_a_silent_node_is_asked_until_it_answers() -> None:
    node = FakeNode({0: ACTIVE, 1: None, LIMIT_S + PACE.grace_s - 10: DONE})
    assert followed(node)[0].progress is Progress.DONE


def test_a_node_that_stays_silent_beyond_its_grace_leaves_the_outcome_unknown() -> None:
    node = FakeNode({0: ACTIVE, 1: None})
    assert followed(node)[0].progress is Progress.UNKNOWN
    assert LIMIT_S + PACE.grace_s <= node.passed_us / 1e6 <= LIMIT_S + PACE.grace_s + PACE.look_max_s
    assert node.burnt == []


def test_what_still_runs_is_followed_however_long_it_takes() -> None:
    node = FakeNode({0: ACTIVE, 10 * (LIMIT_S + PACE.grace_s): DONE})
    assert followed(node)[0].progress is Progress.DONE


def test_a_moment_of_silence_late_in_a_long_run_proves_nothing() -> None:
    late_s = LIMIT_S + PACE.grace_s + 50
    node = FakeNode({0: ACTIVE, late_s: None, late_s + 10: DONE})
    assert followed(node)[0].progress is Progress.DONE


def test_a_whole_ticket_is_burnt_and_then_it_never_ran() -> None:
    node = FakeNode({0: WHOLE}, burns=[True])
    assert followed(node)[0].progress is Progress.NEVER
    assert [ticket.id for ticket in node.burnt] == ["abc-1-0"]


def test_a_ticket_that_was_burnt_first_by_its_unit_is_looked_at_again() -> None:
    node = FakeNode({0: WHOLE, 0.01: ACTIVE, 2: DONE}, burns=[False])
    assert followed(node)[0].progress is Progress.DONE
    assert len(node.burnt) == 1


def test_whether_a_ticket_was_burnt_is_asked_again_until_it_is_known() -> None:
    node = FakeNode({0: WHOLE}, burns=[None, None, True])
    assert followed(node)[0].progress is Progress.NEVER


def test_a_ticket_that_can_never_be_burnt_leaves_the_outcome_unknown_in_time() -> None:
    """As on a node whose disk is read-only: it answers, and nothing can be proved there."""
    node = FakeNode({0: WHOLE}, burns=[None])
    assert followed(node)[0].progress is Progress.UNKNOWN
    assert node.passed_us / 1e6 <= LIMIT_S + PACE.grace_s + PACE.look_max_s


def test_after_a_boot_a_whole_ticket_is_burnt_and_still_the_outcome_is_unknown() -> None:
    node = FakeNode({0: WHOLE}, burns=[True])
    assert followed(node, started(boot_id="another"))[0].progress is Progress.UNKNOWN
    assert len(node.burnt) == 1


def test_a_burnt_ticket_without_a_result_is_unknown_at_once_and_not_burnt_again() -> None:
    node = FakeNode({0: GONE})
    assert followed(node)[0].progress is Progress.UNKNOWN
    assert (node.passed_us, node.burnt) == (0, [])


def test_each_thing_that_is_printed_is_told_once() -> None:
    one, two = replace(ACTIVE, out="one\n"), replace(ACTIVE, out="one\ntwo\n", err="why\n")
    run, heard = followed(
        FakeNode({0: ACTIVE, 1: one, 5: None, 10: one, 20: two, 30: replace(two, result="success exited 0")})
    )
    assert heard == ["one\n", "one\ntwo\n\nwhy\n"]
    assert run.said == "one\ntwo\n\nwhy\n"


def test_what_is_printed_can_be_kept_by_any_database() -> None:
    run, _ = followed(FakeNode({0: replace(DONE, out=b"a\0b\xff\xc3\xa9".decode(errors="surrogateescape"))}))
    assert run.said == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}é"


def test_what_the_node_objected_to_is_told_and_stays() -> None:
    node = FakeNode({0: WHOLE}, burns=[True], objection="no such program")
    assert follower(node).start(started(), 0) == "no such program"
    assert followed(node, started(said="no such program"))[0].said == "no such program"


def test_a_start_that_nobody_answers_is_no_error_and_is_not_sent_again() -> None:
    node = FakeNode({0: DONE}, objection=None)
    said = follower(node).start(started(), 0)
    assert said == "pve01 gave no answer when this was sent; what became of it is read there"
    assert "again" not in said
    assert followed(node)[0].progress is Progress.DONE
    assert len(node.tickets) == 1


def test_what_is_kept_in_place_of_an_answer_is_in_the_language_of_the_channel() -> None:
    in_french = replace(follower(FakeNode({0: DONE}, objection=None)), language="fr")
    assert in_french.start(started(), 0).startswith("pve01 n'a pas répondu")


def test_a_ticket_is_made_of_the_stored_bytes_alone() -> None:
    node = FakeNode({0: DONE})
    follower(node).start(started(), 0)
    assert node.tickets == [
        Ticket(
            "abc-1-0",
            PVE01,
            ("pvecm", "expected", "1"),
            "true\n",
            LIMIT_S,
            "SHA256:one",
            NOON_US // 10**6 + START_WITHIN_S,
        )
    ]


def test_a_ticket_expires_long_before_its_outcome_is_given_up() -> None:
    """Else what was given up could still start."""
    assert PACE.grace_s > START_WITHIN_S


@dataclass
class Written:
    """Fails so many times, as a database that is away."""

    failures: int
    tries: int = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self.failures:
            raise Refused(same("the database is away"))
        return "written"


def test_a_result_waits_for_a_database_that_is_away() -> None:
    node, write = FakeNode({}), Written(failures=20)
    assert follower(node).insist(write) == "written"
    assert write.tries == 21
    assert node.passed_us > 0


def test_a_database_that_stays_away_is_an_error_in_the_end() -> None:
    node, write = FakeNode({}), Written(failures=10**6)
    with pytest.raises(Refused, match="away"):
        follower(node).insist(write)
    assert PACE.database_s <= node.passed_us / 1e6 <= PACE.database_s + PACE.look_max_s
