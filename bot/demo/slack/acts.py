"""What people do: type a command, press something, submit or close a modal, open the Home tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.demo.slack import modals, payloads, pressed, submitted
from bot.demo.slack.delivery import ACK_S, Ack, Delivery
from bot.demo.slack.events import Post
from bot.demo.slack.methods.call import App, Failed
from bot.demo.slack.people import SLACKBOT, Channel, Object, Person
from bot.demo.slack.response_urls import ResponseUrls, check_message, say
from bot.demo.slack.workspace import Message, View, Workspace

WAIT_S = 10.0
SETTLE_S = 0.1  # an answer may come in several messages


class Impossible(Exception):
    """Nobody could do that in Slack: there is no such person, channel, message, button."""


@dataclass
class Acts:
    workspace: Workspace
    post: Post
    urls: ResponseUrls
    app: App

    async def slash(self, user: str, channel: str, text: str, wait_s: float = WAIT_S) -> Object:
        """Type the command with *text*; wait for the ack and, *wait_s* at most, for what answers it."""
        person, where = self._person(user), self._channel(channel)
        url = self.urls.new(person.id, where.id)
        trigger = self.workspace.new_trigger(person.id)
        before = self._screen(person, where)
        payload = payloads.slash(person, where, (self.app.command, text), url, trigger)
        ack = await self.post.send(Delivery("slash_commands", payload))
        ack = self._take_command_ack(person, where, ack)
        if not ack.error:
            await self._answered(person, where, before, wait_s)
        return {"ack": shown_ack(ack)} | self._new(person, where, before)

    async def click(self, user: str, where: Object, action_id: str, value: Any, wait_s: float = WAIT_S) -> Object:
        """Press or choose *action_id* in the message {channel, ts} or the view {view_id}."""
        person = self._person(user)
        if where.get("view_id"):
            return await self._click_in_view(person, self._view(person, where["view_id"]), (action_id, value), wait_s)
        channel = self._channel(where.get("channel"))
        message = self.workspace.find(channel.id, str(where.get("ts")))
        if message is None or message.ephemeral_to not in (None, person.id):
            raise Impossible("no such message on this person's screen")
        action = pressed.action(message.blocks, action_id, value, self.workspace.new_ts())
        payload = payloads.click_in_message(person, channel, message, action)
        payload["trigger_id"] = self.workspace.new_trigger(person.id)
        payload["response_url"] = self.urls.new(person.id, channel.id, message)
        return await self._interact(person, channel, payload, wait_s)

    async def submit(self, user: str, view_id: str, values: Object) -> Object:
        """Fill *values* in and submit; an input that Slack itself refuses never reaches the bot."""
        person = self._person(user)
        view = self._view(person, view_id)
        errors = submitted.fill(view, values)
        if errors:
            return {"ack": {"ok": True, "ms": 0, "errors": errors}, "errors": errors}
        payload = payloads.submission(person, view)
        payload["trigger_id"] = self.workspace.new_trigger(person.id, view.id)
        ack = await self.post.send(Delivery("interactive", payload))
        errors, failed = {}, ack.error
        if not failed:
            try:
                errors = submitted.respond(self.workspace, view, ack.body or {})
            except Failed as wrong:
                failed = wrong.error
        answer = shown_ack(Ack(ack.body, failed, ack.took_s)) | ({"errors": errors} if errors else {})
        return {"ack": answer, "errors": errors, "views": self._views(person)}

    async def close(self, user: str, view_id: str) -> Object:
        """Close a modal; the bot hears of it only if it asked to (`notify_on_close`)."""
        person = self._person(user)
        view = self._view(person, view_id)
        modals.close(self.workspace, view)
        ack = Ack()
        if view.body.get("notify_on_close"):
            ack = await self.post.send(Delivery("interactive", payloads.closed(person, view, cleared=False)))
        return {"ack": shown_ack(ack), "views": self._views(person)}

    async def open_home(self, user: str, wait_s: float = ACK_S) -> Object:
        """Open the App Home; what is published within *wait_s* is what they see."""
        person = self._person(user)
        old = modals.home(self.workspace, person.id)
        hash_ = old.hash if old else None
        self.post.send_event(Delivery("events_api", payloads.home_opened(person, self.workspace)))
        await self.workspace.changes.until(lambda: _hash(modals.home(self.workspace, person.id)) != hash_, wait_s)
        view = modals.home(self.workspace, person.id)
        return {"ack": {"ok": True}, "view": modals.shown(view) if view else None}

    async def _click_in_view(self, person: Person, view: View, press: tuple[str, Any], wait_s: float) -> Object:
        action = pressed.action(view.body["blocks"], *press, self.workspace.new_ts())
        pressed.keep(view, action)
        payload = payloads.click_in_view(person, view, action)
        payload["trigger_id"] = self.workspace.new_trigger(person.id, view.id)
        return await self._interact(person, self.workspace.direct(person.id), payload, wait_s)

    async def _interact(self, person: Person, channel: Channel, payload: Object, wait_s: float) -> Object:
        before = self._screen(person, channel)
        ack = await self.post.send(Delivery("interactive", payload))
        if not ack.error:
            await self._answered(person, channel, before, wait_s)
        return {"ack": shown_ack(ack)} | self._new(person, channel, before)

    def _take_command_ack(self, person: Person, channel: Channel, ack: Ack) -> Ack:
        """Show what the ack says: a message, or why there is none."""
        if ack.body and not ack.error:
            try:
                check_message(ack.body)
                say(self.workspace, person.id, channel.id, ack.body)
            except Failed:
                ack = Ack(error="invalid_command_response", took_s=ack.took_s)
        if ack.error:
            text = f'{self.app.command} failed with the error "{ack.error}"'
            said = Message(channel.id, self.workspace.new_ts(), SLACKBOT, text, ephemeral_to=person.id)
            self.workspace.post(said)
        return ack

    async def _answered(self, person: Person, channel: Channel, before: Object, wait_s: float) -> None:
        """Wait for the first answer, then until a moment passes without another."""
        now, patience_s = before, wait_s
        while await self._differs(person, channel, now, patience_s):
            now, patience_s = self._screen(person, channel), SETTLE_S

    async def _differs(self, person: Person, channel: Channel, from_: Object, wait_s: float) -> bool:
        return await self.workspace.changes.until(lambda: self._screen(person, channel) != from_, wait_s)

    def _screen(self, person: Person, channel: Channel) -> Object:
        """What is on the person's screen, by what makes each thing new."""
        seen = [
            one
            for one in self.workspace.messages
            if one.channel == channel.id and one.ephemeral_to in (None, person.id)
        ]
        messages = {one.ts: one.edited for one in seen}
        return messages | {one.id: one.hash for one in self.workspace.views.values() if one.user == person.id}

    def _new(self, person: Person, channel: Channel, before: Object) -> Object:
        now = self._screen(person, channel)
        fresh = {key for key, version in now.items() if before.get(key, "") != version}
        messages = [
            shown_message(one) for one in self.workspace.messages if one.channel == channel.id and one.ts in fresh
        ]
        return {"messages": messages, "removed": sorted(set(before) - set(now)), "views": self._views(person)}

    def _views(self, person: Person) -> list[Object]:
        return [shown_view(one) for one in self.workspace.views.values() if one.user == person.id]

    def _person(self, user: str) -> Person:
        if user not in self.workspace.people:
            raise Impossible(f"no such person: {user!r}")
        # A deactivated one too: what they sent may arrive after they were deactivated.
        return self.workspace.people[user]

    def _channel(self, channel: Any) -> Channel:
        if channel not in self.workspace.channels:
            raise Impossible(f"no such channel: {channel!r}")
        return self.workspace.channels[channel]

    def _view(self, person: Person, view_id: str) -> View:
        view = self.workspace.views.get(view_id)
        if view is None or view.user != person.id:
            raise Impossible("no such view on this person's screen")
        return view


def _hash(view: View | None) -> str | None:
    return view.hash if view else None


def shown_ack(ack: Ack) -> Object:
    answer: Object = {"ok": ack.error is None, "ms": round(ack.took_s * 1000)}
    answer |= {"error": ack.error} if ack.error else {}
    return answer | ({"body": ack.body} if ack.body else {})


def shown_message(message: Message) -> Object:
    shown = message.shown() | {"channel": message.channel, "blocks": message.blocks}
    return shown | ({"ephemeral_to": message.ephemeral_to} if message.ephemeral_to else {})


def shown_view(view: View) -> Object:
    return modals.shown(view) | {"user": view.user, "type": view.type}
