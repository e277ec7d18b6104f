"""/pve-cluster nodes: what is alike stays quiet, what differs stands out."""

import json

from bot.action import Level, Report
from bot.actions.nodes import Args, Facts, on, report
from bot.cluster.clock import Clock
from bot.cluster.guests import Guests
from bot.cluster.versions import Booted, PveVersion
from bot.look import Look
from bot.names import NodeName
from bot.text import Text
from tests.recorded import RecordedNodes

NAMES = ("pve01", "pve02", "pve03")
VERSION, BOOTED, CLOCK = (" ".join(fact.ARGV) for fact in (PveVersion, Booted, Clock))
IDS = json.dumps({"version": 1, "ids": {"100": {"node": "pve01"}, "101": {"node": "pve01"}}})
STATES = "pve-vm-9.0/100:600:web:running:0:1767268800:2\npve-vm-9.0/101:0:db:stopped:0:1767268800:2\n"


def package(version: str) -> str:
    return f"Package: pve-manager\nStatus: install ok installed\nVersion: {version}\n"


SAID: dict[str, str] = {
    VERSION: package("9.1.1"),
    "corosync -v": "Corosync Cluster Engine, version '3.1.9'\n",
    BOOTED: "90061.10 1.00\n6.17.2-1-pve\n",
    " ".join(Guests.ARGV): f"==> /etc/pve/.vmlist <==\n{IDS}\n\n==> /etc/pve/.rrd <==\n{STATES}",
    CLOCK: "0.000000000\n",
}


def asked(args: Args | None = None, **changed: dict[str, str | Text]) -> Report:
    said: dict[tuple[str, str], str | Text] = {(n, c): text for n in NAMES for c, text in SAID.items()}
    said |= {(node, command): text for node, texts in changed.items() for command, text in texts.items()}
    args = args or Args()
    facts = Look(RecordedNodes("healthy-3", said), on=on(args)).gather(Facts)
    return report(args, facts, facts)


def told(seen: Report) -> str:
    return "\n".join(finding.text.to("en") for finding in seen.findings)


def test_equal_nodes_are_good_news_without_findings() -> None:
    seen = asked()
    assert (seen.level, seen.findings) == (Level.GOOD, ())
    row = ("pve01", "9.1.1", "3.1.9", "1 d 1 h", "1/2", "1", "+0.000 s ± 0 ms")
    assert seen.tables[0].rows[0] == row


def test_one_node_can_be_asked_alone() -> None:
    assert [row[0] for row in asked(Args(NodeName("pve02"))).tables[0].rows] == ["pve02"]


def test_a_different_version_stands_out() -> None:
    seen = asked(pve03={VERSION: package("8.4.0")})
    assert told(seen) == "The Proxmox VE version differs: pve01, pve02: 9.1.1 · pve03: 8.4.0"
    assert seen.level is Level.WARNING


def test_a_clock_that_is_off_stands_out() -> None:
    seen = asked(pve02={CLOCK: "2.500000000\n"})
    assert told(seen) == "The clock of pve02 is off by +2.500 s ± 0 ms against the bot's"


def test_a_node_that_just_started_is_noted() -> None:
    assert told(asked(pve02={BOOTED: "61.00 1.00\n6.17.2-1-pve\n"})) == "pve02 started only 0 h 01 min ago"


def test_a_node_that_says_nothing_keeps_its_row_and_its_reason() -> None:
    why = Text(en="no route to host", fr="hôte injoignable")
    seen = asked(pve02=dict.fromkeys((*SAID, "cat /etc/pve/.members"), why))
    assert seen.tables[0].rows[1][0] == "pve02"
    assert told(seen) == "pve02 gave no answer: no route to host"


def test_garbage_is_named_with_its_line() -> None:
    said = told(asked(pve02={VERSION: "<html>"}))
    assert said.startswith("pve02 left something unsaid: ")
    assert "line 1: '<html>'" in said
