"""The modals of a request: approve with what must be typed, the whole plan, a reason. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.act import Deed
from bot.action import Json
from bot.request import Request
from bot.slack import parts
from bot.slack.parts import Object
from bot.slack.request_card import plan_parts
from bot.text import Language, Text

BLOCKS_MAX = 95  # of 100, with the inputs
APPROVE, PLAN, EXPLAIN, BREAK_GLASS = Deed.APPROVE, "plan", Deed.EXPLAIN, Deed.BREAK_GLASS
KINDS = (APPROVE, PLAN, EXPLAIN, BREAK_GLASS)
TYPED, STATEMENT, REASON = "typed", "statement", "reason"


@dataclass(frozen=True)
class Meant:
    """What a form is about: it travels in the view's private_metadata, and is looked at again when decided."""

    request_id: str
    plan_hash: str
    confirm: str
    channel: str

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Meant:
        return cls(**json.loads(text))


def form(kind: str, request: Request, channel: str, language: Language) -> Object:
    """A view for views.open. *channel*: where the answer will be said."""
    meant = Meant(request.id, request.plan_hash, request.plan.confirm, channel)
    view: Object = {
        "type": "modal",
        "callback_id": f"form/{kind}",
        "private_metadata": meant.text,
        "title": _plain(TITLES[kind].to(language)),
        "close": _plain(CLOSE.to(language)),
        "blocks": [*_shown(kind, request, language), *_inputs(kind, request, language)],
    }
    return view if kind == PLAN else view | {"submit": _plain(SUBMITS[kind].to(language))}


def is_whole(request: Request, language: Language) -> bool:
    """Whether a form can show all of the plan; what nobody can be shown, nobody can approve."""
    return len(plan_parts(request.plan, language)) <= BLOCKS_MAX


def problems(meant: Meant, values: dict[str, str], language: Language) -> dict[str, str]:
    """What is wrong with what was entered, by block; said in the form itself, decided again afterwards."""
    if TYPED in values and meant.confirm and values[TYPED].strip() != meant.confirm:
        return {TYPED: MISTYPED.fill(word=meant.confirm).to(language)}
    return {}


def entered(view: Object) -> dict[str, str]:
    """What a person filled in, by block."""
    values: dict[str, dict[str, dict[str, str | None]]] = view["state"]["values"]  # type: ignore[index, assignment, call-overload]  # Slack's view
    return {block: next(iter(fields.values())).get("value") or "" for block, fields in values.items()}


def _shown(kind: str, request: Request, language: Language) -> list[Json]:
    if kind == EXPLAIN:
        return []
    lead = parts.title(request.plan.words, language)
    return [part.block for part in (*lead, *plan_parts(request.plan, language))]


def _inputs(kind: str, request: Request, language: Language) -> list[Json]:
    inputs: list[Json] = []
    if kind in {APPROVE, BREAK_GLASS} and request.plan.confirm:
        inputs.append(_input(TYPED, TYPE_IT.fill(word=request.plan.confirm).to(language)))
    if kind in {APPROVE, BREAK_GLASS} and request.plan.statement:
        inputs.append(_input(STATEMENT, request.plan.statement.to(language), many_lines=True))
    if kind in {EXPLAIN, BREAK_GLASS}:
        inputs.append(_input(REASON, WHY.to(language), many_lines=True))
    return inputs


def _input(block_id: str, label: str, *, many_lines: bool = False) -> Object:
    element: Object = {"type": "plain_text_input", "action_id": block_id, "multiline": many_lines, "max_length": 1000}
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def _plain(text: str) -> Object:
    return {"type": "plain_text", "text": parts.clean(text), "emoji": False}


TITLES: Mapping[str, Text] = {
    APPROVE: Text(en="Approve a request", fr="Approuver"),
    PLAN: Text(en="The whole plan", fr="Le plan entier"),
    EXPLAIN: Text(en="Why denied", fr="Raison du rejet"),
    BREAK_GLASS: Text(en="Break glass", fr="Briser la glace"),
}
SUBMITS: Mapping[str, Text] = {
    APPROVE: Text(en="Approve", fr="Approuver"),
    EXPLAIN: Text(en="Send", fr="Envoyer"),
    BREAK_GLASS: Text(en="Run it alone", fr="Exécuter seul"),
}
CLOSE = Text(en="Close", fr="Fermer")
TYPE_IT = Text(en="Type {word} to confirm", fr="Tapez {word} pour confirmer")
MISTYPED = Text(en="Type exactly: {word}", fr="Tapez exactement : {word}")
WHY = Text(en="Why?", fr="Pourquoi ?")
