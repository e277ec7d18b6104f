"""Builds what asks, decides and runs requests, of the real parts. With wiring, the only place that knows them all."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from bot import store
from bot.config import Config, secret
from bot.desk import Clerk
from bot.embedded import Embedded
from bot.follow import Follower
from bot.judge import Judge
from bot.names import ClusterName
from bot.operators import TEAM, Operators
from bot.people import Account, Who
from bot.runner import Runner
from bot.slack.notices import Notices
from bot.slack.people import SlackDirectory
from bot.sweep import Sweep
from bot.wiring import now_us
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
    nodes = {name: cluster.nodes for name, cluster in clusters.items()}
    follower = Follower(nodes, now_us, time.sleep, lambda reference: secret(reference, config.folder))
    runner = Runner(docket, workflow, people, notices.tell, follower, time.sleep, owner())
    sweep = Sweep(docket, workflow, notices.remind, slack.directly, now_us)
    return Approving(docket, cards, judge, clerk, Embedded(docket, runner.run, sweep.by_time, now_us), sweep)


def owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def new_id() -> str:
    """Ten letters and digits: it names units on nodes, and people read it to each other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
