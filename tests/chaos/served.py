"""The real `serve` between a local Slack and its nodes, killed between a click and the report, and started again."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Engine, func, select

from bot.demo.slack.server import LocalSlack
from bot.request import OPEN, Request, State
from bot.store import SqlDocket, open_engine
from bot.store.engine import reading
from bot.store.tables import card, inbox, outbox
from bot.wiring import now_us
from bot.words import NAMES
from tests.chaos.fuse import Point
from tests.chaos.ground import HELD, LEFT, Ground
from tests.chaos.kill import require_told
from tests.chaos.points import around as both
from tests.cli.serving import Serving, secrets, slack_table, started, tables
from tests.cli.shell import Shell
from tests.demo.asking import Card, ask
from tests.demo.running import Demo
from tests.ssh.sshd import until

LINE = "expected 1"
NODES = (HELD, LEFT, HELD)  # hold corosync, set the number, let go: where each of its steps runs
# The changes of three steps: 1 the vote, 2 the claim, 3, 5, 7 the steps begin, 4, 6, 8 they end, 9 the report. What is
# sent: 1 the answer to who clicked; then how it ended, in the thread and to who asked.
POINTS = (
    *both("put", 1),
    Point("take", 1, "after"),
    *both("change", 1),
    *both("finish", 1),
    *both("ask", 1),
    *both("change", 2),
    Point("boot_id", 1, "after"),
    *both("change", 3),
    *both("start", 1),
    *both("trace", 1),
    *both("change", 4, 5),
    *both("start", 2),
    *both("change", 6, 7),
    *both("start", 3),
    *both("change", 8, 9),
    *both("sent", 1, 2),
)
NEVER_STARTED = {
    Point("change", 3, "after"): 0,
    Point("start", 1, "before"): 0,
    Point("change", 5, "after"): 1,
    Point("start", 2, "before"): 1,
    Point("change", 7, "after"): 2,
    Point("start", 3, "before"): 2,
}
# Both letters of the end are on their way at once; one that Slack has and the database does not know of is sent again.
MAY_REPEAT = frozenset(both("sent", 2))
CARDS = 3  # in the channel, and with the two who can approve, of whom one reads French
ENDS_S, SETTLES_S = 60, 180  # on PostgreSQL a bot is dead when nothing was heard of it for a minute


@dataclass(frozen=True)
class Street:
    """What outlives a bot: its Slack, its nodes and its database."""

    shell: Shell
    slack: LocalSlack
    ground: Ground
    engine: Engine
    transport: str

    def hears(self, bot: Serving) -> None:
        if self.transport == "http":
            self.slack.connect_http(f"http://127.0.0.1:{bot.port}/slack/events")

    def request(self) -> Request:
        """The only one there is."""
        (found,) = SqlDocket(self.engine, now_us).find(tuple(State))
        return found

    def cards(self, demo: Demo) -> list[Card]:
        """As the database has them."""
        with reading(self.engine) as connection:
            return [Card(demo, row.ts, row.channel) for row in connection.execute(select(card))]

    def is_quiet(self) -> bool:
        """Nothing waits to be done, to be sent or to be drawn."""
        return self._waits_none(inbox.c.done_us.is_(None), outbox.c.done_us.is_(None), card.c.due_us.is_not(None))

    def is_answered(self) -> bool:
        """Who asked has all that the bot has to say so far."""
        return self._waits_none(outbox.c.done_us.is_(None))

    def _waits_none(self, *waits: ColumnElement[bool]) -> bool:
        with reading(self.engine) as connection:
            return not any(connection.execute(select(func.count()).where(one)).scalar_one() for one in waits)


def killed_in_serve(point: Point, folder: Path, url: str, ground: Ground, transport: str = "socket") -> None:
    """Fail unless all ran exactly once on the nodes, and Slack, database and ledger say the same of it.

    *folder*: holds the keys to *ground*.
    """
    with _street(folder, url, ground, transport) as one:
        shown, form = _clicked_to_death(one, point)
        with started(one.shell) as second:
            one.hears(second)
            if form:  # as whoever reads that it was not taken
                assert shown.send(form, "U0BOB", one.ground.cluster)["ack"]["ok"]
            until(lambda: one.request().state not in OPEN and one.is_quiet(), SETTLES_S)
            _require_ended(one, point, shown)
            _ends(second)


@contextmanager
def _street(folder: Path, url: str, ground: Ground, transport: str) -> Iterator[Street]:
    with LocalSlack() as slack:
        shell = Shell(folder, secrets(slack)).configure(slack_table(slack, transport), DATABASE, tables(ground.ports))
        (folder / "url").write_text(url)
        # People act on that Slack as on a demo's.
        (folder / "demo.json").write_text(json.dumps({"url": slack.url, "token": slack.sim_token}))
        engine = open_engine(url)
        try:
            yield Street(shell, slack, ground, engine, transport)
        finally:
            engine.dispose()


def _clicked_to_death(one: Street, point: Point) -> tuple[Card, str]:
    """Alice's card, and Bob's form if he reads in it that it was not taken, else ""."""
    with started(one.shell, "tests.chaos.doomed", str(point)) as first:
        one.hears(first)
        shown = ask(Demo(one.shell.folder, first.process), LINE)
        until(one.is_answered)
        form = shown.open_form("U0BOB")
        is_taken = shown.send(form, "U0BOB", one.ground.cluster)["ack"]["ok"]
        assert first.process.wait(ENDS_S) == -signal.SIGKILL, "it was not killed: there is no such point"
    return shown, "" if is_taken else form


def _require_ended(one: Street, point: Point, shown: Card) -> None:
    request, ran = one.request(), NEVER_STARTED.get(point, len(NODES))
    assert request.state is (State.ABORTED if point in NEVER_STARTED else State.SUCCEEDED), request.why
    tickets = [f"{request.id}-{number}" for number in range(ran)]
    assert one.ground.sent(request.id) == tickets
    assert one.ground.ran(request.id) == dict(zip(tickets, NODES, strict=False))
    require_told(one.engine, request)
    states, name = [hung.state for hung in one.cards(shown.demo)], NAMES[request.state]
    assert len(states) == CARDS
    assert {*states} <= {name.en, name.fr}
    reports = [said for said in shown.thread if REPORTS[request.state] in said]
    assert len(reports) == 1 or (point in MAY_REPEAT and len(reports) == 2), shown.thread


def _ends(bot: Serving) -> None:
    bot.process.send_signal(signal.SIGTERM)
    assert bot.process.wait(ENDS_S) == 0


DATABASE = '[database]\nurl = "file:url"'
REPORTS = {State.SUCCEEDED: "Quorum: 1 vote of 1 expected", State.ABORTED: NAMES[State.ABORTED].en}
