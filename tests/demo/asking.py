"""A request on the demo: alice asks, the card hangs, somebody presses a button."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.demo.running import Demo

T = TypeVar("T")
OPS = "C0OPS"
MINORITY = ("pve02", "pve03", "qnetd")
WAIT_S = 40


@dataclass(frozen=True)
class Card:
    """A message with a request's card, in *channel*."""

    demo: Demo
    ts: str
    channel: str = OPS

    @property
    def text(self) -> str:
        """All of it as it stands now."""
        return words_of(self._message["blocks"])

    @property
    def buttons(self) -> list[str]:
        rows = [block["elements"] for block in self._message["blocks"] if block["type"] == "actions"]
        return [button["action_id"] for row in rows for button in row]

    @property
    def thread(self) -> list[str]:
        return [words_of(one["blocks"]) for one in messages(self.demo) if one.get("thread_ts") == self.ts]

    def click(self, user: str, action: str) -> dict[str, Any]:
        return self.demo.sim("click", user=user, channel=self.channel, ts=self.ts, action_id=action)

    def approve(self, user: str, typed: str = "pve-prod", statement: str = "I pulled the plugs") -> dict[str, Any]:
        """Open the form and send it."""
        return self.send(self.open_form(user), user, typed, statement)

    def open_form(self, user: str) -> str:
        return str(self.click(user, "form/approve")["views"][-1]["id"])

    def send(self, view_id: str, user: str, typed: str = "pve-prod", statement: str = "Plugs") -> dict[str, Any]:
        values = {"typed": typed, "statement": statement}
        return self.demo.sim("submit", user=user, view_id=view_id, values=values)

    @property
    def state(self) -> str:
        """As its title has it."""
        return self.text.splitlines()[0].rpartition(" — ")[2]

    def becomes(self, state: str) -> str:
        """Wait until its title says so."""
        return until(lambda: self.text if self.state == state else None, lambda: self.text)

    @property
    def _message(self) -> dict[str, Any]:
        return next(one for one in messages(self.demo) if (one["channel"], one["ts"]) == (self.channel, self.ts))


def until(look: Callable[[], T | None], why: Callable[[], str] = str) -> T:
    """What *look* finds, as soon as it finds it."""
    end = time.monotonic() + WAIT_S
    while (found := look()) is None:
        assert time.monotonic() < end, why()
        time.sleep(0.05)
    return found


def lose_quorum(demo: Demo) -> None:
    """pve01 alone, booted just now: nothing of an earlier test is left in its corosync."""
    for host in (*MINORITY, "pve04", "pve01"):
        demo.sim("node", node=host, power="off")
    demo.sim("node", node="pve01", power="on")


def ask(demo: Demo, line: str = "expected 1", user: str = "U0ALICE", channel: str = OPS) -> Card:
    before = {one["ts"] for one in cards(demo, channel)}
    told = demo.types(line, user=user, channel=channel)
    new = lambda: next((c["ts"] for c in cards(demo, channel) if c["ts"] not in before), None)  # noqa: E731 - one use
    return Card(demo, until(new, lambda: told), channel)


def cards(demo: Demo, channel: str = OPS) -> list[dict[str, Any]]:
    """What everybody in the channel sees, threads aside."""
    return [one for one in messages(demo) if one["channel"] == channel and not one.get("thread_ts") and is_public(one)]


def is_public(message: dict[str, Any]) -> bool:
    return not message.get("ephemeral_to")


def messages(demo: Demo) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = demo.sim("state")["messages"]
    return found


def told(demo: Demo, user: str) -> str:
    """The last thing that only *user* sees, "" for nothing."""
    said = [words_of(one["blocks"]) or one["text"] for one in messages(demo) if one.get("ephemeral_to") == user]
    return said[-1] if said else ""


def kinds(demo: Demo) -> list[str]:
    """The ledger's story, in order."""
    return [event["kind"] for event in demo.ask("audit", "list", "--json", "--limit", "1000")["events"]]


def tickets(demo: Demo) -> dict[str, Any]:
    """What the disk of pve01 keeps of the changes that were started there."""
    kept: dict[str, Any] = json.loads((demo.folder / "nodes.json").read_text())["tickets"]["pve01"]
    return kept


def words_of(part: Any) -> str:
    """The words of a message, a paragraph a block."""
    return "\n".join("".join(_texts(block)) for block in part)


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return own + [text for key, one in part.items() if key != "text" or not own for text in _texts(one)]
