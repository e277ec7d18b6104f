"""The simulated nodes, held to what real corosync was recorded to say in the same situation."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.cluster.simulated import SimulatedCluster, pve_prod
from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation

DATA = Path(__file__).parent.parent / "data" / "corosync"
RECORDED = {
    (version, case): rows
    for version in ("3.1.7", "3.1.9")
    for case, rows in json.loads((DATA / f"tools-{version}.json").read_text(encoding="utf-8")).items()
}
TWO = Layout("pve-lab", ("pve01", "pve02"), links=1, version=2, qnetd="198.18.0.250")
THREE = Layout("pve-lab", ("pve01", "pve02", "pve03"), links=1, has_qdevice=False)
DUAL = Layout("pve-lab", THREE.nodes, links=2, has_qdevice=False)
FIVE = Layout("pve-lab", tuple(f"pve0{n}" for n in range(1, 6)), links=1, has_qdevice=False)
LAB = Layout("lab", DUAL.nodes, links=2, has_qdevice=False, prefix="10.88")
LAB_TWO = Layout("lab", TWO.nodes, links=2, version=4, prefix="10.88", qnetd="10.88.1.20")
CASES = {
    ("3.1.7", "healthy-3"): Situation(THREE),
    ("3.1.7", "healthy-5"): Situation(FIVE),
    ("3.1.7", "one-node-down"): Situation(FIVE).with_power("pve05", Power.OFF),
    ("3.1.7", "no-quorum"): Situation(FIVE)
    .with_power("pve03", Power.OFF)
    .with_power("pve04", Power.OFF)
    .with_power("pve05", Power.OFF),
    ("3.1.7", "corosync-stopped"): Situation(THREE).with_service("pve03", Service.COROSYNC, runs=False),
    ("3.1.7", "dual-link-healthy"): Situation(DUAL),
    ("3.1.7", "dual-link-one-link-down"): Situation(DUAL).with_link("pve02", 0, up=False),
    ("3.1.7", "dual-link-both-links-down"): Situation(DUAL)
    .with_link("pve02", 0, up=False)
    .with_link("pve02", 1, up=False),
    ("3.1.7", "two-node-qdevice-healthy"): Situation(TWO),
    ("3.1.7", "two-node-qdevice-qnetd-down"): Situation(TWO).with_power(QNETD, Power.OFF),
    ("3.1.7", "two-node-qdevice-node-down"): Situation(TWO).with_power("pve02", Power.OFF),
    ("3.1.7", "two-node-qdevice-node-and-qnetd-down"): Situation(TWO)
    .with_power("pve02", Power.OFF)
    .with_power(QNETD, Power.OFF),
    ("3.1.7", "two-node-qdevice-one-node-without-qdevice-daemon"): Situation(TWO).with_service(
        "pve02", Service.QDEVICE, runs=False
    ),
    ("3.1.9", "a-link-cut"): Situation(LAB).with_link("pve02", 1, up=False),
    ("3.1.9", "a-qdevice"): Situation(LAB_TWO),
    ("3.1.9", "no-qdevice"): Situation(LAB),
}


def normal(text: str) -> str:
    """Without what differs from run to run: dates and ring numbers."""
    return re.sub(r"(Date:|Ring ID:) .*", r"\1 …", text)


def rows() -> Iterator[object]:
    """What was recorded on nodes that were on."""
    for case, situation in CASES.items():
        for row in RECORDED[case]:
            if situation.power_of(row["node"]) is Power.ON:
                yield pytest.param(case, row, id=f"{case[1]}, {row['node']}, {row['command']}, {case[0]}")


@pytest.mark.parametrize(("case", "row"), tuple(rows()))
def test_it_says_what_real_corosync_said(case: tuple[str, str], row: dict[str, Any]) -> None:
    said = SimulatedCluster(CASES[case]).run(row["node"], tuple(row["command"].split()))
    assert (normal(said.stdout), said.exit) == (normal(row["stdout"]), row["exit"])
    assert said.stderr == row.get("stderr", said.stderr)


def test_every_recording_is_held_to() -> None:
    assert RECORDED.keys() == CASES.keys()


def test_the_first_screen_is_the_one_of_the_reference() -> None:
    now = pve_prod()
    assert (now.votes("pve01"), now.expected("pve01"), now.quorum("pve01")) == (4, 5, 3)
    assert now.is_quorate("pve01")


def test_the_vote_of_the_qdevice_goes_to_the_larger_side_and_on_a_tie_to_the_lowest_id() -> None:
    apart = Situation(Layout(links=1)).with_link("pve01", 0, up=False)
    assert not apart.qdevice_votes_for("pve01")
    assert apart.qdevice_votes_for("pve02")
    halves = Situation(TWO).with_link("pve02", 0, up=False)
    assert halves.qdevice_votes_for("pve01")
    assert not halves.is_quorate("pve02")


def test_one_cut_link_of_two_takes_nobody_out() -> None:
    assert Situation(DUAL).with_link("pve03", 1, up=False).members("pve03") == DUAL.nodes


def test_a_node_with_all_links_cut_is_alone() -> None:
    alone = Situation(DUAL).with_link("pve03", 0, up=False).with_link("pve03", 1, up=False)
    assert alone.members("pve03") == ("pve03",)
    assert not alone.is_quorate("pve03")
    assert alone.is_quorate("pve01")


def test_a_node_that_hangs_is_no_member() -> None:
    assert "pve02" not in Situation(THREE).with_power("pve02", Power.HANG).members("pve01")


@pytest.mark.parametrize(("host", "power"), [("pve09", "on"), ("pve01", "maybe")])
def test_what_is_not_there_cannot_be_switched(host: str, power: str) -> None:
    with pytest.raises(ValueError, match=r"pve09|maybe"):
        SimulatedCluster().power(host, power)


def test_wrappers_change_nothing_and_an_unknown_command_is_the_shells_error() -> None:
    cluster = SimulatedCluster()
    wrapped = ("sudo", "-n", "timeout", "-k", "2", "20", "env", "LC_ALL=C", "hostname")
    assert cluster.run("pve02", wrapped).stdout == "pve02\n"
    assert cluster.run("pve02", ("reboot",)).exit == 127
