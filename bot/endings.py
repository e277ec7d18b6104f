"""How a run ends: the move that follows from what was seen of it, and why, in words. Pure."""

from __future__ import annotations

from bot.action import Level, Report
from bot.request import Move, Moved, Progress, Request, StepRun
from bot.text import Text


def of_step(request: Request, ended: StepRun) -> Moved | None:
    """The first step that does not succeed ends the run."""
    values = {"number": ended.number + 1, "node": request.plan.steps[ended.number].on, "exit": ended.exit}
    moves = {
        Progress.FAILED: (Move.FAIL, _failed(ended)),
        Progress.REFUSED: (Move.ABORT, STEP_REFUSED),
        Progress.NEVER: (Move.ABORT, STEP_NEVER),
        Progress.UNKNOWN: (Move.LOSE, STEP_UNKNOWN),
    }
    if ended.progress not in moves:
        return None
    move, text = moves[ended.progress]
    return Moved(move, text.fill(**values))


def _failed(ended: StepRun) -> Text:
    if ended.exit is None:
        return STEP_TOO_SLOW
    return STEP_FAILED if ended.exit else STEP_UNPROVED


def of_report(report: Report) -> Moved:
    """Only what was seen to be good has succeeded."""
    if report.level is Level.UNKNOWN:
        return Moved(Move.FAIL, NOT_CONFIRMED.fill(what=report.headline))
    return Moved(Move.FAIL if report.level is Level.BAD else Move.SUCCEED, report.headline)


def of_cut_off(request: Request) -> Moved:
    """Its cluster was taken out of the configuration while it ran."""
    begun = next((step for step in request.steps if step.progress is Progress.STARTED), None)
    if begun is not None:
        node = request.plan.steps[begun.number].on
        return Moved(Move.LOSE, CUT_OFF.fill(cluster=request.cluster, number=begun.number + 1, node=node))
    done = sum(step.progress is Progress.DONE for step in request.steps)
    return Moved(Move.ABORT, LEFT.fill(cluster=request.cluster, done=done, all=len(request.steps)))


STEP_FAILED = Text(
    en="Step {number} on {node} ended with exit code {exit}; the rest was not started",
    fr="L'étape {number} sur {node} s'est terminée avec le code {exit} ; la suite n'a pas été lancée",
)
STEP_UNPROVED = Text(
    en="Step {number} on {node} ended without a word of success, its exit code {exit} proves nothing; "
    "the rest was not started",
    fr="L'étape {number} sur {node} s'est terminée sans annoncer de succès, son code {exit} ne prouve rien ; "
    "la suite n'a pas été lancée",
)
STEP_TOO_SLOW = Text(
    en="Step {number} on {node} was killed or ran out of time; the rest was not started",
    fr="L'étape {number} sur {node} a été tuée ou a dépassé son délai ; la suite n'a pas été lancée",
)
STEP_REFUSED = Text(
    en="{node} refused step {number}, so it never ran: the facts are not those approved, or its clock is off",
    fr="{node} a refusé l'étape {number}, qui n'a donc pas eu lieu : les faits ne sont plus ceux approuvés, "
    "ou son horloge est fausse",
)
STEP_NEVER = Text(
    en="Step {number} was not started on {node}: it never ran, nor can it any more. Ask again",
    fr="L'étape {number} n'a pas été lancée sur {node} : elle n'a jamais eu lieu et ne le peut plus. Redemandez",
)
STEP_UNKNOWN = Text(
    en="Nobody can tell whether step {number} ran on {node}: look there, then say so below",
    fr="Personne ne peut dire si l'étape {number} a eu lieu sur {node} : regardez, puis dites-le ci-dessous",
)
CUT_OFF = Text(
    en="{cluster} is no longer configured, so nobody can tell whether step {number} ran: look on {node}, "
    "then say so below",
    fr="{cluster} n'est plus configuré, donc personne ne peut dire si l'étape {number} a eu lieu : regardez sur {node}, "
    "puis dites-le ci-dessous",
)
LEFT = Text(
    en="{cluster} is no longer configured: {done} of {all} steps ran, and no other was started",
    fr="{cluster} n'est plus configuré : {done} étapes sur {all} ont eu lieu, et aucune autre n'a été lancée",
)
NOT_CONFIRMED = Text(
    en="Counted as failed, for nobody could see that it worked. {what}",
    fr="Comptée comme échouée, car personne n'a pu voir que cela a marché. {what}",
)
