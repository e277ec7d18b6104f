"""Each person reads their own language, also where Slack is asked in passing."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.demo.slack.server import LocalSlack
from bot.text import Language
from tests.demo.slack.running import Person
from tests.slack.running import Broken, receiving, reception_on, whole_bot


def of_bob(user: str) -> Language:
    return "fr" if user == "U0BOB" else "en"


async def home_of(slack: LocalSlack, user: str) -> str:
    seen = await asyncio.to_thread(Person(slack, user).opens_home)
    return str(seen["view"])


async def told(slack: LocalSlack, user: str, **more: str) -> str:
    seen = await asyncio.to_thread(Person(slack, user).types, "help", **more)
    return str(seen["messages"][0]["text"])


async def test_each_reads_the_home_in_their_own_language(
    local_slack: LocalSlack, tmp_path: Path, transport: str
) -> None:
    async with whole_bot(tmp_path, local_slack, transport):
        assert "In a channel, type" in await home_of(local_slack, "U0ALICE")
        assert "Dans un canal, tapez" in await home_of(local_slack, "U0BOB")


async def test_who_is_told_that_nothing_was_recorded_is_told_in_their_language(
    local_slack: LocalSlack, threads: ThreadPoolExecutor, transport: str
) -> None:
    reception = reception_on(Broken(), threads, language_of=of_bob)
    async with receiving(local_slack, reception, transport):
        assert "mistake in the bot" in await told(local_slack, "U0ALICE")
        assert "erreur du bot" in await told(local_slack, "U0BOB")


async def test_a_slack_that_is_slow_to_say_the_language_does_not_delay_the_acknowledgement(
    local_slack: LocalSlack, threads: ThreadPoolExecutor
) -> None:
    gate = threading.Event()

    def slowly(_user: str) -> Language:
        assert gate.wait(20)
        return "fr"

    async with receiving(local_slack, reception_on(Broken(), threads, language_of=slowly)):
        assert "mistake in the bot" in await told(local_slack, "U0BOB")
        gate.set()
