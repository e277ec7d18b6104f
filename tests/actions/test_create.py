"""/pve-cluster create NAME: what forbids it, what is approved, what guards it, and what is told afterwards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import propose
from bot.action import Finding, Level, Output, Report
from bot.actions import load_actions
from bot.actions.create import change, refusals
from bot.actions.create.check import check
from bot.actions.create.facts import Facts, further
from bot.actions.create.left import left
from bot.actions.create.refusals import CLOCK, CLUSTER_THERE, LEFTOVERS
from bot.command_line import parse
from bot.look import Look
from bot.names import ClusterName, NodeName
from bot.plan import Plan
from bot.policy import demand
from bot.text import Refused, Text, same
from tests.actions import lone_host as host
from tests.actions.lone_host import LINE, Said, args, look

NEW = NodeName("pve01")
ANSWER = "no answer"


def findings(more: Said | None = None, line: str = LINE) -> list[Finding]:
    return check(args(line), look(more, line))


def refused(more: Said | None = None, line: str = LINE) -> list[str]:
    return [found.text.to("en") for found in findings(more, line) if found.blocks]


def told(more: Said | None = None, line: str = LINE) -> list[str]:
    return [f"{found.level}: {found.text.to('en')}" for found in findings(more, line) if not found.blocks]


def planned(line: str = LINE, more: Said | None = None) -> Plan:
    command, name = parse(line, load_actions()), ClusterName("pve-prod")
    return propose.plan(command, name, line, look(more, line), demand(command, name, ()))


def test_hosts_that_stand_alone_on_good_networks_may_begin_a_cluster() -> None:
    assert refused() == []
    assert told() == [
        "note: Whether UDP 5405, 5406 passes cannot be seen before corosync runs at both ends",
        "note: The name pve-prod can never be changed, and must be the only one of its kind on the network",
    ]


FORBIDDEN: list[tuple[str, Said, str, str]] = [
    ("NO_SUCH_NODE", {}, "create pve-prod --node pve09", "This cluster has no node “pve09” in config.toml: it has"),
    ("SILENT", {("pve01", "*"): same("timed out")}, LINE, "pve01 does not answer: timed out"),
    ("NOT_KNOWN", {("pve01", host.ADDRESSES): same("timed out")}, LINE, "pve01 does not say which addresses it has"),
    ("NOT_KNOWN", {("pve01", host.LEFTOVERS): same("timed out")}, LINE, "pve01 does not say what it has left of a"),
    ("NOT_KNOWN", {("pve01", host.MEMBERS): same("timed out")}, LINE, "pve01 does not say whether it is in a cluster"),
    ("NOT_KNOWN", {("pve01", host.QUORUM): same("timed out")}, LINE, "pve01 does not say whether corosync runs"),
    ("NOT_KNOWN", {("pve01", host.WRITABLE): same("timed out")}, LINE, "pve01 does not say whether /etc/pve takes"),
    ("NOT_KNOWN", {("pve01", host.NAME): same("timed out")}, LINE, "pve01 does not say what its own host name means"),
    ("NOT_KNOWN", {("pve01", host.CLOCK): same("timed out")}, LINE, "pve01 does not say what time it is there"),
    ("OTHER_HOST", {("pve01", host.IDENTITY): host.identity("pve07")}, LINE, "The host that answers as pve01 is named"),
    ("MEMBER", host.created("old"), LINE, "pve01 is in the cluster old already"),
    (
        "LEFTOVERS",
        {("pve01", host.LEFTOVERS): host.leftovers(host.KEY)},
        LINE,
        "pve01 is in no cluster, but has left of",
    ),
    ("RUNNING", {("pve01", host.QUORUM): host.ring("10.0.1.11")}, LINE, "corosync runs on pve01, which is in no"),
    (
        "NOT_MOUNTED",
        {("pve01", host.MEMBERS): Output(NEW, 1, "", "cat: /etc/pve/.members: No such file or directory")},
        LINE,
        "/etc/pve is not mounted on pve01",
    ),
    ("READ_ONLY", {("pve01", host.WRITABLE): ""}, LINE, "/etc/pve takes no writes on pve01"),
    (
        "UNRESOLVED",
        {("pve01", host.NAME): Output(NEW, 1, "", "hostname: Name or service not known\n")},
        LINE,
        "pve01 does not know its own host name",
    ),
    ("NAME_ELSEWHERE", {("pve01", host.NAME): "127.0.1.1\n"}, LINE, "On pve01 its own host name means 127.0.1.1, and"),
    ("NAME_ELSEWHERE", {("pve01", host.NAME): "10.0.0.99\n"}, LINE, "On pve01 its own host name means 10.0.0.99, and"),
    ("NO_LINK0", {}, "create pve-prod --node pve01 --link1 10.0.1.11", "There is no link 0 among the links 1"),
    ("LOOPBACK", {}, "create pve-prod --node pve01 --link0 127.0.0.1", "Link 0 would be 127.0.0.1, which no other"),
    ("NOT_LOCAL", {}, "create pve-prod --node pve01 --link0 10.0.1.12", "Link 0 would be 10.0.1.12, which is no"),
    ("TWICE", {}, "create p --node pve01 --link0 10.0.1.11 --link1 10.0.1.11", "Links 0 and 1 would both be 10.0.1.11"),
    ("CLOCK", {("pve01", host.CLOCK): host.clock(-301)}, LINE, "The clock of pve01 is 301.0 s off the bot's"),
    (
        "CLUSTER_THERE",
        {("pve02", host.MEMBERS): host.members("pve02", "old")},
        LINE,
        "pve02, which is to be in the same cluster as pve01, is in the cluster old already",
    ),
    (
        "NAME_TAKEN",
        {("pve03", host.IDENTITY): host.identity("pve03", host.conf("pve-prod", "10.0.1.13"))},
        LINE,
        "There is a cluster pve-prod already: pve03 is in it",
    ),
]


@pytest.mark.parametrize(("name", "more", "line", "why"), FORBIDDEN)
def test_what_forbids_it(name: str, more: Said, line: str, why: str) -> None:
    (found,) = [one for one in findings(more, line) if one.blocks]
    assert found.text.to("en").startswith(why)
    assert found.text.en == getattr(refusals, name).en
    assert found.fix is not None
    assert found.fix.to("fr") != found.fix.to("en") or name == "NOT_LOCAL"


def test_every_refusal_is_among_these() -> None:
    assert {name for name, *_ in FORBIDDEN} == {n for n, value in vars(refusals).items() if isinstance(value, Text)}


def test_all_that_forbids_it_is_said_at_once() -> None:
    more: Said = {
        ("pve01", host.NAME): "127.0.1.1\n",
        ("pve01", host.CLOCK): host.clock(400),
        ("pve01", host.LEFTOVERS): host.leftovers(host.KEY),
        ("pve02", host.MEMBERS): host.members("pve02", "old"),
    }
    assert len(refused(more, "create pve-prod --node pve01 --link0 10.9.9.9 --link1 127.0.0.1")) == 6


@pytest.mark.parametrize(
    ("files", "fix"),
    [((host.KEY,), f"mv {host.KEY} {host.KEY}.old"), ((host.KEY, host.CONF), "/pve-cluster reset pve01")],
)
def test_what_is_left_of_a_cluster_is_put_away_as_it_can_be(files: tuple[str, ...], fix: str) -> None:
    found = next(
        one for one in findings({("pve01", host.LEFTOVERS): host.leftovers(*files)}) if one.text.en == LEFTOVERS.en
    )
    assert found.fix is not None
    assert fix in found.fix.to("en")


def test_a_node_comes_into_a_cluster_that_is_there_by_joining() -> None:
    found = next(
        one
        for one in findings({("pve02", host.MEMBERS): host.members("pve02", "old")})
        if one.text.en == CLUSTER_THERE.en
    )
    assert found.fix is not None
    assert found.fix.to("en").endswith("/pve-cluster join 10.0.0.12 --node pve01")


# Warnings and notes


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({("pve01", host.CLOCK): host.clock(1.1)}, "warning: The clock of pve01 is 1.1 s off that of the bot"),
        ({("pve02", host.CLOCK): host.clock(-30)}, "warning: The clock of pve02 is 30.0 s off that of pve01"),
        ({("pve03", "*"): same("no route")}, "warning: pve03 does not answer, so whether it can join later is unknown"),
        (
            {("pve02", host.PVE): host.package("pve-manager", "8.4.1")},
            "warning: The nodes do not have the same Proxmox VE: pve01, pve03: 9.1.4 · pve02: 8.4.1",
        ),
        (
            {("pve02", host.COROSYNC): host.package("corosync", "3.1.9-pve2")},
            "warning: The nodes do not have the same corosync: pve01, pve03: 3.1.10-pve3 · pve02: 3.1.9-pve2",
        ),
        (
            {("pve01", host.GUESTS): "/etc/pve/nodes/pve01/lxc/7.conf\n"},
            "note: pve01 has 1 guest: they stay and go on running",
        ),
        (
            {("pve02", host.ADDRESSES): host.interfaces(12).replace('"ens20", "mtu": 1500', '"ens20", "mtu": 9000')},
            "warning: The ends of link 1 do not have the same MTU: pve01: 1500 · pve02: 9000 · pve03: 1500",
        ),
    ],
)
def test_what_does_not_forbid_it_is_said(more: Said, what: str) -> None:
    assert refused(more) == []
    assert [one for one in told(more) if one.startswith(what)]


@pytest.mark.parametrize("offset_s", [-0.9, 0.0, 1.0])
def test_a_second_between_clocks_is_nothing(offset_s: float) -> None:
    assert not [one for one in told({("pve01", host.CLOCK): host.clock(offset_s)}) if "clock" in one]


@pytest.mark.parametrize(("offset_s", "forbids"), [(299, False), (-299, False), (302, True)])
def test_a_clock_forbids_from_where_no_node_could_join(offset_s: float, forbids: bool) -> None:  # noqa: FBT001 - a case
    found = findings({("pve01", host.CLOCK): host.clock(offset_s)})
    assert any(one.text.en == CLOCK.en for one in found) is forbids


@pytest.mark.parametrize(
    ("version", "is_old"),
    [
        ("3.1.9-pve2", True),
        ("3.1.10-pve2", True),
        ("3.1.10-pve3", False),
        ("3.2.0-pve1", False),
        ("3.1.7-1+deb12u1", True),
    ],
)
def test_a_corosync_by_which_one_node_can_hang_all_is_noted(version: str, is_old: bool) -> None:  # noqa: FBT001 - a case
    more = {(node, host.COROSYNC): host.package("corosync", version) for node in host.NODES}
    assert (
        any(one.startswith(f"note: pve01 has corosync {version}: before 3.1.10-pve3") for one in told(more)) is is_old
    )


def test_the_priority_that_pvecm_drops_is_said() -> None:
    line = "create p --node pve01 --link0 10.0.1.11,priority=0"
    assert "note: pvecm drops the priority 0 of link 0: it gets corosync's own, 1" in told(line=line)


@pytest.mark.parametrize(("name", "more", "line", "_why"), FORBIDDEN)
def test_every_finding_is_said_in_both_languages(name: str, more: Said, line: str, _why: str) -> None:
    for found in findings(more, line):
        assert found.text.to("en") != found.text.to("fr"), name


# What is approved


def test_the_plan_is_one_command_with_the_links_as_typed() -> None:
    (step,) = planned("create pve-prod --node pve01 --link0 10.0.1.11,priority=20 --link1 10.0.2.11").steps
    assert (step.on, step.argv) == (
        "pve01",
        ("pvecm", "create", "pve-prod", "--link0", "10.0.1.11,priority=20", "--link1", "10.0.2.11"),
    )
    assert step.marker == "Restart corosync and cluster filesystem"


def test_without_links_the_address_of_the_host_name_is_what_runs() -> None:
    assert planned("create pve-prod --node pve01").steps[0].argv[3:] == ("--link0", "10.0.0.11")


def test_votes_and_number_are_passed_on_and_counted() -> None:
    made = planned(f"{LINE} --votes 3 --nodeid 7")
    assert made.steps[0].argv[-4:] == ("--nodeid", "7", "--votes", "3")
    assert made.before is not None
    assert (made.before.present, made.before.quorate) == (0, False)
    assert made.after is not None
    assert (made.after.present, made.after.expected, made.after.needed, made.after.survives) == (3, 3, 2, 0)


def test_an_approval_rests_on_who_stands_alone_with_which_addresses() -> None:
    assert planned().rests_on == {
        "cluster": "",
        "config_version": 0,
        "node": "pve01",
        "addresses": {"0": "10.0.1.11", "1": "10.0.2.11"},
        "address_of_its_name": "10.0.0.11",
        "clusters_of_others": {},
    }
    assert planned().undo.to("en").endswith("/pve-cluster reset pve01")
    assert planned().risk == "destructive"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("create pve_prod --node pve01", "not a cluster name"),
        ("create much-too-long-name --node pve01", "15 characters at most"),
        ("create -p --node pve01", "no option"),
        ("create pve-prod", "NODE is missing"),
        ("create pve-prod --node pve01 --link0 pve01", "not an IP address"),
        ("create pve-prod --node pve01 --link8 10.0.1.11", "no option “--link8”"),
        ("create pve-prod --node pve01 --votes 0", "not a whole number from 1 on"),
        ("create pve-prod --node ../etc", "not a node name"),
    ],
)
def test_what_is_typed_wrong_is_refused_in_a_sentence(line: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(line, load_actions())


def test_the_old_names_of_links_are_taken_as_the_new_ones_and_said_so() -> None:
    """Row 3 of what notes have wrong: pvecm knows --ring0_addr no longer."""
    line = "create pve-prod --node pve01 --ring0_addr 10.0.1.11 --ring1_addr 10.0.2.11"
    assert planned(line).steps[0].argv == planned().steps[0].argv
    assert any(one.text.to("en").startswith("--ring0_addr was taken as --link0") for one in planned(line).findings)


# What notes have wrong


def test_the_dedicated_network_comes_first() -> None:
    line = "create pve-prod --node pve01 --link0 10.0.0.11 --link1 10.0.2.11"
    found = next(
        one for one in findings(line=line) if one.text.to("en").startswith("Corosync's traffic would go over link 0")
    )
    assert found.fix is not None
    assert "--link0 10.0.2.11 --link1 10.0.0.11" in found.fix.to("en")
    assert not [one for one in told(line=f"{line},priority=20") if "traffic would go over" in one], (
        "the higher one wins"
    )


@pytest.mark.parametrize(("latency_ms", "level"), [("3.9", None), ("5.0", "warning"), ("10.1", "bad")])
def test_latency_is_warned_of_from_5_ms_and_not_from_2(latency_ms: str, level: str | None) -> None:
    echoes = f"3 packets transmitted, 3 received, 0% packet loss|time={latency_ms} ms"
    away = {("pve01", host.PATHS): Output(NEW, 0, f"ping 10.0.1.12 56 0|{echoes}\nping 10.0.1.12 1472 0|{echoes}\n")}
    found = [one.partition(":")[0] for one in told(away) if "ms away" in one]
    assert found == ([level] if level else [])


def test_a_udp_port_is_said_to_be_invisible_and_the_api_port_is_tried() -> None:
    closed = {("pve02", host.PATHS): Output(NodeName("pve02"), 0, "tcp 10.0.0.11 8006 1|connect: Connection refused\n")}
    assert "warning: From pve02, TCP 8006 of pve01 (10.0.0.11) is closed" in told(closed)
    note = next(one for one in findings() if "UDP 5405, 5406" in one.text.to("en"))
    assert note.fix is not None
    assert "UDP 5405-5412" in note.fix.to("fr")
    assert "nc -zu" in note.fix.to("fr")


# What guards it


def judge(tmp_path: Path, changed: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of the guard, where the node's tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve01\n", 0),
        "ls": ("", 2),
        "cat": ('{\n"nodename": "pve01",\n"version": 0\n}\n', 0),
        "corosync-quorumtool": ("", 1),
        "ip": (host.interfaces(11), 0),
        **changed,
    }
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        lines = f'while IFS= read -r line || [ -n "$line" ]; do printf \'%s\\n\' "$line"; done <{tmp_path}/{name}.txt'
        tool.write_text(f"#!/bin/sh\n{lines}\nexit {code}\n")
        tool.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    guard = planned().steps[0].guard
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


def test_the_guard_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(tmp_path, {}) == (0, "")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve02\n", 0)}, "host name: pve02; approved: pve01"),
        ({"ls": ("/etc/corosync/authkey\n", 2)}, "left of a cluster: /etc/corosync/authkey"),
        ({"ls": ("", 127)}, ""),
        ({"cat": (host.members("pve01", "x"), 0)}, "it is in a cluster"),
        ({"cat": ("", 1)}, ""),
        ({"cat": ("", 0)}, "/etc/pve says nothing"),
        ({"corosync-quorumtool": ("", 0)}, "corosync runs"),
        ({"ip": (host.interfaces(12), 0)}, "address 10.0.1.11 is not here"),
        ({"ip": (host.interfaces(111), 0)}, "address 10.0.1.11 is not here"),
        ({"ip": (host.interfaces(11).replace("10.0.2.11", "10.0.2.12"), 0)}, "address 10.0.2.11 is not here"),
        ({"ip": ("", 1)}, "address 10.0.1.11 is not here"),
    ],
)
def test_the_guard_refuses_what_was_not_approved_and_says_why(
    tmp_path: Path, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, changed)
    assert (code != 0, said) == (True, why)


# What is told afterwards


def reported(more: Said) -> Report:
    return change.report(args(), look(), look(more))


def test_it_is_there_when_it_has_quorum_writes_and_the_links() -> None:
    report = reported(host.created())
    assert report.level is Level.GOOD
    assert report.data == {"created": True, "cluster": "pve-prod"}
    assert report.next[0].to("en") == "/pve-cluster join 10.0.0.11 --node …"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({}, "Nothing is left on pve01, it stands alone as before"),
        (host.created("other"), "pve01 is in the cluster other, which this request did not make"),
        (
            {**host.created(), ("pve01", host.MEMBERS): json.dumps({"nodename": "pve01", "version": 0})},
            "Half a cluster is left: pve01 has the corosync.conf of pve-prod, but its /etc/pve does not go by it",
        ),
        (
            {**host.created(), ("pve01", host.MEMBERS): host.members("pve01", "pve-prod", quorate=False)},
            "Half a cluster is left: pve01 is in the cluster pve-prod, but has no quorum",
        ),
        (
            {**host.created(), ("pve01", host.QUORUM): host.ring("10.0.1.11", quorate=False)},
            "Half a cluster is left: pve01 is in the cluster pve-prod, but has no quorum",
        ),
        (
            host.created("pve-prod", "10.0.9.9", "10.0.2.11"),
            "Half a cluster is left: The cluster pve-prod has not the links that were wanted: 10.0.9.9, 10.0.2.11",
        ),
        (
            {**host.created(), ("pve01", host.QUORUM): host.ring("10.0.9.9")},
            "Half a cluster is left: The cluster pve-prod has not the links that were wanted: 10.0.1.11, 10.0.2.11",
        ),
        (
            {**host.created(), ("pve01", host.WRITABLE): ""},
            "Half a cluster is left: The cluster pve-prod has quorum, but /etc/pve of pve01 takes no writes",
        ),
    ],
)
def test_it_is_not_there_before_all_of_that_is_seen(more: Said, what: str) -> None:
    """A foreign address ends with exit code 0, the marker and quorum all the same (seen)."""
    report = reported(more)
    assert report.level is Level.BAD
    assert report.headline.to("en").startswith(what)
    assert report.data["created"] is False


def test_no_answer_is_not_a_failure() -> None:
    assert reported({("pve01", "*"): same("timed out")}).level is Level.UNKNOWN


# What is left where it failed


def left_with(more: Said, line: str = LINE) -> Report:
    return left(args(line), look(), look(more), 0)


def shown(report: Report) -> list[str]:
    return [*(str(one.lines) for one in report.code), *(one.to("en") for one in report.next)]


HALF: Said = {**host.created(), ("pve01", host.QUORUM): Output(NEW, 1, "", "Cannot initialize CMAP service\n")}


@pytest.mark.parametrize(
    ("more", "headline", "next_"),
    [
        ({}, "Nothing is left on pve01", [f"/pve-cluster {LINE}"]),
        (
            {("pve01", host.LEFTOVERS): host.leftovers(host.KEY)},
            "pve01 has a key of corosync's, and no cluster",
            [f"mv {host.KEY} {host.KEY}.old", f"/pve-cluster {LINE}"],
        ),
        (
            host.created("old"),
            "pve01 is in the cluster old, which this request did not make",
            ["/pve-cluster status"],
        ),
        (
            HALF,
            "Half a cluster is left: pve01 is in the cluster pve-prod, but has no quorum",
            ["/pve-cluster reset pve01", f"/pve-cluster {LINE}"],
        ),
        (
            {
                **host.created(),
                ("pve01", host.MEMBERS): Output(NEW, 1, "", "cat: /etc/pve/.members: No such file or directory"),
                ("pve01", host.LEFTOVERS): host.leftovers(host.KEY, host.CONF),
            },
            f"/etc/pve is not mounted on pve01; there is: {host.KEY}, {host.CONF}",
            ["systemctl start pve-cluster", "/pve-cluster status"],
        ),
        (
            host.created(),
            "The step did not end as it should, but the cluster pve-prod is there",
            ["/pve-cluster status"],
        ),
    ],
)
def test_each_half_finished_state_is_named_with_the_next_safe_command(
    more: Said, headline: str, next_: list[str]
) -> None:
    report = left_with(more)
    assert report.headline.to("en").startswith(headline)
    assert report.level in {Level.BAD, Level.WARNING}
    assert shown(report) == next_


def test_of_a_node_that_says_nothing_nothing_is_guessed() -> None:
    assert left_with({("pve01", "*"): same("timed out")}).level is Level.UNKNOWN


def test_what_is_to_be_asked_again_is_what_was_asked() -> None:
    line = "create p --node pve01 --link0 10.0.1.11,priority=3 --nodeid 4 --votes 2"
    assert shown(left_with({}, line)) == [f"/pve-cluster {line}"]
    assert args(shown(left_with({}, line))[0]) == args(line)


# Looking


def test_the_future_members_are_asked_about_the_way_both_ways() -> None:
    asked: list[Any] = []

    class Asked(host.Hosts):
        def ask(self, calls: Any) -> Any:
            asked.extend(calls)
            return super().ask(calls)

    Look(Asked()).gather(Facts, partial(further, args()))
    ways = {call.node: call.argv[4:] for call in asked if call.argv[0] == host.PATHS}
    assert ways.keys() == set(host.NODES)
    assert ways[NodeName("pve03")][:6] == ("ping", "10.0.1.11", "56", "ping", "10.0.1.11", "1472")
    assert {word for word in ways[NEW] if word.startswith("10.")} == {
        *("10.0.1.12", "10.0.2.12", "10.0.1.13", "10.0.2.13"),
        *("10.0.0.12", "10.0.0.13"),
    }
