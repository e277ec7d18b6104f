"""`pvecm expected` on the simulated nodes, held to corosync's own rule as it was seen."""

import pytest

from bot.demo.cluster.expected import accepts, force, settled
from bot.demo.cluster.situation import QNETD, Layout, Power, Situation

THREE = Layout("pve-lab", ("pve01", "pve02", "pve03"), links=1, has_qdevice=False)
TWO_AND_QDEVICE = Layout("pve-lab", ("pve01", "pve02"), links=1)
FIVE = Layout("pve-lab", tuple(f"pve0{n}" for n in range(1, 6)), links=1, has_qdevice=False)


def without(layout: Layout, *off: str) -> Situation:
    now = Situation(layout)
    for host in off:
        now = now.with_power(host, Power.OFF)
    return now


@pytest.mark.parametrize(
    ("now", "accepted"),
    [
        (without(THREE), {3, 4, 5}),
        (without(THREE, "pve03"), {2, 3}),
        (without(THREE, "pve02", "pve03"), {1, 2, 3, 4, 5, 6, 7}),
        (without(TWO_AND_QDEVICE, "pve02"), {2, 3}),
        (without(FIVE, "pve03", "pve04", "pve05"), {2, 3, 4, 5, 6, 7}),
    ],
)
def test_it_accepts_what_real_corosync_accepted(now: Situation, accepted: set[int]) -> None:
    assert {n for n in range(8) if accepts(now, "pve01", n)} == accepted


def test_two_of_five_get_quorum_with_two_and_with_three_but_not_with_four() -> None:
    now = without(FIVE, "pve03", "pve04", "pve05")
    assert [force(now, "pve01", n).is_quorate("pve02") for n in (2, 3, 4)] == [True, True, False]


def test_the_number_climbs_as_nodes_return_and_is_the_files_again_at_the_end() -> None:
    now = force(without(THREE, "pve02", "pve03"), "pve01", 1)
    seen = [now.expected("pve01")]
    for node in ("pve02", "pve03"):
        now = settled(now.with_power(node, Power.ON))
        seen.append(now.expected(node))
    assert seen == [1, 2, 3]
    assert not now.forced


def test_the_vote_of_a_returning_qdevice_counts_too() -> None:
    now = force(without(TWO_AND_QDEVICE, "pve02", QNETD), "pve01", 1)
    assert settled(now.with_power(QNETD, Power.ON)).expected("pve01") == 2


def test_the_number_is_forgotten_when_corosync_ends() -> None:
    now = force(without(THREE, "pve02", "pve03"), "pve01", 1)
    for power in (Power.OFF, Power.ON):
        now = settled(now.with_power("pve01", power))
    assert not now.is_quorate("pve01")
