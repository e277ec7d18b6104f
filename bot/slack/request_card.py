"""The card of a request: everything about it, drawn from what the database holds, and the buttons it has now. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.act import Deed
from bot.action import Cell, Code, Finding, Json, Level, Step, Table, Votes
from bot.demand import unfilled
from bot.demand_words import groups
from bot.people import Standing, Who
from bot.plan import Plan
from bot.request import Progress, Request, State, Verdict
from bot.slack import parts
from bot.slack.parts import Object, Part
from bot.text import Language, Text, same
from bot.words import MARKS, NAMES

SECOND_US = 1_000_000
BLOCKS_MAX, TEXT_MAX = 48, 3_800  # chat.update: 50 blocks, and msg_too_long beyond 4,000 characters
SIZE_MAX = 11_000
LEVELS: Mapping[State, Level] = {
    State.SUCCEEDED: Level.GOOD,
    State.FAILED: Level.BAD,
    State.INDETERMINATE: Level.UNKNOWN,
}


@dataclass(frozen=True)
class Drawn:
    """*plan_file*: the whole plan as text, when the message cannot hold it; else ""."""

    text: str
    blocks: list[Object]
    plan_file: str = ""


def draw(request: Request, now_us: int, language: Language, *, has_glass: bool = False) -> Drawn:
    """Complete: what does not fit is in the file, and can be approved only from the form that shows it."""
    head, plan, foot = _head(request, now_us, language), plan_parts(request.plan, language), _foot(request, language)
    whole = [*head, *plan, *foot]
    if len(whole) < BLOCKS_MAX and sum(part.size for part in whole) <= SIZE_MAX:
        return _drawn(whole, request, language, has_glass=has_glass)
    short = [*head, *parts.finding(Finding(Level.NOTE, IN_FILE), language), *foot]
    drawn = _drawn(short, request, language, has_glass=has_glass)
    return Drawn(drawn.text, drawn.blocks, plan_file=plan_text(request.plan, language))


def plan_text(plan: Plan, language: Language) -> str:
    """The whole plan for a file or a screen reader."""
    return "\n".join(part.text for part in plan_parts(plan, language))


def plan_parts(plan: Plan, language: Language) -> list[Part]:
    drawn: list[Part] = []
    for number, step in enumerate(plan.steps, 1):
        drawn += _step(plan, step, number, language)
    for found in plan.findings:
        drawn += parts.finding(found, language)
    if plan.before and plan.after:
        drawn += parts.plain_table(_votes(plan.before, plan.after), language)
    return [*drawn, *parts.pairs(((UNDO, plan.undo),), language)]


def needs_form(request: Request, drawn: Drawn | None = None) -> bool:
    """Whether a bare click is not enough to approve it."""
    return bool(request.plan.confirm or request.plan.statement or (drawn and drawn.plan_file))


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
    rows += _deadlines(request, now_us)
    return [*parts.title(title, language), *parts.pairs(tuple(rows), language)]


def _deadlines(request: Request, now_us: int) -> list[tuple[Text, Cell]]:
    if request.state is State.PENDING:
        within = WITHIN.fill(minutes=request.demand.execute_within_s // 60)
        return [(APPROVE_BY, _left(request.approve_by_us, now_us)), (EXECUTE, within)]
    if request.state is State.APPROVED and request.execute_by_us:
        return [(EXECUTE_BY, _left(request.execute_by_us, now_us))]
    return []


def _left(until_us: int, now_us: int) -> Text:
    minutes = max(0, (until_us - now_us) // (60 * SECOND_US))
    return LEFT.fill(moment=moment(until_us), minutes=minutes)


def _step(plan: Plan, step: Step, number: int, language: Language) -> list[Part]:
    host = plan.hosts[step.on]
    where = ON.fill(number=number, title=step.title, login=host.login, node=step.on, key=host.fingerprint)
    limit = LIMIT.fill(seconds=step.timeout_s)
    drawn = [*parts.code(Code(where, shlex.join(step.argv)), language)]
    if step.guard:
        drawn += parts.code(Code(GUARD.fill(limit=limit), step.guard.strip()), language)
    return drawn


def _votes(before: Votes, after: Votes) -> Table:
    def row(name: Text, one: object, other: object) -> tuple[Cell, Cell, Cell]:
        return (name, _cell(one), _cell(other))

    rows = (
        row(PRESENT, before.present, after.present),
        row(EXPECTED, before.expected, after.expected),
        row(NEEDED, before.needed, after.needed),
        row(QUORUM, before.quorate, after.quorate),
        row(SURVIVES, before.survives, after.survives),
    )
    return Table((same(" "), BEFORE, AFTER), rows, title=VOTES)


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


def _foot(request: Request, language: Language) -> list[Part]:
    rows: list[tuple[Text, Cell]] = [(NEEDS, groups(request.demand))]
    rows += [(_VERDICTS[vote.verdict], _vote(vote.name, vote.at_us, vote.statement)) for vote in request.votes]
    if request.state is State.PENDING and (missing := still_needed(request)):
        rows.append((STILL, missing))
    drawn = parts.pairs(tuple(rows), language)
    for step in request.steps:
        if step.progress is not Progress.TODO:
            said = f"{step.said[-2_000:]}\n" if step.said else ""
            title = STEP.fill(number=step.number + 1, progress=PROGRESS[step.progress])
            drawn += parts.code(Code(title, said or "–"), language)
    return [*drawn, parts.context(f"SHA-256 {request.plan_hash}")]


def _vote(name: str, at_us: int, statement: str) -> str:
    return f"{name} · {moment(at_us)}" + (f" · {statement}" if statement else "")


def _drawn(shown: list[Part], request: Request, language: Language, *, has_glass: bool) -> Drawn:
    text = parts.escape("\n".join(part.text for part in shown))
    buttons = _buttons(request, language, has_glass=has_glass)
    blocks = [part.block for part in shown] + ([{"type": "actions", "elements": buttons}] if buttons else [])
    # A screen reader reads the text where there is one, and the blocks where there is none: never a part of it.
    return Drawn(text if len(text) <= TEXT_MAX else "", blocks)


def _buttons(request: Request, language: Language, *, has_glass: bool) -> list[Json]:
    wanted: list[tuple[str, Text, str]] = list(_BY_STATE.get(request.state, ()))
    if request.state is State.PENDING:
        wanted.insert(
            0, ("form/approve", REVIEW, "primary") if needs_form(request) else (Deed.APPROVE, APPROVE, "primary")
        )
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
    en="The plan is longer than a message: it is whole in the file in this thread, and in the form that approves it",
    fr="Le plan est plus long qu'un message : il est entier dans le fichier de ce fil, et dans le formulaire d'approbation",
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
WITHIN = Text(en="{minutes} min", fr="{minutes} min")
LEFT = Text(en="{moment}, {minutes} min left", fr="{moment}, encore {minutes} min")
ON = Text(
    en="{number}. {title} · on {node} as {login}, host key {key}",
    fr="{number}. {title} · sur {node} en {login}, clé d'hôte {key}",
)
LIMIT = Text(en="{seconds} s at most", fr="{seconds} s au plus")
GUARD = Text(
    en="Only if this holds on the node at that moment ({limit}):",
    fr="Seulement si ceci est vrai sur le nœud à ce moment ({limit}) :",
)
VOTES = Text(en="Quorum", fr="Quorum")
BEFORE = Text(en="now", fr="maintenant")
AFTER = Text(en="after", fr="après")
PRESENT = Text(en="Votes present", fr="Voix présentes")
EXPECTED = Text(en="Expected votes", fr="Voix attendues")
NEEDED = Text(en="Votes needed", fr="Voix nécessaires")
QUORUM = Text(en="Quorum", fr="Quorum")
SURVIVES = Text(en="Failures survived", fr="Pannes supportées")
YES = Text(en="yes", fr="oui")
NO = Text(en="no", fr="non")
UNDO = Text(en="To undo", fr="Pour annuler")
NEEDS = Text(en="Needs", fr="Il faut")
STILL = Text(en="Still needed", fr="Il manque encore")
STEP = Text(en="Step {number}: {progress}", fr="Étape {number} : {progress}")
PROGRESS: Mapping[Progress, Text] = {
    Progress.STARTED: Text(en="started", fr="lancée"),
    Progress.DONE: Text(en="done", fr="faite"),
    Progress.FAILED: Text(en="failed", fr="échouée"),
    Progress.REFUSED: Text(en="never ran", fr="jamais exécutée"),
    Progress.UNKNOWN: Text(en="outcome unknown", fr="issue inconnue"),
}
_VERDICTS: Mapping[Verdict, Text] = {
    Verdict.APPROVE: Text(en="Approved by", fr="Approuvé par"),
    Verdict.DID: Text(en="It did, says", fr="Elle a eu lieu, dit"),
    Verdict.DID_NOT: Text(en="It did not, says", fr="Elle n'a pas eu lieu, dit"),
}
APPROVE = Text(en="Approve", fr="Approuver")
REVIEW = Text(en="Review and approve…", fr="Relire et approuver…")
GLASS = Text(en="Break glass…", fr="Briser la glace…")
REVIEWED = Text(en="Reviewed", fr="Examiné")
_BY_STATE: Mapping[State, tuple[tuple[str, Text, str], ...]] = {
    State.PENDING: (
        (Deed.DENY, Text(en="Deny", fr="Rejeter"), "danger"),
        (Deed.CANCEL, Text(en="Cancel my request", fr="Annuler ma demande"), ""),
        ("form/plan", Text(en="Whole plan…", fr="Plan entier…"), ""),
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
