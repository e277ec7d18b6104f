"""create NAME on real systemd, sshd and corosync: everything that forbids it, each way to fail, then a cluster of two links."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from bot.act import Deed
from bot.action import Level, Report
from bot.actions.create import refusals
from bot.actions.create.change import MARKER
from bot.config import load
from bot.request import Progress, Request, State
from tests.lab import bad_cables, create_cases, faults, matrix
from tests.lab.conftest import TOKEN_MS, config_file
from tests.lab.create_cases import BREAKS, FIRST, LINE, LINKS, OTHER, REFUSALS, run
from tests.lab.kernel import SYSTEM_PATH
from tests.lab.lab import Lab, lab_up
from tests.lab.network import connector
from tests.lab.running_changes import Changing, changing, require, said

needs_ping = pytest.mark.skipif(
    shutil.which("ping", path=SYSTEM_PATH) is None, reason="not installed: ping (Debian package: iputils-ping)"
)
CONSTANTS = matrix.constants(refusals)


@dataclass(frozen=True)
class Empty:
    """Three empty nodes that stand alone."""

    lab: Lab
    bot: Changing

    def told(self, line: str = f"{LINE} --dry-run") -> list[str]:
        report = self.bot.ask(line).report
        assert report is not None
        return [f"{found.level}: {found.text.to('en')}" for found in report.findings]


@pytest.fixture(scope="module")
def hosts() -> Iterator[Lab]:
    with lab_up(3, links=2, standalone=True, token=TOKEN_MS, name="bot-create") as lab:
        yield lab


@pytest.fixture(scope="module")
def bot(hosts: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    with changing(load(config_file(hosts, tmp_path_factory.mktemp("bot"))), connector(hosts)) as parts:
        yield parts


@pytest.fixture
def empty(hosts: Lab, bot: Changing) -> Empty:
    if run(hosts, FIRST, "ls /etc/corosync") != "uidgid.d\n":
        create_cases.separate(hosts, FIRST)
    hosts.wait_for(*hosts.members, command=create_cases.ALONE)
    bot.ask("status")  # so that connections stand, as they do in a bot that runs
    return Empty(hosts, bot)


def test_nothing_that_forbids_it_is_without_a_case() -> None:
    assert matrix.gaps(CONSTANTS, REFUSALS) == []


@pytest.mark.parametrize("name", REFUSALS)
def test_what_forbids_it(empty: Empty, name: str) -> None:
    matrix.refuses(empty.lab, empty.bot, CONSTANTS, name, REFUSALS[name])


def test_all_that_forbids_it_is_said_at_once(empty: Empty) -> None:
    with faults.authkey_left(empty.lab, FIRST), faults.name_unknown(empty.lab, FIRST):
        found = empty.bot.ask(f"create new --node {FIRST} --link0 10.77.9.9 --link1 127.0.0.1")
    assert matrix.names_of(found, CONSTANTS) == {"LEFTOVERS", "UNRESOLVED", "NOT_LOCAL", "LOOPBACK"}


# What is seen of the networks


@needs_ping
def test_empty_nodes_on_two_good_networks_give_nothing_to_warn_of(empty: Empty) -> None:
    assert [text for text in empty.told() if not text.startswith("note: ")] == []
    assert "note: Whether UDP 5405, 5406 passes cannot be seen before corosync runs at both ends" in empty.told()


@needs_ping
def test_a_slow_network_is_warned_of_from_5_ms_on(empty: Empty) -> None:
    empty.told()
    with bad_cables.slow(empty.lab, OTHER, "link1", 3):
        found = [text for text in empty.told() if "ms away" in text]
    assert len(found) == 2
    assert all(text.startswith("warning: On link 1, ") and "5 is the limit" in text for text in found)


@needs_ping
def test_a_narrow_network_is_found_by_its_large_packets_alone(empty: Empty) -> None:
    with bad_cables.narrow(empty.lab, OTHER, "link0", 1400):
        assert f"warning: On link 0, small packets from {FIRST} reach {OTHER}, but none with 1472 bytes" in "".join(
            empty.told()
        )


def test_ends_with_different_mtu_are_named(empty: Empty) -> None:
    with bad_cables.other_mtu(empty.lab, OTHER, "link1", 1400):
        assert [text for text in empty.told() if "MTU" in text] == [
            f"warning: The ends of link 1 do not have the same MTU: {FIRST}: 1500 · {OTHER}: 1400 · pve03: 1500"
        ]


def test_a_closed_api_port_is_named(empty: Empty) -> None:
    with faults.port_closed(empty.lab, FIRST, 8006, OTHER):
        assert [text for text in empty.told() if "8006" in text] == [
            f"warning: From {OTHER}, TCP 8006 of {FIRST} (10.77.0.11) is silent, as behind a firewall"
        ]


def test_the_management_network_first_is_turned_round(empty: Empty) -> None:
    report = empty.bot.ask(f"create new --node {FIRST} --link0 10.77.0.11 --link1 10.77.2.11 --dry-run").report
    assert report is not None
    fixes = [found.fix.to("en") for found in report.findings if found.fix]
    assert [fix for fix in fixes if "--link0 10.77.2.11 --link1 10.77.0.11" in fix]


def test_a_version_and_a_clock_that_differ_a_little_warn(empty: Empty) -> None:
    with faults.pve_version(empty.lab, OTHER, "8.4.1"), faults.clock_off(empty.lab, OTHER, 30):
        found = empty.told()
    assert [text for text in found if text.startswith("warning: The nodes do not have the same Proxmox VE")]
    assert [text for text in found if text.startswith(f"warning: The clock of {OTHER} is ")]


# What becomes of its one step


def test_the_plan_has_one_step_and_each_way_to_fail_a_case(empty: Empty) -> None:
    assert matrix.gaps_of_steps(empty.bot.file(LINE), {0: next(iter(BREAKS.values()))}) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_step_that_fails_says_what_is_left(empty: Empty, name: str) -> None:
    ended, report = matrix.breaks(empty.lab, empty.bot, LINE, 0, BREAKS[name])
    assert report.level is not Level.GOOD, said(ended)


def test_a_command_that_seems_to_succeed_is_not_believed(empty: Empty) -> None:
    """It exits with 0 and has printed its last line, and corosync does not run. `reset` is what takes it away."""
    with create_cases.without_corosync(empty.lab):
        ended = empty.bot.change(LINE)
    require(ended, State.FAILED)
    assert ended.steps[0].progress is Progress.DONE
    assert MARKER in said(ended)
    report = empty.bot.reports[-1]
    assert report.headline.to("en").startswith("Half a cluster is left: pve01 has the corosync.conf of new")
    assert [one.to("en") for one in report.next] == [f"/pve-cluster reset {FIRST}", f"/pve-cluster {LINE}"]
    require(empty.bot.change(f"reset {FIRST}"), State.SUCCEEDED)
    assert not empty.bot.ask(f"{LINE} --dry-run").blocked


def test_where_pmxcfs_does_not_come_back_the_way_to_it_is_told(empty: Empty) -> None:
    with create_cases.without_pmxcfs(empty.lab):
        require(empty.bot.change(LINE), State.FAILED)
        report = empty.bot.reports[-1]
    assert report.headline.to("en").startswith(
        "/etc/pve is not mounted on pve01; there is: /etc/corosync/authkey, /etc/"
    )
    assert [one.lines for one in report.code] == ["systemctl start pve-cluster"]


def test_a_connection_that_is_lost_in_mid_step_changes_nothing(empty: Empty) -> None:
    request = approved(empty)
    with ExitStack() as world:
        away = create_cases.in_mid_step(empty.lab, lambda: create_cases.sshd_is_away(empty.lab))
        ended = empty.bot.run(request, lambda _number: world.enter_context(away))
    require(ended, State.SUCCEEDED)


def test_a_node_whose_power_fails_in_mid_step_is_for_people_to_judge(empty: Empty) -> None:
    """What was begun is seen afterwards: there is nothing, and it can be asked again."""
    request = approved(empty)
    with ExitStack() as world:
        cut = create_cases.in_mid_step(empty.lab, lambda: create_cases.power_fails(empty.lab))
        ended = empty.bot.run(request, lambda _number: world.enter_context(cut))
    require(ended, State.INDETERMINATE)
    empty.bot.settle(ended, Deed.DID_NOT)
    require(empty.bot.now(ended), State.RECONCILED)
    empty.lab.wait_for(FIRST, command=create_cases.ALONE)
    assert not empty.bot.ask(f"{LINE} --dry-run").blocked


def test_a_dry_run_asks_nobody_and_changes_nothing(empty: Empty) -> None:
    answer = empty.bot.ask(f"{LINE} --dry-run")
    assert answer.proposal is None
    assert answer.report is not None
    assert answer.report.data["steps"] == [{"on": FIRST, "argv": ["pvecm", "create", "new", *LINKS.split()]}]
    assert run(empty.lab, FIRST, "ls /etc/corosync") == "uidgid.d\n"


def test_a_cluster_that_appears_after_the_approval_supersedes_it(empty: Empty) -> None:
    request = approved(empty)
    with create_cases.in_cluster(empty.lab, OTHER, "old"):
        require(empty.bot.run(request), State.SUPERSEDED)


def test_a_cluster_of_two_links_is_created_and_taken_away_again(empty: Empty) -> None:
    """Its guests stay; it is undone as the plan says, once they are gone; and made again, with a priority and votes."""
    empty.lab.guests(FIRST, "vm:100")
    ended = empty.bot.change(LINE)
    require(ended, State.SUCCEEDED)
    assert MARKER in said(ended)
    good(empty.bot.reports[-1], "10.77.1.11, 10.77.2.11")
    conf = run(empty.lab, FIRST, "touch /etc/pve/priv/probe; rm /etc/pve/priv/probe; cat /etc/pve/corosync.conf")
    assert "cluster_name: new" in conf
    assert "ring0_addr: 10.77.1.11" in conf
    assert "ring1_addr: 10.77.2.11" in conf
    assert run(empty.lab, FIRST, "ls /etc/pve/qemu-server") == "100.conf\n"
    empty.lab.guests(FIRST)
    require(empty.bot.change(f"reset {FIRST}"), State.SUCCEEDED)
    again = (
        f"create other --node {FIRST} --link0 10.77.2.11,priority=20 --link1 address=10.77.0.11 --votes 2 --nodeid 5"
    )
    require(empty.bot.change(again), State.SUCCEEDED)
    good(empty.bot.reports[-1], "10.77.2.11,priority=20, address=10.77.0.11")
    conf = run(empty.lab, FIRST, "cat /etc/pve/corosync.conf")
    assert "knet_link_priority: 20" in conf
    assert "quorum_votes: 2" in conf
    assert "nodeid: 5" in conf


def test_without_links_the_address_of_the_host_name_is_meant_and_shown(empty: Empty) -> None:
    ended = empty.bot.change(f"create alone --node {FIRST}")
    require(ended, State.SUCCEEDED)
    assert ended.plan.steps[0].argv == ("pvecm", "create", "alone", "--link0", "10.77.0.11")


def approved(empty: Empty) -> Request:
    request = empty.bot.file(LINE)
    empty.bot.approve(request)
    return request


def good(report: Report, links: str) -> None:
    assert report.level is Level.GOOD, report
    assert report.headline.to("en").endswith(f"has the links {links}")
