"""What stands on a card around the plan: who asked, until when, what it waits for, who voted, what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.action import Cell, Code
from bot.demand import unfilled
from bot.demand_words import groups
from bot.docket import InLine
from bot.people import Standing, Who
from bot.request import Progress, Request, State, StepRun, Verdict
from bot.run import KEPT, ticket_id, unit_of
from bot.slack import parts
from bot.slack.parts import Part
from bot.text import Language, Text
from bot.units import SECOND_US
from bot.words import MARKS, NAMES

SAID_MAX = 2_000  # of what all steps printed: the end of it


def head(request: Request, now_us: int, language: Language, ahead: InLine | None = None) -> list[Part]:
    """*ahead*: the request that an approved one waits for."""
    title = TITLE.fill(mark=MARKS[request.state], state=NAMES[request.state], words=request.plan.words)
    rows: list[tuple[Text, Cell]] = [
        (REQUEST, f"{request.id} · /pve-cluster {request.plan.line}"),
        (CLUSTER, request.cluster),
        (ASKED_BY, f"{request.name} ({request.requester}) · {moment(request.created_us)}"),
    ]
    rows += [(label, value) for label, value in ((REASON, request.reason), (TICKET, request.ticket)) if value]
    rows += [(OUTCOME, request.why)] if request.why else []
    rows += [*_waits(ahead), *_deadlines(request, now_us), *_glass(request), *_look_at(request)]
    return [*parts.title(title, language), *parts.pairs(tuple(rows), language)]


def foot(request: Request, language: Language) -> list[Part]:
    rows: list[tuple[Text, Cell]] = [(NEEDS, groups(request.demand))]
    rows += [(_VERDICTS[vote.verdict], _vote(vote.name, vote.at_us, vote.statement)) for vote in request.votes]
    is_begun = request.state is State.PENDING and request.said(Verdict.APPROVE)
    if is_begun and (missing := still_needed(request)):
        rows.append((STILL, missing))
    seal = parts.context(f"SHA-256 {request.plan_hash}")
    return [*parts.pairs(tuple(rows), language), *_ran(request, language), seal]


def still_needed(request: Request) -> Text | None:
    """Whom it still waits for, as far as the votes on record tell."""
    voters = [Who(v.account, v.person, v.name, Standing.MEMBER, "en", v.groups) for v in request.said(Verdict.APPROVE)]
    missing = unfilled(request.demand.slots, voters, request.person)
    return groups(request.demand.only(missing)) if missing else None


def moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // SECOND_US, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _deadlines(request: Request, now_us: int) -> list[tuple[Text, Cell]]:
    if request.state is State.PENDING:
        within = _within(request.demand.execute_within_s)
        return [(APPROVE_BY, _left(request.approve_by_us, now_us)), (EXECUTE, within), *_hours(request)]
    if request.state is State.APPROVED and request.execute_by_us:
        waits = (request.not_before_us or 0) > now_us
        begins = [(NOT_BEFORE, moment(request.not_before_us or 0))] if waits else []
        return [*begins, (EXECUTE_BY, _left(request.execute_by_us, now_us)), *_hours(request)]
    return []


def _waits(ahead: InLine | None) -> list[tuple[Text, Cell]]:
    if ahead is None:
        return []
    text = WAITS_TO_SETTLE if ahead.state is State.INDETERMINATE else WAITS
    return [(WAITS_FOR, text.fill(id=ahead.id, state=NAMES[ahead.state]))]


def _look_at(request: Request) -> list[tuple[Text, Cell]]:
    """Where those who are to say what happened find it."""
    if request.state is not State.INDETERMINATE:
        return []
    begun = [step for step in request.steps if step.progress in {Progress.STARTED, Progress.UNKNOWN}]
    return [(LOCKED, TAKES_NO_OTHER), *((LOOK_AT, _place(request, step)) for step in begun)]


def _place(request: Request, step: StepRun) -> Text:
    id_ = ticket_id(request.id, step.number)
    return PLACE.fill(node=request.plan.steps[step.number].on, unit=unit_of(id_), folder=KEPT, id=id_)


def _hours(request: Request) -> list[tuple[Text, Cell]]:
    return [(HOURS, hours) for hours in request.demand.hours]


def _within(seconds: int) -> Text:
    return SECONDS.fill(seconds=seconds) if seconds % 60 else WITHIN.fill(minutes=seconds // 60)


def _left(until_us: int, now_us: int) -> Text:
    minutes = (until_us - now_us) // (60 * SECOND_US)
    return (LEFT if minutes > 0 else NONE_LEFT).fill(moment=moment(until_us), minutes=minutes)


def _glass(request: Request) -> list[tuple[Text, Cell]]:
    if not request.by_glass:
        return []
    return [(BY_GLASS, REVIEWED_BY.fill(name=request.reviewed_by) if request.reviewed_by else UNREVIEWED)]


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
NONE_LEFT = Text(en="{moment}, less than 1 min left", fr="{moment}, encore moins d'1 min")
WAITS_FOR = Text(en="Waits for", fr="Attend")
WAITS = Text(en="request {id}, {state}", fr="la demande {id}, {state}")
WAITS_TO_SETTLE = Text(
    en="request {id}, {state}: people must settle it first (/pve-cluster requests {id})",
    fr="la demande {id}, {state} : des personnes doivent d'abord la trancher (/pve-cluster requests {id})",
)
LOCKED = Text(en="Locked", fr="Verrouillé")
TAKES_NO_OTHER = Text(
    en="the cluster takes no other change until people have said here what happened",
    fr="le cluster n'accepte aucun autre changement tant que personne n'a dit ici ce qui s'est passé",
)
LOOK_AT = Text(en="Look at", fr="Regardez")
PLACE = Text(
    en="on {node}: `systemctl status {unit}`, and in {folder} the files {id}.result, {id}.spent, {id}.out and {id}.err "
    "(docs/run-once.md says what they mean)",
    fr="sur {node} : `systemctl status {unit}`, et dans {folder} les fichiers {id}.result, {id}.spent, {id}.out et "
    "{id}.err (docs/run-once.md dit leur sens)",
)
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
