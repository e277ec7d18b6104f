"""The table of an action on real nodes: every blocking finding and every failing step has its case, and nothing else has.

    REFUSALS = {"GUESTS": Refusal("remove pve03", lambda lab: guests(lab, "pve03", "vm:100")), …}
    BREAKS = {"remove pve03": {0: Break(lambda lab: stopped(lab, "pve01", "sshd"), tells=left.NOT_SENT)}}

A finding is known by its constant in the action's module of refusals: by its template, not by what fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from types import ModuleType

from bot.action import Report
from bot.request import Progress, Request, State
from bot.text import Text
from bot.workflow import Answer
from tests.lab.lab import Lab
from tests.lab.running_changes import Changing, Moment, at, nothing, said

World = Callable[[Lab], AbstractContextManager[object]]


def as_it_is(_lab: Lab) -> AbstractContextManager[object]:
    """The nodes as they are found."""
    return nullcontext()


@dataclass(frozen=True)
class Refusal:
    """*line* is refused in *world*; *also*: other constants which that world brings with it."""

    line: str
    world: World = as_it_is
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Break:
    """A step that does not succeed: *fault* comes right before it is sent and goes when its end is known, or with
    *stays* when the bot is done. *tells*: what the report of what is left says, each anywhere in it.
    """

    fault: World
    state: State = State.FAILED
    tells: tuple[Text, ...] = ()
    stays: bool = False


def constants(*modules: ModuleType) -> dict[str, Text]:
    """The refusals of an action. Raise `ValueError` where two cannot be told apart."""
    found = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, Text)}
    if len({text.en for text in found.values()}) < len(found):
        raise ValueError("two refusals have the same words")
    return found


def gaps(refusals: Mapping[str, Text], *cases: Mapping[str, Refusal]) -> list[str]:
    """Empty cells, cells of nothing, and cells that are there twice."""
    names = [name for table in cases for name in table]
    return [
        *(f"{name} has no case" for name in refusals if name not in names),
        *(f"{name} is no refusal" for name in sorted({*names} - {*refusals})),
        *(f"{name} has two cases" for name in sorted({name for name in names if names.count(name) > 1})),
    ]


def gaps_of_steps(request: Request, breaks: Mapping[int, Break]) -> list[str]:
    """Steps of the plan without a case, and cases without a step."""
    steps = range(len(request.plan.steps))
    missing = [
        f"step {number} has no case: {request.plan.steps[number].argv}" for number in steps if number not in breaks
    ]
    return [*missing, *(f"there is no step {number}" for number in breaks if number not in steps)]


def names_of(answer: Answer, refusals: Mapping[str, Text]) -> set[str]:
    """Which constants forbid it; the words of a blocking finding that is none of them."""
    assert answer.report is not None, answer.refusal
    known = {text.en: name for name, text in refusals.items()}
    return {known.get(found.text.en, found.text.to("en")) for found in answer.report.findings if found.blocks}


def refuses(lab: Lab, bot: Changing, refusals: Mapping[str, Text], name: str, case: Refusal) -> Answer:
    """Assert that *case* is refused for *name* and for nothing that it does not announce."""
    with case.world(lab):
        answer = bot.ask(case.line)
    assert names_of(answer, refusals) == {name, *case.also}
    return answer


def breaks(lab: Lab, bot: Changing, line: str, number: int, case: Break) -> tuple[Request, Report]:
    """Assert that step *number* does not succeed, that those before it did, and that none after it was sent."""
    request = bot.file(line)
    bot.approve(request)
    with ExitStack() as world:
        ended = bot.run(request, at(number, lambda: world.enter_context(case.fault(lab))), _undo(number, world, case))
    progress = [step.progress for step in ended.steps]
    assert progress[:number] == [Progress.DONE] * number, said(ended)
    assert progress[number] not in {Progress.DONE, Progress.TODO}, said(ended)
    assert set(progress[number + 1 :]) <= {Progress.TODO}, said(ended)
    assert ended.state is case.state, said(ended)
    return ended, _telling(bot.reports[-1], case.tells)


def _undo(number: int, world: ExitStack, case: Break) -> Moment:
    return nothing if case.stays else at(number, world.close)


def _telling(report: Report, wanted: Iterable[Text]) -> Report:
    told = {text.en for text in (report.headline, *report.next, *(found.text for found in report.findings))}
    fixes = {found.fix.en for found in report.findings if found.fix}
    missing = [text.en for text in wanted if text.en not in told | fixes]
    assert not missing, (missing, report)
    return report
