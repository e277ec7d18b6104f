"""Builds what asks, decides and runs requests, of the real parts. With wiring, the only place that knows them all."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from bot import store, wiring
from bot.action import Json
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
from bot.people import Account, Who
from bot.runner import Runner
from bot.slack.client import sync_client
from bot.slack.notices import Notices
from bot.slack.people import SlackDirectory
from bot.sweep import Sweep
from bot.text import Language
from bot.wiring import Connect, now_us
from bot.workflow import Cluster, Workflow

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


@dataclass(frozen=True)
class Approving:
    docket: store.SqlDocket
    cards: store.SqlCards
    judge: Judge
    clerk: Clerk
    dispatcher: Embedded
    sweep: Sweep
    people: Everybody

    def language_of(self, user: str) -> Language:
        """What a Slack user reads, as far as Slack says."""
        return self.people.slack.language_of(user)


def approving(
    config: Config, engine: Engine, clusters: Mapping[ClusterName, Cluster], workflow: Workflow, slack: SlackDirectory
) -> Approving:
    """Nothing is started yet."""
    people = Everybody(slack, Operators(config, config.slack.language))
    docket, cards = store.SqlDocket(engine, now_us), store.SqlCards(engine)
    glass = config.break_glass
    notices = Notices(now_us, config.slack.language, glass.channel if glass else "")
    ledger = store.SqlLedger(engine, now_us)
    judge = Judge(docket, people, ledger.record, notices.alarm, glass.group if glass else "")
    clerk = Clerk(workflow, people, slack, judge, now_us, new_id, config.slack.language)
    hands = {name: cluster.hands for name, cluster in clusters.items() if cluster.hands}
    follower = Follower(hands, now_us, time.sleep, lambda reference: secret(reference, config.folder))
    runner = Runner(docket, workflow, people, notices.tell, follower, time.sleep, owner())
    sweep = Sweep(docket, workflow, notices.remind, slack.directly, now_us)
    return Approving(docket, cards, judge, clerk, Embedded(docket, runner.run, sweep.by_time, now_us), sweep, people)


def do(config: Config, engine: Engine, asked: Asked, language: Language, connect: Connect | None = None) -> Done:
    """From the server's shell, beside a running bot: recorded, done, recorded again; only then is it shown."""
    ledger, docket = store.SqlLedger(engine, now_us), store.SqlDocket(engine, now_us)
    ledger.record(Event(Kind.COMMAND_RECEIVED, str(asked.account), detail=_received(asked)))
    operators = Operators(config, language)
    judge = Judge(docket, operators, ledger.record, lambda _request, _said: ())
    with wiring.clusters(config, connect) as known:
        workflow = wiring.workflow(config, known)
        done = Clerk(workflow, operators, Outside(config), judge, now_us, new_id, language).do(asked)
    if done.filing is None:
        ledger.record(done.event)
    else:
        docket.file(done.filing, done.event)
    return done


@dataclass(frozen=True)
class Outside:
    """Asks Slack only when somebody must approve: reading at the shell needs no token."""

    config: Config

    def of(self, demand: Demand, channel: str) -> Sequence[Who]:
        settings = wiring.slack_settings(self.config)
        return SlackDirectory(sync_client(settings), settings, now_us).of(demand, channel)


def _received(asked: Asked) -> dict[str, Json]:
    return {"key": asked.key, "line": asked.line, "via": asked.via}


def owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def new_id() -> str:
    """Ten letters and digits: it names units on nodes, and people read it to each other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
