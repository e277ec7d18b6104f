"""What the local Slack knows: people, channels, messages, views, files. Changed on its own loop only."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from bot.demo.slack.changes import Changes
from bot.demo.slack.clock import Clock
from bot.demo.slack.people import BOT, BOT_USER, CHANNELS, GROUPS, PEOPLE, Channel, Group, Object, Person


@dataclass
class Message:
    """One message as Slack keeps it. *ephemeral_to*: the only person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Object] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    bot_id: str | None = None
    edited: str | None = None
    metadata: Object | None = None
    files: list[Object] = field(default_factory=list)

    def shown(self) -> Object:
        """The message object of the Web API."""
        shown: Object = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        shown |= {"blocks": self.blocks} if self.blocks else {}
        shown |= {"thread_ts": self.thread_ts} if self.thread_ts else {}
        shown |= {"bot_id": self.bot_id, "app_id": "A0PVEBOT", "team": "T0LOCAL"} if self.bot_id else {}
        shown |= {"edited": {"user": BOT_USER, "ts": self.edited}} if self.edited else {}
        shown |= {"metadata": self.metadata} if self.metadata else {}
        return shown | ({"files": self.files} if self.files else {})


@dataclass
class View:
    """A modal or a Home tab, open for one person. *body*: as the bot gave it. *values*: what was filled in."""

    id: str
    user: str
    body: Object
    hash: str
    values: Object = field(default_factory=dict)
    previous: str | None = None
    root: str = ""

    @property
    def type(self) -> str:
        return str(self.body["type"])


@dataclass
class Upload:
    """A file between getUploadURLExternal and completeUploadExternal, and after."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""
    channel: str | None = None


@dataclass
class Trigger:
    """A trigger_id: who pressed what when. *view*: the modal it was pressed in."""

    user: str
    at: float
    view: str | None = None
    used: bool = False


@dataclass
class Workspace:
    """All that is kept. Ids are counted, so that two runs are alike."""

    clock: Clock
    changes: Changes
    people: dict[str, Person] = field(default_factory=lambda: {one.id: one for one in PEOPLE})
    groups: dict[str, Group] = field(default_factory=lambda: {one.id: one for one in GROUPS})
    channels: dict[str, Channel] = field(default_factory=lambda: {one.id: one for one in CHANNELS})
    messages: list[Message] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    paid: bool = True  # user groups are for paid plans only
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for person in PEOPLE[:3]:
            self.direct(person.id)

    def new(self, prefix: str) -> str:
        self.counted[prefix] += 1
        return f"{prefix}{self.counted[prefix]:010d}"

    def new_ts(self) -> str:
        self.counted["ts"] += 1
        return f"{int(self.clock.now())}.{self.counted['ts']:06d}"

    def direct(self, user: str) -> Channel:
        """The direct messages between *user* and the bot."""
        id_ = f"D0{user[2:]}"
        return self.channels.setdefault(id_, Channel(id_, "directmessage", frozenset({user, BOT_USER}), user=user))

    def post(self, message: Message) -> Message:
        message.blocks = self.with_ids(message.blocks)
        self.messages.append(message)
        self.changes.happened()
        return message

    def by_bot(self, channel: str, body: Object, *, ephemeral_to: str | None = None) -> Message:
        """Post what the bot sends; *body* was checked."""
        said = Message(channel, self.new_ts(), BOT_USER, body.get("text") or "", body.get("blocks") or [])
        said.bot_id, said.ephemeral_to = BOT, ephemeral_to
        said.thread_ts, said.metadata = body.get("thread_ts"), body.get("metadata")
        return self.post(said)

    def change(self, message: Message, body: Object) -> None:
        message.text = body.get("text") or ""
        message.blocks = self.with_ids(body.get("blocks") or [])
        message.edited = self.new_ts()
        self.changes.happened()

    def remove(self, message: Message) -> None:
        self.messages.remove(message)
        self.changes.happened()

    def find(self, channel: str, ts: str) -> Message | None:
        return next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)

    def new_trigger(self, user: str, view: str | None = None) -> str:
        self.counted["trigger"] += 1
        id_ = f"{self.counted['trigger']}.{int(self.clock.now())}.{'0' * 26}{self.counted['trigger']:06x}"
        self.triggers[id_] = Trigger(user, self.clock.now(), view)
        return id_

    def with_ids(self, blocks: list[Object]) -> list[Object]:
        """Slack names the blocks and elements that the app left unnamed."""
        blocks = deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self.new("b"))
            for element in elements_of(block):
                if element.get("type") not in {"image", "mrkdwn", "plain_text"}:
                    element.setdefault("action_id", self.new("a"))
        return blocks


def elements_of(block: Object) -> list[Object]:
    """What can be pressed or filled in, in *block*."""
    if block.get("type") == "actions":
        return list(block["elements"])
    return [block[key] for key in ("accessory", "element") if key in block]


def size(view: Object) -> int:
    return len(json.dumps(view, separators=(",", ":"), ensure_ascii=False).encode())
