"""A command is recorded once and answered once, or the person is told that nothing was done."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot import serving
from bot.config import load
from bot.demo.slack.server import LocalSlack
from bot.event import Event, Kind
from bot.store import NotRecorded, SqlInbox, SqlLedger, open_engine, ready_engine
from bot.wiring import now_us
from tests.demo.slack.running import Person, sim, until
from tests.slack.running import (
    SLASH,
    Held,
    config_file,
    delivered,
    desk_on,
    receiving,
    reception_on,
    whole_bot,
)


def events(folder: Path, kind: Kind) -> int:
    engine = ready_engine(f"sqlite:///{folder}/pve-cluster-bot.db")
    try:
        return len(SqlLedger(engine, now_us).page(kind=kind))
    finally:
        engine.dispose()


def said(slack: LocalSlack) -> list[str]:
    return [message["text"] for message in sim(slack, "state")["messages"]]


async def types(slack: LocalSlack, line: str = "help", **more: Any) -> str:
    """What Alice reads then."""
    seen = await asyncio.to_thread(Person(slack).types, line, **more)
    assert seen["ack"]["ok"], seen
    return "\n".join(message["text"] for message in seen["messages"])


async def test_a_command_delivered_twice_is_recorded_and_answered_once(
    local_slack: LocalSlack, tmp_path: Path, transport: str
) -> None:
    async with whole_bot(tmp_path, local_slack, transport):
        sim(local_slack, "fault", {"name": "duplicate_delivery", "on": True, "times": 1})
        await types(local_slack)
        await types(local_slack)  # by when the first one's twin was taken, had it been recorded
        await until(lambda: events(tmp_path, Kind.COMMAND_ANSWERED) == 2)
        await until(lambda: len(said(local_slack)) == 2)
    assert events(tmp_path, Kind.COMMAND_RECEIVED) == 2


async def test_a_line_too_long_to_be_kept_is_refused_with_its_true_length(
    local_slack: LocalSlack, tmp_path: Path, transport: str
) -> None:
    async with whole_bot(tmp_path, local_slack, transport):
        assert "That is 100000 characters long" in await types(local_slack, "x" * 100_000)


async def test_a_command_whose_acknowledgement_was_lost_is_answered_all_the_same(
    local_slack: LocalSlack, tmp_path: Path, transport: str
) -> None:
    async with whole_bot(tmp_path, local_slack, transport):
        sim(local_slack, "fault", {"name": "lost_ack", "on": True, "times": 1})
        seen = await asyncio.to_thread(Person(local_slack).types, "help")
        assert not seen["ack"]["ok"]
        await until(lambda: any("/pve-cluster status" in text for text in said(local_slack)))
    assert events(tmp_path, Kind.COMMAND_ANSWERED) == 1


async def test_while_the_database_is_locked_a_person_is_told_that_nothing_was_done(
    local_slack: LocalSlack, tmp_path: Path, transport: str
) -> None:
    async with whole_bot(tmp_path, local_slack, transport):
        with closing(sqlite3.connect(tmp_path / "pve-cluster-bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            told = await types(local_slack)
        assert "Not recorded, so nothing is done" in told
        assert "busy" in told
        assert "/pve-cluster status" in await types(local_slack)
    assert events(tmp_path, Kind.COMMAND_RECEIVED) == 1


async def test_a_database_that_cannot_be_written_is_named_to_the_person(
    local_slack: LocalSlack, sqlite_url: str, tmp_path: Path, threads: ThreadPoolExecutor, transport: str
) -> None:
    engine = open_engine(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true")
    async with receiving(local_slack, reception_on(SqlInbox(engine, now_us), threads), transport):
        assert "cannot be written" in await types(local_slack)
    engine.dispose()


async def test_a_full_disk_is_named_to_the_person(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor, transport: str
) -> None:
    with engine.connect() as connection:  # the pool's one connection, which the inbox then has
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    inbox = SqlInbox(engine, now_us)
    async with receiving(local_slack, reception_on(inbox, threads), transport):
        told: Sequence[str] = [await types(local_slack, "x" * 2000, wait_s=0) for _ in range(10)]
    assert "no room left" in told[-1]
    assert len(inbox.take(20, now_us=now_us())) == told.count("")


async def test_a_bot_whose_database_is_not_migrated_does_not_listen(local_slack: LocalSlack, tmp_path: Path) -> None:
    config = load(config_file(tmp_path, local_slack))
    with pytest.raises(NotRecorded, match="db upgrade"):
        await serving.serve(config, lambda _port: None)
    assert local_slack.socket_mode.greeted == 0


async def test_a_command_recorded_too_late_says_so_and_is_answered(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor, transport: str
) -> None:
    answered: list[Event] = []
    with ThreadPoolExecutor(4) as workers:
        desk = desk_on(engine, workers, answered.append)
        held = Held(desk.inbox)
        reception = reception_on(held, threads, wake=desk.wake, record_s=0.05)
        async with receiving(local_slack, reception, transport):
            assert "Not recorded in time" in await types(local_slack)
            assert answered == []
            held.gate.set()
            await until(lambda: len(answered) == 1)
    assert answered[0].kind is Kind.COMMAND_ANSWERED


async def test_a_command_that_could_not_be_recorded_late_either_is_not_answered(
    local_slack: LocalSlack, threads: ThreadPoolExecutor, tmp_path: Path, sqlite_url: str
) -> None:
    engine, woken = open_engine(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true"), []
    held = Held(SqlInbox(engine, now_us))
    reception = reception_on(held, threads, wake=lambda: woken.append(1), record_s=0.05)
    async with receiving(local_slack, reception):
        assert (await delivered(local_slack, "slash_commands", SLASH)).body is not None
        held.gate.set()
        threads.shutdown()
    engine.dispose()
    assert woken == []
