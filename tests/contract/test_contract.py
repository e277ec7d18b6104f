"""One suite over simulated and real nodes: each fact of the bot, in each situation, as real nodes were recorded to say it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.demo.cluster.situation import Layout
from bot.look import Nodes
from tests.contract import worlds
from tests.contract.agreed import ANSWERS, Plain, ask, facts, load
from tests.contract.situations import CASES, PAIR, THREE
from tests.lab.lab import Lab
from tests.lab.requirements import why_not

RECORDED = load(ANSWERS)
SETTLE_S = 30  # qnetd counts its clients' silence for some seconds, and a log is written behind


@dataclass(frozen=True)
class Answers:
    """What all nodes of one world said in one situation, by fact and node."""

    case: str
    said: dict[str, dict[str, Plain]]


@pytest.fixture(scope="module")
def labs() -> Iterator[dict[Layout, Lab]]:
    """Each layout booted once; a situation brings its lab into a state and back."""
    if reason := why_not():
        pytest.skip(f"the lab cannot run here: {reason}")
    with Lab("contract-three") as three, Lab("contract-pair") as pair:
        worlds.boot(three, THREE)
        worlds.boot(pair, PAIR)
        yield {THREE: three, PAIR: pair}


def _worlds() -> Iterator[object]:
    for name in CASES:
        yield pytest.param((name, "simulated"), id=f"{name}, simulated")
    for name in CASES:
        yield pytest.param((name, "real"), id=f"{name}, real", marks=pytest.mark.lab)


@pytest.fixture(scope="module", params=_worlds())
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    name, world = request.param
    case = CASES[name]
    if world == "simulated":
        with worlds.simulated(case.simulated, tmp_path_factory.mktemp("simulated")) as nodes:
            yield Answers(name, ask(nodes))
        return
    lab = request.getfixturevalue("labs")[case.simulated.layout]
    case.enter(lab)
    try:
        with worlds.real(lab) as nodes:
            yield Answers(name, _settled(nodes, RECORDED[name]))
    finally:
        case.leave(lab)


def _settled(nodes: Nodes, expected: Plain) -> dict[str, dict[str, Plain]]:
    """As soon as it is what is expected, else what it still is after a while."""
    end = time.monotonic() + SETTLE_S
    while (said := ask(nodes)) != expected and time.monotonic() < end:
        pass
    return said


@pytest.mark.parametrize("fact", facts())
def test_every_node_answers_as_recorded(answers: Answers, fact: str) -> None:
    assert answers.said[fact] == RECORDED[answers.case][fact]


@pytest.mark.parametrize("case", CASES)
def test_the_recording_has_every_fact_of_every_node(case: str) -> None:
    recorded = RECORDED[case]
    assert set(recorded) == set(facts())
    assert {frozenset(nodes) for nodes in recorded.values()} == {frozenset(CASES[case].simulated.layout.nodes)}
