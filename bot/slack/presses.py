"""From what Slack sends of a press or a form to what is written down: who, what, on which request, and once. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from bot.act import Act, Deed
from bot.message import Asked
from bot.people import Account
from bot.request import Request
from bot.slack.forms import SUBMITS, Meant
from bot.slack.parts import clean
from bot.typed import words

VALUE_MAX = 200
TWICE_S = 10  # who presses “Ask again” twice wants one request


def value_of(action: dict[str, Any]) -> str:
    """`REQUEST HASH`, as our buttons have it; whatever else came is no request's."""
    return clean(str(action.get("value") or ""))[:VALUE_MAX]


def click(body: dict[str, Any], action: dict[str, Any], now_us: int) -> Asked:
    """One press; a second delivery of it has the same key."""
    request_id, _, plan_hash = value_of(action).partition(" ")
    act = Act(Deed(action["action_id"]), request_id, "button", plan_hash)
    place = body.get("container", {}).get("message_ts") or body.get("view", {}).get("id", "")
    key = _key("click", body["user"]["id"], place, action["action_id"], action["action_ts"])
    return _asked(body, key, f"{act.deed} {request_id}", now_us, act)


def submission(body: dict[str, Any], view: dict[str, Any], meant: Meant, values: dict[str, str], now_us: int) -> Asked:
    """Raise `ValueError` if it is a form that we send to nobody."""
    kind = view["callback_id"].removeprefix("form/")
    if kind not in SUBMITS:
        raise ValueError(kind)
    deed = Deed(kind)
    act = Act(deed, meant.request_id, "modal", meant.plan_hash, **values)
    key = _key("form", body["user"]["id"], view["id"], view["hash"])
    return _asked(body, key, f"{deed} {meant.request_id}", now_us, act, channel=meant.channel)


def typed_again(body: dict[str, Any], action: dict[str, Any], request: Request, now_us: int) -> Asked:
    """As if they typed it now: planned anew, asked for in their own name. Twice within a moment is once."""
    moment = int(float(action["action_ts"])) // TWICE_S
    key = _key("again", body["user"]["id"], request.id, str(moment))
    named = any(word.partition("=")[0].lower() in {"--cluster", "-cluster"} for word in words(request.plan.line))
    line = request.plan.line if named else f"{request.plan.line} --cluster {request.cluster}"
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
        channel=channel or channel_of(body),
        reply_url=body.get("response_url") or "",
        act=act,
    )


def channel_of(body: dict[str, Any]) -> str:
    return str((body.get("channel") or {}).get("id") or body.get("container", {}).get("channel_id") or "")


def _key(*words: str) -> str:
    return f"{words[0]}/{sha256(' '.join(words).encode()).hexdigest()}"
