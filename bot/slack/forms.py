"""The modals of a request: approve with what must be typed, the whole plan, a reason. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.act import Act, Deed
from bot.action import Finding, Json, Level
from bot.own_words import require_short
from bot.plan import Plan
from bot.request import Request
from bot.slack import parts
from bot.slack.parts import Object
from bot.slack.plan_parts import plan_parts
from bot.text import Language, Refused, Text

BLOCKS_MAX = 95  # of 100, with the inputs
BYTES_MAX = 240_000  # of 250 kB
CONFIRM_MAX = 150
INPUT_MAX = 1_000  # less than is kept: a card holds what several people say
APPROVE, PLAN, EXPLAIN, BREAK_GLASS = Deed.APPROVE, "plan", Deed.EXPLAIN, Deed.BREAK_GLASS
FORESEEN = (APPROVE, BREAK_GLASS)  # only those whose form would not be in vain get it
KINDS = (APPROVE, PLAN, EXPLAIN, BREAK_GLASS)
TYPED, STATEMENT, REASON = "typed", "statement", "reason"
INPUTS = (TYPED, STATEMENT, REASON)


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
        """Raise `ValueError` or `TypeError` if no form of ours has that."""
        found = cls(**json.loads(text))
        if not all(isinstance(value, str) for value in asdict(found).values()):
            raise TypeError("not what a form is about")
        return replace(found, request_id=parts.clean(found.request_id), plan_hash=parts.clean(found.plan_hash))


def form(kind: str, request: Request, channel: str, language: Language) -> Object:
    """A view for views.open. *channel*: where the answer will be said."""
    meant = Meant(request.id, request.plan_hash, request.plan.confirm, channel)
    view: Object = {
        "type": "modal",
        "callback_id": f"form/{kind}",
        "private_metadata": meant.text,
        "title": _plain(TITLES[kind].to(language)),
        "close": _plain(CLOSE.to(language)),
        "blocks": [*_shown(kind, request.plan, language), *_inputs(kind, request.plan, language)],
    }
    return view if kind == PLAN else view | {"submit": _plain(SUBMITS[kind].to(language))}


def told(problem: Text, language: Language) -> Object:
    """A view that only says something: where a form is not to be had, or has no place to say it."""
    blocks: list[Json] = [part.block for part in parts.finding(Finding(Level.BAD, problem), language)]
    title, close = _plain(NOT_DONE.to(language)), _plain(CLOSE.to(language))
    return {"type": "modal", "title": title, "close": close, "blocks": blocks}


def instead(view: Object) -> dict[str, Any]:
    """The answer to a form by which *view* takes its place."""
    return {"response_action": "update", "view": view}


def is_whole(request: Request) -> bool:
    """Whether a form can show all of the plan to anybody; what people cannot be shown, nobody can approve."""
    plan = request.plan
    return len(plan.confirm) <= CONFIRM_MAX and all(_fits(plan, language) for language in LANGUAGES)


def _fits(plan: Plan, language: Language) -> bool:
    shown = _shown(APPROVE, plan, language)
    return len(shown) <= BLOCKS_MAX and len(json.dumps(shown)) <= BYTES_MAX


def problems(meant: Meant, values: Mapping[str, str], language: Language) -> dict[str, str]:
    """What is wrong with what was entered, by block; said in the form itself, decided again afterwards."""
    found = {name: EMPTY.to(language) for name in (STATEMENT, REASON) if name in values and not values[name].strip()}
    for name, value in values.items():
        try:
            require_short(value)
        except Refused as refused:
            found[name] = refused.text.to(language)
    if TYPED in values and meant.confirm and values[TYPED].strip() != meant.confirm:
        found[TYPED] = MISTYPED.fill(word=meant.confirm).to(language)
    return found


def well_filled(kind: str, request: Request) -> Act:
    """What the form would send, were all that it asks for entered well."""
    return Act(Deed(kind), request.id, "modal", request.plan_hash, request.plan.confirm, "…", "…")


def entered(view: Mapping[str, Any]) -> dict[str, str]:
    """What a person filled in, by block; of what our forms ask only."""
    values = (view.get("state") or {}).get("values") or {}
    given = {name: next(iter(values[name].values())).get("value") or "" for name in INPUTS if name in values}
    return {name: parts.clean(value) for name, value in given.items()}


def _shown(kind: str, plan: Plan, language: Language) -> list[Json]:
    if kind == EXPLAIN:
        return []
    lead = [*parts.title(plan.words, language), *plan_parts(plan, language)]
    if kind != PLAN and plan.statement:
        lead += parts.finding(Finding(Level.WARNING, plan.statement), language)
    return [part.block for part in lead]


def _inputs(kind: str, plan: Plan, language: Language) -> list[Json]:
    inputs: list[Json] = []
    if kind in {APPROVE, BREAK_GLASS} and plan.confirm:
        inputs.append(_input(TYPED, TYPE_IT.fill(word=plan.confirm).to(language)))
    if kind in {APPROVE, BREAK_GLASS} and plan.statement:
        inputs.append(_input(STATEMENT, ANSWER.to(language), many_lines=True))
    if kind in {EXPLAIN, BREAK_GLASS}:
        inputs.append(_input(REASON, WHY.to(language), many_lines=True))
    return inputs


def _input(block_id: str, label: str, *, many_lines: bool = False) -> Object:
    element: Object = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": many_lines,
        "max_length": INPUT_MAX,
    }
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}


def _plain(text: str) -> Object:
    return {"type": "plain_text", "text": parts.clean(text), "emoji": False}


LANGUAGES: tuple[Language, ...] = ("en", "fr")
TITLES: Mapping[str, Text] = {
    APPROVE: Text(en="Approve a request", fr="Approuver"),
    PLAN: Text(en="The whole plan", fr="Le plan entier"),
    EXPLAIN: Text(en="Why denied", fr="Raison du rejet"),
    BREAK_GLASS: Text(en="Break glass", fr="Bris de glace"),
}
SUBMITS: Mapping[str, Text] = {
    APPROVE: Text(en="Approve", fr="Approuver"),
    EXPLAIN: Text(en="Send", fr="Envoyer"),
    BREAK_GLASS: Text(en="Run it alone", fr="Exécuter seul"),
}
CLOSE = Text(en="Close", fr="Fermer")
TYPE_IT = Text(en="Type {word} to confirm", fr="Tapez {word} pour confirmer")
MISTYPED = Text(en="Type exactly: {word}", fr="Tapez exactement : {word}")
EMPTY = Text(en="An answer is needed here", fr="Il faut une réponse ici")
WHY = Text(en="Why?", fr="Pourquoi ?")
NOT_DONE = Text(en="Nothing was done", fr="Rien n'est fait")
ANSWER = Text(en="Your answer", fr="Votre réponse")
