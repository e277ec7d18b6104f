"""The card of a request: everything about it, drawn from what the database holds, and the buttons it has now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.act import Deed
from bot.action import Cell, Code, Finding, Json, Level
from bot.demand import unfilled
from bot.demand_words import groups
from bot.people import Standing, Who
from bot.request import Progress, Request, State, StepRun, Verdict
from bot.slack import parts
from bot.slack.forms import TOO_LONG, is_whole
from bot.slack.parts import Object, Part
from bot.slack.plan_parts import plan_parts, plan_text
from bot.text import Language, Text
from bot.words import MARKS, NAMES

SECOND_US = 1_000_000
TEXT_MAX = 3_800  # chat.update: msg_too_long beyond 4,000 characters
PLAN_BLOCKS_MAX, PLAN_MAX = 30, 5_500  # what is around it needs its place too: 50 blocks, some 13,000 characters
SAID_MAX = 2_000  # of what all steps printed: the end of it


@dataclass(frozen=True)
class Drawn:
    """*text* is "" where it would be too long. *plan_file*: the whole plan, when the message cannot hold it; else ""."""

    text: str
    blocks: list[Object]
    plan_file: str = ""


def draw(request: Request, now_us: int, language: Language, *, has_glass: bool = False) -> Drawn:
    """Complete: what does not fit is in the file, and can be approved only from the form that shows it."""
    head, plan, foot = _head(request, now_us, language), plan_parts(request.plan, language), _foot(request, language)
    head += [] if is_whole(request) else parts.finding(Finding(Level.BAD, TOO_LONG), language)
    # By the plan alone: so its file, once there, is what the card says for as long as it hangs.
    is_short = len(plan) <= PLAN_BLOCKS_MAX and sum(part.size for part in plan) <= PLAN_MAX
    buttons = _buttons(request, language, is_short=is_short, has_glass=has_glass)
    if is_short:
        return _drawn([*head, *plan, *foot], buttons)
    in_file = parts.finding(Finding(Level.WARNING, IN_FILE), language)
    return _drawn([*head, *in_file, *foot], buttons, plan_text(request.plan, language))


def still_needed(request: Request) -> Text | None:
    """Whom it still waits for, as far as the votes on record tell."""
    voters = [Who(v.account, v.person, v.name, Standing.MEMBER, "en", v.groups) for v in request.said(Verdict.APPROVE)]
    missing = unfilled(request.demand.slots, voters, request.person)
    return groups(request.demand.only(missing)) if missing else None


def moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // SECOND_US, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _head(request: Request, now_us: int, language: Language) -> list[Part]:
    title = TITLE.fill(mark=MARKS[request.state], state=NAMES[request.state], words=request.plan.words)
    rows: list[tuple[Text, Cell]] = [
        (REQUEST, f"{request.id} · /pve-cluster {request.plan.line}"),
        (CLUSTER, request.cluster),
        (ASKED_BY, f"{request.name} ({request.requester}) · {moment(request.created_us)}"),
    ]
    rows += [(label, value) for label, value in ((REASON, request.reason), (TICKET, request.ticket)) if value]
    rows += [(OUTCOME, request.why)] if request.why else []
    rows += [*_deadlines(request, now_us), *_glass(request)]
    return [*parts.title(title, language), *parts.pairs(tuple(rows), language)]


def _deadlines(request: Request, now_us: int) -> list[tuple[Text, Cell]]:
    if request.state is State.PENDING:
        within = _within(request.demand.execute_within_s)
        return [(APPROVE_BY, _left(request.approve_by_us, now_us)), (EXECUTE, within), *_hours(request)]
    if request.state is State.APPROVED and request.execute_by_us:
        waits = (request.not_before_us or 0) > now_us
        begins = [(NOT_BEFORE, moment(request.not_before_us or 0))] if waits else []
        return [*begins, (EXECUTE_BY, _left(request.execute_by_us, now_us)), *_hours(request)]
    return []


def _hours(request: Request) -> list[tuple[Text, Cell]]:
    return [(HOURS, hours) for hours in request.demand.hours]


def _within(seconds: int) -> Text:
    return SECONDS.fill(seconds=seconds) if seconds % 60 else WITHIN.fill(minutes=seconds // 60)


def _left(until_us: int, now_us: int) -> Text:
    minutes = max(0, (until_us - now_us) // (60 * SECOND_US))
    return LEFT.fill(moment=moment(until_us), minutes=minutes)


def _glass(request: Request) -> list[tuple[Text, Cell]]:
    if not request.by_glass:
        return []
    return [(BY_GLASS, REVIEWED_BY.fill(name=request.reviewed_by) if request.reviewed_by else UNREVIEWED)]


def _foot(request: Request, language: Language) -> list[Part]:
    rows: list[tuple[Text, Cell]] = [(NEEDS, groups(request.demand))]
    rows += [(_VERDICTS[vote.verdict], _vote(vote.name, vote.at_us, vote.statement)) for vote in request.votes]
    if request.state is State.PENDING and (missing := still_needed(request)):
        rows.append((STILL, missing))
    seal = parts.context(f"SHA-256 {request.plan_hash}")
    return [*parts.pairs(tuple(rows), language), *_ran(request, language), seal]


def _vote(name: str, at_us: int, statement: str) -> str:
    return f"{name} · {moment(at_us)}" + (f" · {statement}" if statement else "")


def _ran(request: Request, language: Language) -> list[Part]:
    """What became of each step that was started; of what they print, the end, and how much was before it."""
    ran = [step for step in request.steps if step.progress is not Progress.TODO]
    each = max(200, SAID_MAX // max(1, len(ran)))
    lines = "\n".join(_step(step, each, language) for step in ran)
    return parts.code(Code(STEPS, lines), language) if ran else []


def _step(step: StepRun, most: int, language: Language) -> str:
    title = STEP.fill(number=step.number + 1, progress=PROGRESS[step.progress]).to(language)
    before = len(step.said) - most
    cut = [BEFORE_IT.fill(count=before).to(language)] if before > 0 else []
    return "\n".join([title, *cut, *([step.said[-most:].rstrip("\n")] if step.said else [])])


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
    en="The plan is longer than a message: it is whole in the file in this thread, and in its form",
    fr="Le plan est plus long qu'un message : il est entier dans le fichier de ce fil, et dans son formulaire",
)
TITLE = Text(en="{mark} {words} — {state}", fr="{mark} {words} — {state}")
REQUEST = Text(en="Request", fr="Demande")
CLUSTER = Text(en="Cluster", fr="Cluster")
ASKED_BY = Text(en="Asked by", fr="Demandé par")
REASON = Text(en="Reason", fr="Raison")
TICKET = Text(en="Ticket", fr="Ticket")
OUTCOME = Text(en="Outcome", fr="Issue")
APPROVE_BY = Text(en="Approve by", fr="À approuver avant")
EXECUTE_BY = Text(en="Runs by", fr="S'exécute avant")
EXECUTE = Text(en="Then runs within", fr="Puis s'exécute sous")
SECONDS = Text(en="{seconds} s", fr="{seconds} s")
WITHIN = Text(en="{minutes} min", fr="{minutes} min")
NOT_BEFORE = Text(en="Runs not before", fr="Pas avant")
HOURS = Text(en="Allowed only", fr="Permis seulement")
BY_GLASS = Text(en="Break-glass", fr="Bris de glace")
REVIEWED_BY = Text(en="reviewed by {name}", fr="examiné par {name}")
UNREVIEWED = Text(en="waits for its review", fr="attend son examen")
STEPS = Text(en="Steps", fr="Étapes")
BEFORE_IT = Text(en="… {count} characters before this:", fr="… {count} caractères avant ceci :")
LEFT = Text(en="{moment}, {minutes} min left", fr="{moment}, encore {minutes} min")
NEEDS = Text(en="Needs", fr="Il faut")
STILL = Text(en="Still needed", fr="Il manque encore")
STEP = Text(en="Step {number}: {progress}", fr="Étape {number} : {progress}")
PROGRESS: Mapping[Progress, Text] = {
    Progress.STARTED: Text(en="started", fr="lancée"),
    Progress.DONE: Text(en="done", fr="faite"),
    Progress.FAILED: Text(en="failed", fr="échouée"),
    Progress.REFUSED: Text(en="never ran", fr="jamais exécutée"),
    Progress.NEVER: Text(en="never ran", fr="jamais exécutée"),
    Progress.UNKNOWN: Text(en="outcome unknown", fr="issue inconnue"),
}
_VERDICTS: Mapping[Verdict, Text] = {
    Verdict.APPROVE: Text(en="Approved by", fr="Approuvé par"),
    Verdict.DID: Text(en="It did, says", fr="Elle a eu lieu, dit"),
    Verdict.DID_NOT: Text(en="It did not, says", fr="Elle n'a pas eu lieu, dit"),
}
APPROVE = Text(en="Approve", fr="Approuver")
REVIEW = Text(en="Review and approve…", fr="Relire et approuver…")
WHOLE = Text(en="Whole plan…", fr="Plan entier…")
GLASS = Text(en="Break glass…", fr="Briser la glace…")
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
