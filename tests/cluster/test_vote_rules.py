"""The vote arithmetic, held against what real corosync accepted and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cluster.quorum import Member, QdeviceVotes, View
from bot.cluster.vote_rules import outcome, outcomes, proposal, quorum_of, survived_failures, survives


def view(*votes: int, expected: int, qdevice: int = 0) -> View:
    members = tuple(Member(i, v, f"10.0.0.{i}") for i, v in enumerate(votes, 1))
    total, needed = sum(votes) + qdevice, quorum_of(expected)
    device = QdeviceVotes(qdevice, qdevice) if qdevice else None
    return View(total >= needed, "1.1", 1, expected, expected, total, needed, (), members, device)


# (votes present, expected, QDevice votes) → accepted, refused: seen on real corosync
SEEN = [
    ((1, 1, 1), 3, 0, (3, 4, 5), (1, 2, 6, 9)),
    ((1, 1), 3, 0, (2, 3), (1,)),
    ((1,), 3, 0, (1, 2, 3), ()),
    ((1,), 3, 1, (2, 3), (1,)),
    ((1, 1), 5, 0, (2, 4), (1,)),
]


@pytest.mark.parametrize(("votes", "expected", "qdevice", "accepted", "refused"), SEEN)
def test_the_rule_says_what_corosync_did(votes, expected, qdevice, accepted, refused) -> None:
    seen = view(*votes, expected=expected, qdevice=qdevice)
    assert [n for n in accepted if not outcome(seen, n).accepted] == []
    assert [n for n in refused if outcome(seen, n).accepted] == []


def test_one_of_three_becomes_quorate_by_1_only() -> None:
    assert [n for n in (1, 2, 3) if outcome(view(1, expected=3), n).quorate] == [1]


def test_the_proposal_is_the_votes_present_and_none_with_quorum() -> None:
    assert proposal(view(1, 1, expected=5)) == 2
    assert proposal(view(1, 1, 1, expected=5)) is None


@pytest.mark.parametrize(
    ("seen", "failures"),
    [
        (view(1, 1, 1, expected=3), 1),
        (view(1, 1, 1, 1, expected=4), 1),
        (view(1, 1, 1, 1, 1, expected=5), 2),
        (view(1, 1, expected=2), 0),
        (view(1, 1, expected=3, qdevice=1), 1),
        (view(1, 1, 1, expected=5, qdevice=1), 1),
        (view(1, 1, 1, 1, expected=5, qdevice=1), 2),
        (view(1, 1, 1, expected=5, qdevice=2), 1),  # lms: the QDevice weighs two, node + node is too much
        (view(3, 1, 1, expected=5), 0),  # the heavy one alone carries it
        (view(1, expected=3), 0),
    ],
)
def test_further_failures_are_counted_with_the_heaviest_first(seen: View, failures: int) -> None:
    assert survived_failures(seen) == failures


@given(st.lists(st.integers(1, 5), max_size=8), st.integers(1, 20))
def test_any_choice_of_that_many_voters_may_fail(votes: list[int], needed: int) -> None:
    count = survives(votes, needed)
    worst = sorted(votes)[: len(votes) - count]
    assert count == 0 or sum(worst) >= needed
    assert count == len(votes) or sum(sorted(votes)[: len(votes) - count - 1]) < needed


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.integers(1, 20))
def test_the_proposal_is_always_accepted_and_brings_the_quorum(votes: list[int], expected: int) -> None:
    seen = view(*votes, expected=expected)
    n = proposal(seen)
    assert n is None or (outcome(seen, n).accepted and outcome(seen, n).quorate)


@given(st.integers(1, 2**32), st.integers(1, 2**32))
def test_the_table_of_a_cluster_with_absurd_votes_is_short_and_holds_the_votes_present(
    votes: int, expected: int
) -> None:
    shown = [each.n for each in outcomes(view(votes, expected=expected))]
    assert len(shown) <= 401
    assert votes in shown
