"""Builds what asks, decides and runs requests, of the real parts. With wiring, the only place that knows them all."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sqlalchemy import Engine

from bot import requests_action, store, wiring
from bot.action import Json
from bot.attempts import Attempts
from bot.config import Config, secret
from bot.demand import Demand
from bot.desk import Clerk, Done
from bot.embedded import Embedded
from bot.event import Event, Kind
from bot.follow import Follower
from bot.judge import Judge
from bot.message import Asked
from bot.names import ClusterName
from bot.operators import TEAM, Operators
from bot.pause import Pause
from bot.people import Account, Who
from bot.requests_action import Requests
from bot.rounds import Rounds
from bot.runner import Runner
from bot.slack.client import sync_client
from bot.slack.forms import is_whole
from bot.slack.notices import Notices
from bot.slack.people import SlackDirectory
from bot.sweep import Sweep
from bot.text import Language
from bot.watch import EVERY_S, Watch
from bot.wiring import Connect, now_us
from bot.workflow import Cluster, Workflow

Clock = Callable[[], int]
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # none is mistaken for another when read aloud


@dataclass(frozen=True)
class Everybody:
    """People in Slack, and at the server's shell."""

    slack: SlackDirectory
    operators: Operators

    def who(self, account: Account) -> Who:
        return self.operators.who(account) if account.team == TEAM else self.slack.who(account)

    def who_now(self, account: Account) -> Who:
        return self.operators.who(account) if account.team == TEAM else self.slack.who_now(account)


class Dispatcher(Protocol):
    """Has every approved request run, now and after whatever happened."""

    def start(self) -> None: ...

    def wake(self) -> None:
        """Look now: something may have become due."""

    def close(self) -> None:
        """Leave what runs to its node, and end."""


@dataclass(frozen=True)
class Approving:
    docket: store.SqlDocket
    cards: store.SqlCards
    judge: Judge
    clerk: Clerk
    dispatcher: Dispatcher
    sweep: Sweep
    watch: Rounds
    people: Everybody
    notices: Notices

    def language_of(self, user: str) -> Language:
        """What a Slack user reads, as far as Slack says."""
        return self.people.slack.language_of(user)


@dataclass(frozen=True)
class Origin:
    """Where times, numbers, the docket and the judge come from."""

    now_us: Clock = now_us
    new_id: Callable[[], str] = field(default_factory=lambda: new_id)
    docket: Callable[..., store.SqlDocket] = store.SqlDocket
    judge: Callable[..., Judge] = Judge


def approving(
    config: Config,
    engine: Engine,
    clusters: Mapping[ClusterName, Cluster],
    workflow: Workflow,
    slack: SlackDirectory,
    origin: Origin | None = None,
) -> Approving:
    """Nothing is started yet."""
    made = origin or Origin()
    clock, glass, language = made.now_us, config.break_glass, config.slack.language
    people = Everybody(slack, Operators(config, language))
    notices = Notices(clock, language, glass.channel if glass else "", slack.remembered_language_of)
    docket = made.docket(engine, clock, _handing_over(engine), notices.ended)
    cards = store.SqlCards(engine)
    record = store.SqlLedger(engine, clock).record
    glass_group = glass.group if glass else ""
    judge = made.judge(docket, people, record, notices.alarm, glass_group, rules=workflow, channels=slack)
    workflow = own(workflow, docket, judge, cards, clock)
    clerk = Clerk(workflow, people, slack, judge, clock, made.new_id, language, is_whole)
    pause = Pause()
    hands = {name: cluster.hands for name, cluster in clusters.items() if cluster.hands}
    folder, language = config.folder, config.slack.language
    follower = Follower(hands, clock, pause.sleep, lambda one: secret(one, folder), language=language)
    runner = Runner(docket, workflow, people, notices.tell, follower, pause.sleep, owner(), glass_group)
    sweep = Sweep(docket, workflow, notices.remind, slack.directly, cards.places)
    dispatcher = _dispatcher(docket, Attempts(runner.run, clock), sweep, pause)
    watch = Rounds((Watch(docket, workflow, notices.tell, clock).look,), EVERY_S)
    return Approving(docket, cards, judge, clerk, dispatcher, sweep, watch, people, notices)


def _handing_over(engine: Engine) -> store.Approved:
    """What happens to a request in the transaction that approves it."""
    if engine.dialect.name == "sqlite":
        return lambda _connection, _request: None
    from bot.store.jobs import Jobs  # of the extra `postgres`

    return Jobs().approved


def _dispatcher(docket: store.SqlDocket, attempts: Attempts, sweep: Sweep, pause: Pause) -> Dispatcher:
    if docket.engine.dialect.name == "sqlite":
        return Embedded(docket, attempts, sweep.by_time, pause)
    from bot.procrastinated import Procrastinated  # of the extra `postgres`

    return Procrastinated(docket.engine, attempts, sweep.by_time, pause)


def do(config: Config, engine: Engine, asked: Asked, language: Language, connect: Connect | None = None) -> Done:
    """From the server's shell, beside a running bot: recorded, done, recorded again; only then is it shown."""
    ledger, docket = store.SqlLedger(engine, now_us), _outside_docket(config, engine)
    ledger.record(Event(Kind.COMMAND_RECEIVED, str(asked.account), detail=_received(asked)))
    operators = Operators(config, language)
    outside = Outside(config)
    with wiring.clusters(config, connect) as known:
        workflow = wiring.workflow(config, known)
        alarm = lambda _request, _said: ()  # noqa: E731 - one use: no glass is broken at the shell
        judge = Judge(docket, operators, ledger.record, alarm, rules=workflow, channels=outside)
        workflow = own(workflow, docket, judge, store.SqlCards(engine), now_us)
        done = Clerk(workflow, operators, outside, judge, now_us, new_id, language, is_whole).do(asked)
    if done.filing is None:
        ledger.record(done.event)
    else:
        docket.file(done.filing, done.event)
    return done


def _outside_docket(config: Config, engine: Engine) -> store.SqlDocket:
    """What is ended there is told in Slack by the bot that runs."""
    return store.SqlDocket(engine, now_us, tidings=Notices(now_us, config.slack.language).ended)


def own(workflow: Workflow, docket: store.SqlDocket, judge: Judge, cards: store.SqlCards, clock: Clock) -> Workflow:
    """With what is answered from the bot's own records."""

    def put_up(id_: str, place: str) -> None:
        cards.put_up(id_, place, now_us=clock())

    answer = Requests(docket, judge, put_up, workflow.rules).answer
    return replace(workflow, own={requests_action.NAME: answer, **workflow.own})


@dataclass(frozen=True)
class Outside:
    """Asks Slack only when somebody must approve: reading at the shell needs no token."""

    config: Config

    def of(self, demand: Demand, channel: str) -> Sequence[Who]:
        return self._slack().of(demand, channel)

    def require_ours_now(self, channel: str) -> None:
        self._slack().require_ours_now(channel)

    def _slack(self) -> SlackDirectory:
        settings = wiring.slack_settings(self.config)
        return SlackDirectory(sync_client(settings), settings, now_us)


def _received(asked: Asked) -> dict[str, Json]:
    return {"key": asked.key, "line": asked.line, "via": asked.via}


def owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def new_id() -> str:
    """Ten letters and digits: it names units on nodes, and people read it to each other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
