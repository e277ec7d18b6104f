"""The listeners of cards and forms: a click is written down and acknowledged, or opens a form; nothing is decided here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from bot.act import Act, Deed
from bot.docket import Docket
from bot.message import Asked
from bot.people import Account
from bot.slack import forms
from bot.slack.app import Reception
from bot.slack.forms import Meant, entered, form, problems
from bot.text import Language, Refused

log = structlog.get_logger()
DEEDS = re.compile("^(?:" + "|".join(Deed) + ")$")  # Bolt searches
FORMS = re.compile("^form/(?:" + "|".join(forms.KINDS) + ")$")
AGAIN = "again"
LanguageOf = Callable[[str], Language]


@dataclass(frozen=True)
class Counter:
    """*language_of*: asked in a worker thread; it may ask Slack."""

    app: AsyncApp
    reception: Reception
    docket: Docket
    language_of: LanguageOf

    async def take(self, asked: Asked) -> str:
        """Why it is not recorded, in words, or ""."""
        problem = await self.reception.receive(asked)
        return problem.to(self.reception.language) if problem else ""

    async def open(self, kind: str, body: dict[str, Any], value: str) -> None:
        """A trigger is good for three seconds: what cannot be shown in time can be asked for again."""
        account, channel = account_of(body), _channel(body)
        try:
            view = await asyncio.to_thread(self._form, kind, value.split(" ", maxsplit=1)[0], account, channel)
            if view is not None:
                await self.app.client.views_open(trigger_id=body["trigger_id"], view=view)
        except (SlackApiError, Refused) as error:
            log.warning("a form was not opened", kind=kind, error=str(error)[:200])

    def _form(self, kind: str, request_id: str, account: Account, channel: str) -> dict[str, Any] | None:
        request = self.docket.get(request_id)
        return form(kind, request, channel, self.language_of(account.user)) if request else None


def listen_to_clicks(counter: Counter) -> None:
    """Registered before the listener that ignores everything else."""
    app, now_us = counter.app, counter.reception.now_us

    @app.action(DEEDS)
    async def clicked(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: Any) -> None:
        problem = await counter.take(click(body, action, now_us()))
        await ack()
        if problem:
            await respond(text=problem, response_type="ephemeral", replace_original=False)
        elif action["action_id"] == Deed.DENY:
            await counter.open(forms.EXPLAIN, body, action["value"])

    @app.action(AGAIN)
    async def again(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        request = await asyncio.to_thread(counter.docket.get, action["value"].split(" ")[0])
        if request is not None:
            await counter.take(typed_again(body, action, request.plan.line, now_us()))
        await ack()

    @app.action(FORMS)
    async def wanted(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        await counter.open(action["action_id"].removeprefix("form/"), body, action["value"])

    @app.view(FORMS)
    async def sent(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        meant, values = Meant.read(view["private_metadata"]), entered(view)
        language = counter.reception.language
        if wrong := problems(meant, values, language):
            await ack(response_action="errors", errors=wrong)
            return
        problem = await counter.take(submission(body, view, meant, values, now_us()))
        await (ack(response_action="errors", errors={next(iter(values)): problem}) if problem else ack())


def click(body: dict[str, Any], action: dict[str, Any], now_us: int) -> Asked:
    """One press; a second delivery of it has the same key."""
    request_id, _, plan_hash = action["value"].partition(" ")
    act = Act(Deed(action["action_id"]), request_id, "button", plan_hash)
    place = body.get("container", {}).get("message_ts") or body.get("view", {}).get("id", "")
    key = _key("click", body["user"]["id"], place, action["action_id"], action["action_ts"])
    return _asked(body, key, f"{act.deed} {request_id}", now_us, act)


def submission(body: dict[str, Any], view: dict[str, Any], meant: Meant, values: dict[str, str], now_us: int) -> Asked:
    deed = Deed(view["callback_id"].removeprefix("form/"))
    act = Act(deed, meant.request_id, "modal", meant.plan_hash, **values)
    key = _key("form", body["user"]["id"], view["id"], view["hash"])
    return _asked(body, key, f"{deed} {meant.request_id}", now_us, act, channel=meant.channel)


def typed_again(body: dict[str, Any], action: dict[str, Any], line: str, now_us: int) -> Asked:
    key = _key("again", body["user"]["id"], action["value"], action["action_ts"])
    return _asked(body, key, line, now_us, None)


def account_of(body: dict[str, Any]) -> Account:
    """Of who pressed: *user.team_id* is theirs, also where the channel is shared with another organisation."""
    user, team = body["user"], body.get("team") or {}
    enterprise = (body.get("enterprise") or {}).get("id") or ""
    return Account(user.get("team_id") or team.get("id") or "", user["id"], enterprise)


def _asked(
    body: dict[str, Any], key: str, line: str, now_us: int, act: Act | None, channel: str | None = None
) -> Asked:
    return Asked(
        key=key,
        line=line,
        account=account_of(body),
        via="slack",
        at_us=now_us,
        channel=channel or _channel(body),
        reply_url=body.get("response_url") or "",
        act=act,
    )


def _channel(body: dict[str, Any]) -> str:
    return str((body.get("channel") or {}).get("id") or body.get("container", {}).get("channel_id") or "")


def _key(*words: str) -> str:
    return f"{words[0]}/{sha256(' '.join(words).encode()).hexdigest()}"
