"""Every read action on real nodes, in every way in which a cluster is broken: it answers, and says what it could not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from tests.lab import changes
from tests.lab.changes import Change
from tests.lab.conftest import READS, Bench


@dataclass(frozen=True)
class Broken:
    """*everywhere*: what each answer says, whatever was asked; *says*: by what was asked."""

    enter: Change
    leave: Change
    everywhere: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)


STOPPED = "pve03 answers, but corosync does not run there"
LOST = {
    "status": "pve03 gave no answer",
    "nodes": "2 of 3 nodes answered",
    "expected": "pve03 gave no answer",
    "qdevice": "pve03 gave no answer",
    "links": "No link reaches pve03, and it does not answer",
    "certs": "pve03: no answer",
    "corosync show": "pve03: no answer",
    "corosync lint": "pve03: no answer",
    "corosync log": "pve03: no answer",
}
CASES = {
    "a node off": Broken(changes.power_off("pve03"), changes.power_on("pve03"), ("pve03",), LOST),
    "no quorum": Broken(
        changes.power_off("pve02", "pve03"),
        changes.power_on("pve02", "pve03"),
        ("pve02", "pve03"),
        {
            **LOST,
            "status": "no quorum",
            "expected": "no quorum",
            "nodes": "1 of 3 nodes answered",
        },
    ),
    "a link cut": Broken(
        changes.cut_a_link,
        changes.mend,
        (),
        {
            "links": "Link 1 between pve01 and pve03 is down; another link carries the traffic",
            "corosync log": "a link to another node went down",
            "status": "3 of 3 votes",
            "nodes": "3 of 3 nodes answered",
        },
    ),
    "corosync stopped": Broken(
        changes.stop("corosync", "pve03"),
        changes.start("corosync", "pve03"),
        (),
        {
            "status": STOPPED,
            "expected": STOPPED,
            "qdevice": STOPPED,
            "links": "corosync does not run on pve03",
            "corosync show": "corosync does not run on pve03",
            "nodes": "3 of 3 nodes answered",
            "certs": "pve03",
        },
    ),
    "a host key changed": Broken(
        changes.new_host_key("pve03"),
        changes.old_host_key("pve03"),
        ("pve03", "SHA256:"),
        {"status": "pve03 is in the ring, but gave the bot no answer", "nodes": "2 of 3 nodes answered"},
    ),
    "a node that hangs": Broken(changes.freeze("pve03"), changes.thaw("pve03"), ("pve03",), LOST),
}


@pytest.fixture(scope="module", params=CASES)
def broken(request: pytest.FixtureRequest, bench: Bench) -> Iterator[tuple[Broken, Bench]]:
    """Broken once for all questions, with connections that were open before."""
    case = CASES[request.param]
    bench.ask("status")
    case.enter(bench.lab)
    try:
        _wait_until_noticed(request.param, bench)
        yield case, bench
    finally:
        case.leave(bench.lab)


def _wait_until_noticed(name: str, bench: Bench) -> None:
    lab = bench.lab
    if name in {"a node off", "corosync stopped", "a node that hangs"}:
        lab.wait_members(2, ["pve01", "pve02"])
    if name == "no quorum":
        lab.wait_members(1, ["pve01"], quorate=False)
    if name == "a link cut":
        lab.wait_for("pve01", "pve02", command="corosync-cfgtool -s | grep -q '3:.*disconnected'")
        lab.wait_for("pve03", command="test $(corosync-cfgtool -s | grep -c disconnected) = 2")


@pytest.mark.parametrize("line", READS)
def test_every_question_is_answered_by_those_who_can(broken: tuple[Broken, Bench], line: str) -> None:
    case, bench = broken
    told = bench.ask(line).lower()
    assert "did not understand" not in told
    assert [words for words in (*case.everywhere, case.says.get(line, "")) if words.lower() not in told] == []


@pytest.mark.parametrize("line", ["nodes pve03", "corosync log pve03"])
def test_a_question_to_the_broken_node_alone_says_why_it_has_no_answer(broken: tuple[Broken, Bench], line: str) -> None:
    case, bench = broken
    told = bench.ask(line)
    assert [words for words in case.everywhere if words.startswith("SHA256") and told.count(words) < 2] == []
    assert ("No node answered" in told) is bool(case.everywhere)
