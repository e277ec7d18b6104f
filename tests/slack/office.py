"""People asking and deciding on a local Slack: the real app, judge, desk and database; nothing happens but by `settle`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from slack_bolt.async_app import AsyncApp
from sqlalchemy import Engine

from bot import store
from bot.approving import Origin, approving
from bot.config import Config
from bot.config_tables import BreakGlassTable, SlackTable
from bot.demo.slack.server import LocalSlack
from bot.desk import Desk
from bot.docket import Edit
from bot.event import Kind
from bot.help import with_help
from bot.judge import Judge
from bot.names import ClusterName
from bot.policy import Rule
from bot.request import Move, Moved, Request, State
from bot.requests_action import ACTION, NAME
from bot.slack.app import Reception, listen
from bot.slack.blocks import letters
from bot.slack.clicks import Counter, listen_to_clicks
from bot.slack.client import async_client, sync_client
from bot.slack.delivery import Delivery
from bot.slack.hanging import Hanging
from bot.slack.people import SlackDirectory
from bot.slack.recorder import Recorder
from bot.slack.settings import Group, SlackSettings
from bot.store.cards import EVERY_US
from bot.text import same
from bot.wiring import now_us
from bot.workflow import Cluster, Own, Workflow
from tests.demo.slack.running import sim
from tests.slack.gear import GEAR, GearNodes
from tests.slack.running import app_on, attached, settings_of

OPS = "C0OPS"
Seen = dict[str, Any]


@dataclass
class Office:
    """*later_us*: how much later it is than it is. *glass*: the group that may break glass."""

    slack: LocalSlack
    engine: Engine
    pool: ThreadPoolExecutor
    later_us: int = 0
    rules: tuple[Rule, ...] = ()
    glass: str = ""
    channels: frozenset[str] = frozenset({OPS})
    nodes: GearNodes = field(default_factory=GearNodes)
    new_docket: Callable[..., store.SqlDocket] = store.SqlDocket
    new_judge: Callable[..., Judge] = Judge
    planted: Mapping[str, Own] = field(default_factory=dict)
    ids: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        slack, engine, now = self.slack, self.engine, self.now_us
        groups = {"ops": Group(usergroups=frozenset({"S0PVEOPS"})), "glass": Group(frozenset({"T0LOCAL/U0ALICE"}))}
        self.settings: SlackSettings = replace(settings_of(slack), groups=groups, channels=self.channels)
        self.directory = SlackDirectory(sync_client(self.settings), self.settings, now)
        self.inbox = store.SqlInbox(engine, now)
        actions = with_help({"gear": GEAR, NAME: ACTION})
        cluster = Cluster(ClusterName("pve-prod"), self.nodes, self.channels, hands=self.nodes)
        clusters = {cluster.name: cluster}
        flow = Workflow(clusters, actions, self.rules, self.planted)
        origin = Origin(now, self._new_id, self.new_docket, self.new_judge)
        self.made = approving(_config(self.glass), engine, clusters, flow, self.directory, origin)
        self.docket, self.cards, clerk = self.made.docket, self.made.cards, self.made.clerk
        self.ledger, self.notices = store.SqlLedger(engine, now), self.made.notices
        self.desk = Desk(clerk, self.inbox, letters, lambda _event: None, self.pool)
        self.hanging = self.new_hanging()
        client = async_client(self.settings)
        self.delivery = Delivery(store.SqlOutbox(engine), client, now, self.cards.hung)

    def new_hanging(self) -> Hanging:
        """What a new process has."""
        client = async_client(self.settings)
        glass, of = bool(self.glass), self.directory.language_of
        return Hanging(self.cards, self.docket, client, self.now_us, has_glass=glass, language_of=of)

    def now_us(self) -> int:
        return now_us() + self.later_us

    def _new_id(self) -> str:
        return f"req{next(self.ids)}"

    @asynccontextmanager
    async def open(
        self, transport: str = "socket", plant: Callable[[AsyncApp], object] = id
    ) -> AsyncIterator[AsyncApp]:
        """Slack reaches the bot, and the bot writes down what it hears. *plant*: a listener before all others."""
        app = app_on(self.slack, transport)
        plant(app)
        reception = Reception(
            Recorder(self.inbox, lambda: None, self.pool), self.now_us, language_of=self.directory.language_of
        )
        listen_to_clicks(Counter(app, reception, self.docket, self.directory.who, self.made.judge))
        listen(app, reception)
        async with attached(self.slack, app, transport):
            yield app

    async def settle(self) -> None:
        """All that was written down is done, drawn and sent."""
        await self.work()
        self.later_us += EVERY_US
        await self.hanging.hang_due()
        await self.delivery.send_due()

    async def work(self) -> None:
        """All that was written down is done."""
        while True:
            await asyncio.to_thread(self.desk.wake)
            working = set(self.desk._under_way)
            if not working:
                break
            await asyncio.to_thread(wait, working)

    async def asks(self, line: str = "gear turn", user: str = "U0ALICE", channel: str = OPS) -> str:
        """Type it; the number of the request that is there now, or ""."""
        await self.types(line, user, channel)
        return next((one.id for one in self.docket.find({State.PENDING})), "")

    async def types(self, line: str, user: str = "U0ALICE", channel: str = OPS) -> str:
        """What that person alone is told."""
        before = len(self.whispers(user))
        asked = {"user": user, "channel": channel, "text": line, "wait_s": 0}
        await asyncio.to_thread(sim, self.slack, "slash", asked)
        await self.settle()
        return "\n".join(self.whispers(user)[before:])

    async def clicks(self, user: str, action: str, card: Seen | None = None, **more: Any) -> Seen:
        card = card or self.card()
        asked = {"user": user, "channel": card["channel"], "ts": card["ts"], "action_id": action, "wait_s": 0, **more}
        return dict(await asyncio.to_thread(sim, self.slack, "click", asked))

    async def told(self, user: str, action: str, card: Seen | None = None) -> str:
        """What that person alone is told when they press *action*."""
        before = len(self.whispers(user))
        await self.clicks(user, action, card)
        await self.settle()
        return "\n".join(self.whispers(user)[before:])

    async def submits(self, user: str, values: Seen, view: Seen | None = None) -> Seen:
        view = view or await self.view(user)
        named = {name: {name: value} for name, value in values.items()}
        asked = {"user": user, "view_id": view["id"], "values": named}
        answer = dict(await asyncio.to_thread(sim, self.slack, "submit", asked))
        await self.settle()
        return answer

    async def view(self, user: str) -> Seen:
        """The form in front of that person, as soon as it is there."""
        changes = self.slack.workspace.changes

        def open_for() -> list[Seen]:
            return [one for one in self.slack.sim.state()["views"] if one["user"] == user]

        await asyncio.to_thread(self.slack.run, changes.until(lambda: bool(open_for()), 10))
        return self.slack.on_loop(open_for)[-1]

    def views(self, user: str) -> list[Seen]:
        return [one for one in self.state()["views"] if one["user"] == user]

    def state(self) -> Seen:
        return self.slack.on_loop(self.slack.sim.state)

    def messages(self, channel: str = OPS) -> list[Seen]:
        return [one for one in self.state()["messages"] if one["channel"] == channel]

    def card(self, channel: str = OPS) -> Seen:
        """The newest that hangs there."""
        return [one for one in self.messages(channel) if not one.get("thread_ts") and not one.get("ephemeral_to")][-1]

    def buttons(self, card: Seen | None = None) -> list[str]:
        blocks = (card or self.card())["blocks"]
        return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]

    def whispered(self, user: str) -> list[str]:
        """The same, on the local Slack's own loop."""
        return [one.text for one in self.slack.workspace.messages if one.ephemeral_to == user]

    def whispers(self, user: str) -> list[str]:
        direct = f"D0{user[2:]}"
        seen = self.state()["messages"]
        alone = [one for one in seen if one.get("ephemeral_to") == user]
        return [one["text"] for one in alone + [one for one in seen if one["channel"] == direct and not one["blocks"]]]

    def request(self, id_: str = "req1") -> Request:
        found = self.docket.get(id_)
        assert found is not None
        return found

    def events(self, *kinds: Kind) -> list[Seen]:
        rows = self.ledger.page()
        return [json.loads(row.body) for row in rows if not kinds or row.kind in kinds]

    def knows(self, user: str, **about: Any) -> None:
        """From now on Slack says that of them."""
        people = self.slack.workspace.people
        self.slack.on_loop(lambda: people.update({user: replace(people[user], **about)}))

    def channel(self, id_: str, **about: Any) -> None:
        channels = self.slack.workspace.channels
        self.slack.on_loop(lambda: channels.update({id_: replace(channels[id_], **about)}))

    def fault(self, name: str, *, on: bool = True, times: int = -1) -> None:
        self.slack.on_loop(lambda: self.slack.faults.switch(name, on=on, times=times))

    def end(self, state: str, id_: str = "req1") -> None:
        """What time or the cluster does to it."""
        self.moves({"expired": Move.EXPIRE, "superseded": Move.SUPERSEDE}[state], id_)

    def lose(self, id_: str = "req1") -> None:
        """It ran, and nobody knows what became of it."""
        for move in (Move.APPROVE, Move.CLAIM, Move.LOSE):
            self.moves(move, id_)

    def moves(self, move: Move, id_: str = "req1", **fields: object) -> None:
        self.docket.change(id_, lambda _request, _at_us: Edit(moved=Moved(move, same(move), fields)))


def _config(glass: str) -> Config:
    """As much of one as those who decide read; nothing in it is looked for on the disk."""
    broken = BreakGlassTable(group=glass, channel="C0GENERAL") if glass else None
    return Config.model_construct(slack=SlackTable(bot_token="env:NONE"), people={}, groups={}, break_glass=broken)
