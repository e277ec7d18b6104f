"""/pve-cluster expected N: what is approved, what guards it on the node, and what is told when it is done."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot import propose
from bot.action import Finding, Level, Votes
from bot.actions import load_actions
from bot.actions.expected import ACTION, change
from bot.actions.expected.facts import Args, Facts
from bot.command_line import parse
from bot.demand_words import groups
from bot.look import Look
from bot.names import ClusterName, Number
from bot.policy import demand
from bot.text import same
from tests.actions.two_of_five import CONF, GONE, IDS, SILENT, VIEW, look, planned
from tests.recorded import RecordedNodes, members, stopped

# What is approved


CONF_LINE = "cat /etc/pve/corosync.conf | sed -n 's/[[:space:]]*$//; s/^[[:space:]]*%s:[[:space:]]*//p' | tail -n 1"
GUARD = rf"""set -eu
is() {{ [ "$2" = "$3" ] || {{ echo "$1: $2; approved: $3" >&2; exit 1; }}; }}
is 'host name' "$(hostname | cut -d. -f1)" pve01
is cluster "$({CONF_LINE % "cluster_name"})" pve-lab
is 'version of corosync.conf' "$({CONF_LINE % "config_version"})" 1
said=$(corosync-quorumtool -siH) || [ "$?" -eq 2 ]
is quorate "$(printf '%s\n' "$said" | sed -n 's/^Quorate: *//p')" No
is 'votes present' "$(printf '%s\n' "$said" | sed -n 's/^Total votes: *//p')" 2
is 'votes expected' "$(printf '%s\n' "$said" | sed -n 's/^Expected votes: *//p')" 5
is ring "$(printf '%s\n' "$said" | sed -n 's/^ *\(0x[0-9a-f]*\) .*/\1/p' | grep -v 0x00000000 | sort | xargs echo)" '0x00000001 0x00000002'
"""


def test_the_plan_is_one_command_under_a_guard_that_names_the_approved_facts() -> None:
    made = planned("expected 2", look())
    (step,) = made.steps
    assert (step.on, step.argv, step.timeout_s) == ("pve01", ("pvecm", "expected", "2"), 30)
    assert step.guard == GUARD


def test_an_approval_rests_on_the_ring_the_votes_and_who_is_missing_how() -> None:
    made = planned("expected 2", look({**SILENT, **stopped("pve05")}))
    assert made.rests_on == {
        "cluster": made.rests_on["cluster"],
        "config_version": made.rests_on["config_version"],
        "ring": [1, 2],
        "votes": 2,
        "expected": 5,
        "quorate": False,
        "absent": {"pve03": "silent", "pve04": "silent", "pve05": "stopped"},
    }
    assert made.rests_on["cluster"]
    assert isinstance(made.rests_on["config_version"], int)


def test_the_votes_before_and_after_are_corosyncs_own() -> None:
    made = planned("expected 2", look())
    assert (made.before, made.after) == (
        Votes(present=2, expected=5, needed=3, quorate=False, survives=0),
        Votes(present=2, expected=2, needed=2, quorate=True, survives=0),
    )


def test_who_approves_types_the_cluster_and_says_how_they_know_of_the_silent_ones_only() -> None:
    made = planned("expected 2", look({**SILENT, **stopped("pve05")}))
    assert made.confirm == made.rests_on["cluster"]
    assert made.statement is not None
    assert (made.statement.to("en"), made.statement.to("fr")) == (
        "How do you know that these are off: pve03, pve04?",
        "Comment savez-vous que ceux-ci sont éteints : pve03, pve04 ?",
    )
    assert planned("expected 2", look({**SILENT, **stopped(*GONE)})).statement is None


def test_a_node_with_corosync_stopped_is_held_while_it_runs_and_let_go_afterwards() -> None:
    made = planned("expected 2", look({**SILENT, **stopped("pve05")}))
    assert [(step.on, step.argv) for step in made.steps] == [
        ("pve05", ("systemctl", "mask", "--runtime", "corosync")),
        ("pve01", ("pvecm", "expected", "2")),
        ("pve05", ("systemctl", "unmask", "--runtime", "corosync")),
    ]
    assert "corosync runs" in made.steps[0].guard
    assert "on each of pve05: systemctl unmask --runtime corosync" in made.undo.to("en")
    assert "unmask" not in planned("expected 2", look()).undo.to("en")


def test_a_dry_run_shows_the_plan_and_what_it_would_need_and_asks_nobody() -> None:
    made = planned("expected 2 --dry-run", look())
    command = parse("expected 2 --dry-run", load_actions())
    assert command.dry_run
    shown = propose.dry_run(made, groups(demand(command, ClusterName("pve-lab"), ())))
    assert shown.headline.to("en").startswith("Dry run, nothing was asked: Set the expected votes of")
    assert shown.data["steps"] == [{"on": "pve01", "argv": ["pvecm", "expected", "2"]}]


# The guard, run by a real shell on a node's recorded answers


def judge(facts: Facts, tmp_path: Path, **files: Any) -> tuple[int, str]:
    """Exit code and reason of the guard where `hostname`, `cat` and `corosync-quorumtool` say *files*."""
    said: dict[str, tuple[str, int]] = {
        "hostname": ("pve01.lab.test\n", 0),
        "cat": (CONF, 0),
        "corosync-quorumtool": (VIEW.stdout, VIEW.exit),
        **files,
    }
    for name, (text, code) in said.items():
        (tmp_path / f"{name}.txt").write_text(text)
        tool = tmp_path / name
        tool.write_text(
            f"#!/bin/sh\nwhile read -r line; do printf '%s\\n' \"$line\"; done <{tmp_path}/{name}.txt\nexit {code}\n"
        )
        tool.chmod(0o755)
    guard = planned("expected 2", facts).steps[0].guard
    ran = subprocess.run(
        ["/bin/sh", "-c", guard], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stderr.strip()


def test_the_guard_lets_pass_what_was_approved(tmp_path: Path) -> None:
    assert judge(look(), tmp_path) == (0, "")


@pytest.mark.parametrize(
    ("tool", "old", "new", "why"),
    [
        ("hostname", "pve01.", "pve07.", "host name: pve07; approved: pve01"),
        ("cat", "cluster_name: ", "cluster_name: x", "cluster: x"),
        ("cat", "config_version: ", "config_version: 9", "version of corosync.conf: 9"),
        ("corosync-quorumtool", "Total votes:      2", "Total votes:      3", "votes present: 3; approved: 2"),
        ("corosync-quorumtool", "Expected votes:   5", "Expected votes:   4", "votes expected: 4; approved: 5"),
        ("corosync-quorumtool", "Quorate:          No", "Quorate:          Yes", "quorate: Yes; approved: No"),
        (
            "corosync-quorumtool",
            "0x00000002   ",
            "0x00000003   ",
            "ring: 0x00000001 0x00000003; approved: 0x00000001 0x00000002",
        ),
    ],
)
def test_the_guard_refuses_what_was_not_approved_and_says_why(
    tmp_path: Path, tool: str, old: str, new: str, why: str
) -> None:
    said = {"hostname": ("pve01.lab.test\n", 0), "cat": (CONF, 0), "corosync-quorumtool": (VIEW.stdout, VIEW.exit)}
    text, code = said[tool]
    assert old in text
    exit_, told = judge(look(), tmp_path, **{tool: (text.replace(old, new), code)})
    assert exit_ == 1
    assert told.startswith(why)


def test_the_guard_refuses_where_corosync_has_stopped(tmp_path: Path) -> None:
    assert judge(look(), tmp_path, **{"corosync-quorumtool": ("", 1)})[0] == 1


# The report


def test_the_report_says_what_is_not_what_should_be() -> None:
    args, before = Args(Number("2")), look()
    assert change.report(args, before, before).level is Level.BAD
    forced = RecordedNodes("expected-forced", SILENT, GONE)
    after = Look(forced).gather(Facts)
    report = change.report(args, before, after)
    assert (report.level, report.data["quorate"], report.data["expected"]) == (Level.GOOD, True, 2)
    nothing = look({(node, "*"): same("off") for node in IDS})
    assert change.report(args, before, nothing).level is Level.UNKNOWN


def test_quorum_with_a_file_system_that_is_still_read_only_is_not_yet_good() -> None:
    late = {(node, "cat /etc/pve/.members"): members(node, IDS, quorate=False) for node in ("pve01", "pve02")}
    after = Look(RecordedNodes("expected-forced", {**SILENT, **late}, GONE)).gather(Facts)
    report = change.report(Args(Number("2")), look(), after)
    assert (report.level, "still read-only" in report.headline.to("en")) == (Level.WARNING, True)


def test_a_number_after_expected_means_that_it_be_set() -> None:
    command = parse("expected 2", {"expected": ACTION})
    assert (command.verb.name, command.args) == ("set", Args(Number("2")))
    assert parse("expected", {"expected": ACTION}).verb.change is None


def test_findings_that_block_come_first() -> None:
    all_: tuple[Finding, ...] = propose.findings(parse("expected 1", load_actions()), look())
    assert [one.blocks for one in all_] == sorted((one.blocks for one in all_), reverse=True)
