"""The whole of the model is searched: the design holds in all of it, and each mistake of a real system is found.

Bounds: one request of one step, two workers, three ticks, two crashes, one reboot, three claims while somebody has the
run. About 80,000 states, a few seconds; beyond 500,000 the search gives up and the test fails.
"""

import pytest

from bot.request import State
from tests.model.search import NEVER_RAN, Found, search, stuck

# Each a habit of real systems, and the invariant that it breaks (see flow.py, workers.py, search.py).
MUTANTS = {
    "self": "I2",  # the requester's own vote counts
    "accounts": "I2",  # two accounts of one person are two people
    "slots": "I2",  # one member of two groups fills both places
    "flat": "I2",  # any one of the reviewers is enough
    "external": "I2",  # a person of another organisation votes
    "deactivated norevalidate": "I3",  # who had left before voting is counted
    "norevalidate": "I3",  # who left after voting is counted
    "norecheck": "I4",  # nobody looks whether the facts still hold
    "botrecheck": "I4",  # the bot looks, and acts in another step
    "late": "I5",  # a vote after the end
    "rmw": "I5",  # read, then write, instead of compare and set
    "noexpiry": "I6",  # an approval never grows stale
    "noledger": "I7",  # acts before it is written down
    "zombie": "I8",  # gives up a run without burning its ticket
    "reboot": "I8",  # the same, because the node has booted since
    "early": "I8",  # burns the ticket, but only after it has told
    "noticket": "I8",  # a ticket that does not stop a second start
    "guess": "I8",  # takes over a started step without asking the node
    "again": "I1",  # takes over a started step by starting it again
    "retry": "I9",  # puts a crashed run back in line
}


@pytest.fixture(scope="module")
def design() -> Found:
    return search()


def test_the_design_has_no_counterexample(design: Found) -> None:
    assert design.broken == "", " → ".join(map(str, design.path))


def test_from_every_state_an_end_can_be_reached(design: Found) -> None:
    assert stuck(design.states) == []


def test_a_run_that_nobody_takes_over_would_be_stuck() -> None:
    abandoned = frozenset({"abandon"})
    assert {flow.state for flow in stuck(search(abandoned).states, abandoned)} == {State.RUNNING}


def test_the_model_reaches_every_state_but_that_in_which_nobody_is_asked(design: Found) -> None:
    assert {flow.state for flow in design.states} == set(State) - {State.REFUSED}


def test_a_run_can_succeed_after_two_crashes_a_reboot_excepted(design: Found) -> None:
    assert any(flow.state is State.SUCCEEDED and flow.crashes == 2 for flow in design.states)
    assert not any(flow.runs for flow in design.states if flow.state in NEVER_RAN)


@pytest.mark.parametrize(("bugs", "invariant"), MUTANTS.items())
def test_each_mistake_is_found_by_the_invariant_it_breaks(bugs: str, invariant: str) -> None:
    found = search(frozenset(bugs.split()))
    assert found.broken == invariant, f"{bugs}: {found.broken or 'nothing found'}"
    assert found.path
