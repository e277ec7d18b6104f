"""/pve-cluster create NAME: what is told afterwards, and what is left where it failed."""

from __future__ import annotations

import json

import pytest

from bot.action import Level, Output, Report
from bot.actions.create import change
from bot.actions.create.left import left
from bot.names import NodeName
from bot.text import same
from tests.actions import lone_host as host
from tests.actions.lone_host import LINE, Said, args, look

NEW = NodeName("pve01")


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
