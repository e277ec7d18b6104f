"""The card of a request: everything about it, drawn from what the database holds, and the buttons it has now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.act import Deed
from bot.action import Finding, Json, Level
from bot.desk import TOO_LONG
from bot.docket import InLine
from bot.plan import Plan
from bot.request import Request, State
from bot.slack import parts
from bot.slack.forms import is_whole
from bot.slack.parts import Object, Part
from bot.slack.plan_parts import around_parts, outline_parts, plan_parts, plan_text
from bot.slack.request_rows import foot, head
from bot.text import Language, Text

TEXT_MAX = 3_800  # chat.update: msg_too_long beyond 4,000 characters
PLAN_BLOCKS_MAX, PLAN_MAX = 30, 5_500  # what is around it needs its place too: 50 blocks, some 13,000 characters


@dataclass(frozen=True)
class Drawn:
    """*text* is "" where it would be too long. *plan_file*: the whole plan, when the message cannot hold it; else ""."""

    text: str
    blocks: list[Object]
    plan_file: str = ""


def draw(
    request: Request, now_us: int, language: Language, *, has_glass: bool = False, ahead: InLine | None = None
) -> Drawn:
    """Complete: what does not fit is in the file, and can be approved only from the form that shows it.

    *ahead*: the request that this one waits for.
    """
    plan = plan_parts(request.plan, language)
    # By the plan alone: so its file, once there, is what the card says for as long as it hangs.
    is_short = _fits(plan)
    top, bottom = head(request, now_us, language, ahead), foot(request, language)
    top += [] if is_whole(request) else parts.finding(Finding(Level.BAD, TOO_LONG), language)
    buttons = _buttons(request, language, is_short=is_short, has_glass=has_glass)
    if is_short:
        return _drawn([*top, *plan, *bottom], buttons)
    in_file = parts.finding(Finding(Level.WARNING, IN_FILE), language)
    shown = [*top, *in_file, *_what_fits(request.plan, language), *bottom]
    return _drawn(shown, buttons, plan_text(request.plan, language))


def _fits(plan: list[Part]) -> bool:
    return len(plan) <= PLAN_BLOCKS_MAX and sum(part.size for part in plan) <= PLAN_MAX


def _what_fits(plan: Plan, language: Language) -> list[Part]:
    """Findings, quorum and how to undo it stay on the card of a plan whose commands are too long for it."""
    shorter = (outline_parts(plan, language), around_parts(plan, language))
    return next((one for one in shorter if _fits(one)), [])


def _drawn(shown: list[Part], buttons: list[Json], plan_file: str = "") -> Drawn:
    text = parts.escape("\n".join(part.text for part in shown))
    blocks = [part.block for part in shown] + ([{"type": "actions", "elements": buttons}] if buttons else [])
    # A screen reader reads the text where there is one, and the blocks where there is none: never a part of it.
    return Drawn(text if len(text) <= TEXT_MAX else "", blocks, plan_file)


def _buttons(request: Request, language: Language, *, is_short: bool, has_glass: bool) -> list[Json]:
    wanted: list[tuple[str, Text, str]] = list(_BY_STATE.get(request.state, ()))
    if request.state is State.PENDING and is_whole(request):
        needs_form = request.plan.confirm or request.plan.statement or not is_short
        wanted.insert(0, ("form/approve", REVIEW, "primary") if needs_form else (Deed.APPROVE, APPROVE, "primary"))
        wanted.append(("form/plan", WHOLE, ""))
        wanted += [("form/break_glass", GLASS, "danger")] if has_glass else []
    if request.by_glass and not request.is_open and not request.reviewed_by:
        wanted.append((Deed.REVIEW, REVIEWED, "primary"))
    value = f"{request.id} {request.plan_hash}"
    return [_button(action_id, label.to(language), style, value) for action_id, label, style in wanted]


def _button(action_id: str, label: str, style: str, value: str) -> Json:
    button: dict[str, Json] = {"type": "button", "action_id": action_id, "value": value}
    button["text"] = {"type": "plain_text", "text": label, "emoji": False}
    return button | ({"style": style} if style else {})


IN_FILE = Text(
    en="The plan is longer than a message, so its commands are not here: it is whole in the file in this thread, "
    "and in its form",
    fr="Le plan est plus long qu'un message, donc ses commandes n'y sont pas : il est entier dans le fichier de ce fil, "
    "et dans son formulaire",
)
APPROVE = Text(en="Approve", fr="Approuver")
REVIEW = Text(en="Review and approve…", fr="Relire et approuver…")
WHOLE = Text(en="Whole plan…", fr="Plan entier…")
GLASS = Text(en="Break glass…", fr="Bris de glace…")
REVIEWED = Text(en="Reviewed", fr="Examiné")
_BY_STATE: Mapping[State, tuple[tuple[str, Text, str], ...]] = {
    State.PENDING: (
        (Deed.DENY, Text(en="Deny", fr="Rejeter"), "danger"),
        (Deed.CANCEL, Text(en="Cancel my request", fr="Annuler ma demande"), ""),
    ),
    State.APPROVED: (
        (Deed.STOP, Text(en="Stop", fr="Arrêter"), "danger"),
        (Deed.CANCEL, Text(en="Cancel my request", fr="Annuler ma demande"), ""),
    ),
    State.RUNNING: ((Deed.STOP, Text(en="Stop before the next step", fr="Arrêter avant la suite"), "danger"),),
    State.DENIED: (("form/explain", Text(en="Say why…", fr="Dire pourquoi…"), ""),),
    State.EXPIRED: (("again", Text(en="Ask again", fr="Redemander"), ""),),
    State.SUPERSEDED: (("again", Text(en="Ask again", fr="Redemander"), ""),),
    State.INDETERMINATE: (
        (Deed.DID, Text(en="It did run", fr="Elle a eu lieu"), ""),
        (Deed.DID_NOT, Text(en="It did not run", fr="Elle n'a pas eu lieu"), ""),
    ),
}
