"""The simulated nodes, held to what real corosync was recorded to say in the same situation."""

import json
import re
from pathlib import Path

import pytest

from bot.demo.cluster.simulated import SimulatedCluster, pve_prod
from bot.demo.cluster.situation import QNETD, Layout, Power, Situation

DATA = Path(__file__).parent.parent / "data" / "corosync" / "tools-3.1.7.json"
SITUATIONS = json.loads(DATA.read_text(encoding="utf-8"))
TWO = Layout("pve-lab", ("pve01", "pve02"), links=1, version=2)
THREE = Layout("pve-lab", ("pve01", "pve02", "pve03"), links=1, has_qdevice=False)
DUAL = Layout("pve-lab", THREE.nodes, links=2, has_qdevice=False)
FIVE = Layout("pve-lab", tuple(f"pve0{n}" for n in range(1, 6)), links=1, has_qdevice=False)
CASES = {
    "healthy-3": Situation(THREE),
    "healthy-5": Situation(FIVE),
    "one-node-down": Situation(FIVE).with_power("pve05", Power.OFF),
    "dual-link-healthy": Situation(DUAL),
    "two-node-qdevice-healthy": Situation(TWO),
    "two-node-qdevice-qnetd-down": Situation(TWO).with_power(QNETD, Power.OFF),
    "two-node-qdevice-node-down": Situation(TWO).with_power("pve02", Power.OFF),
    "two-node-qdevice-node-and-qnetd-down": Situation(TWO).with_power("pve02", Power.OFF).with_power(QNETD, Power.OFF),
}
COMMANDS = (
    "corosync-quorumtool -siH",
    "corosync-quorumtool -s",
    "corosync-quorumtool -l",
    "corosync-cfgtool -s",
    "corosync-cfgtool -n",
)


def normal(text: str) -> str:
    """Without what differs from run to run: dates and ring numbers."""
    return re.sub(r"(Date:|Ring ID:) .*", r"\1 …", text)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", CASES)
def test_it_says_what_real_corosync_said(case: str, command: str) -> None:
    cluster = SimulatedCluster(CASES[case])
    recorded = [
        row for row in SITUATIONS[case] if row["command"] == command and row["node"] in CASES[case].layout.nodes
    ]
    recorded = [row for row in recorded if CASES[case].power_of(row["node"]) is Power.ON]
    assert recorded
    for row in recorded:
        said = cluster.run(row["node"], tuple(command.split()))
        assert (normal(said.stdout), said.exit) == (normal(row["stdout"]), row["exit"])


def test_the_first_screen_is_the_one_of_the_reference() -> None:
    now = pve_prod()
    assert (now.votes("pve01"), now.layout.expected, now.layout.quorum) == (4, 5, 3)
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
