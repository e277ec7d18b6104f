"""A `join` that breaks: at each of its steps, and by bad luck. What is left is told, with what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest

from bot.action import Level, Report
from bot.actions.join import change
from bot.request import State
from tests.lab import bad_cables, faults
from tests.lab.join_cases import NEW, OVER_API, OVER_SSH, instead, replaced, run
from tests.lab.joining import Joining, joining, parts
from tests.lab.plan import PASSWORD
from tests.lab.running_changes import at, require, said

__all__ = ["joining", "parts"]

LINE = "pve-cluster-bot join pve03"
KNOWN, KEYS = "/root/.ssh/known_hosts", "/root/.ssh/authorized_keys"


@dataclass(frozen=True)
class Break:
    """*node* and the tool that fails there; *state*: what is told to be left; *keeps*: whether the trust is still there."""

    node: str
    tool: str
    state: str
    is_admitted: bool


STEPS = {
    0: Break(NEW, "sync", "nothing changed", is_admitted=False),
    1: Break("pve01", "readlink", "nothing changed", is_admitted=False),
    2: Break(NEW, "ssh-copy-id", "nothing changed", is_admitted=True),
    3: Break("pve01", "seq", "joined", is_admitted=True),
    4: Break(NEW, "grep", "joined", is_admitted=False),
}


def test_each_step_has_a_case_in_which_it_fails(joining: Joining) -> None:
    assert STEPS.keys() == set(range(len(joining.bot.file(OVER_SSH).plan.steps)))


@pytest.mark.parametrize("number", STEPS)
def test_a_step_over_ssh_that_fails_leaves_what_is_told(joining: Joining, number: int) -> None:
    broken, lab = STEPS[number], joining.lab
    fault = replaced(NEW, broken.tool) if number == 2 else instead(broken.node, broken.tool, "exit 9", "")
    request = joining.approved(OVER_SSH)
    try:
        ended = joining.bot.run(request, at(number, partial(fault.enter, lab)))
    finally:
        fault.leave(lab)
    require(ended, State.FAILED)
    assert [step.number for step in ended.steps if step.said or step.exit is not None][-1] <= number
    assert joining.told.data["state"] == broken.state, joining.told
    assert joining.told.data["step"] == number + 1
    keys = lab.exec("pve01", "cat", KEYS).stdout
    assert (LINE in keys) == broken.is_admitted
    assert any("ends by itself within the hour" in text for text in texts(joining.told)) == broken.is_admitted
    lab.exec("pve01", "sed", "-i", f"/{LINE}/d", KEYS, check=True)


def test_the_trust_ends_by_itself(joining: Joining) -> None:
    """What a broken run leaves lets nobody in once its hour is over."""
    lab, fault = joining.lab, replaced(NEW, "ssh-copy-id")
    request = joining.approved(OVER_SSH)
    try:
        joining.bot.run(request, at(2, partial(fault.enter, lab)))
    finally:
        fault.leave(lab)
    login = (
        "ssh",
        "-o",
        "BatchMode=yes",
        "-o",
        "IdentitiesOnly=yes",
        "-i",
        "/root/.ssh/id_rsa",
        "root@10.77.0.11",
        "true",
    )
    own = lab.exec(NEW, "cut", "-d", " ", "-f2", "/root/.ssh/id_rsa.pub").stdout.strip()
    lab.exec("pve01", "sed", "-i", f"/^ssh-.*{own.replace('/', '.')}/d", KEYS, check=True)
    assert lab.exec(NEW, *login).returncode == 0
    lab.exec("pve01", "sed", "-i", 's/expiry-time="[0-9]*"/expiry-time="202001010000"/', KEYS, check=True)
    assert lab.exec(NEW, *login).returncode != 0
    lab.exec("pve01", "sed", "-i", f"/{LINE}/d", KEYS, check=True)


def test_a_wrong_password_changes_nothing_and_is_shown_nowhere(joining: Joining) -> None:
    password = joining.folder / "root_password"
    password.write_text("open-sesame")
    try:
        ended = joining.bot.change(OVER_API)
    finally:
        password.write_text(PASSWORD)
    require(ended, State.FAILED)
    assert "401 authentication failure" in said(ended)
    assert joining.told.data["state"] == "nothing changed"
    kept = {path: path.read_bytes() for path in joining.folder.rglob("*") if path.is_file() and path != password}
    assert any(b"401 authentication failure" in content for content in kept.values()), "the record is among them"
    assert [path for path, content in kept.items() if b"open-sesame" in content] == []
    for node in joining.lab.members:
        found = joining.lab.exec(
            node, "grep", "-rls", "open-sesame", "/var/lib/pve-cluster-bot", "/run/pve-cluster-bot"
        )
        assert found.stdout == ""


# Bad luck


def test_a_version_that_moved_since_the_approval_is_overtaken(joining: Joining) -> None:
    request = joining.approved(OVER_API)
    faults.move_conf(joining.lab, "pve01")
    require(joining.bot.run(request), State.SUPERSEDED)


@pytest.mark.parametrize("line", [OVER_SSH])
def test_a_version_that_moves_in_the_last_moment_stops_it_on_the_member(joining: Joining, line: str) -> None:
    request = joining.approved(line)
    ended = joining.bot.run(request, at(1, lambda: faults.move_conf(joining.lab, "pve01")))
    require(ended, State.ABORTED)
    assert "version of corosync.conf" in said(ended)
    assert LINE not in joining.lab.exec("pve01", "cat", KEYS).stdout


def test_a_guest_that_comes_in_the_last_moment_stops_it_on_the_node(joining: Joining) -> None:
    request = joining.approved(OVER_API)
    try:
        ended = joining.bot.run(request, at(0, lambda: joining.lab.guests(NEW, "vm:300")))
    finally:
        joining.lab.guests(NEW)
    require(ended, State.ABORTED)
    assert f"guests: /etc/pve/nodes/{NEW}/qemu-server/300.conf" in said(ended)


def test_an_address_that_goes_in_the_last_moment_stops_it_on_the_node(joining: Joining) -> None:
    request = joining.approved(OVER_API)
    gone = partial(run(NEW, "ip addr del 10.77.2.13/24 dev eth2"), joining.lab)
    try:
        ended = joining.bot.run(request, at(0, gone))
    finally:
        run(NEW, "ip addr add 10.77.2.13/24 dev eth2")(joining.lab)
    require(ended, State.ABORTED)
    assert "no address 10.77.2.13 here" in said(ended)


def test_a_name_that_is_listed_in_the_last_moment_is_not_overwritten(joining: Joining) -> None:
    """Over SSH, pvecm would take the place of a node of that name by force."""
    lab = joining.lab
    request = joining.approved(OVER_SSH)
    add = f"pvecm addnode {NEW} --link0 10.77.1.99 --link1 10.77.2.99"
    ended = joining.bot.run(request, at(1, partial(run("pve01", add), lab)))
    lab.exec("pve01", "sh", "-c", f"pvecm delnode {NEW}")
    require(ended, State.ABORTED)


def test_a_member_that_went_since_the_approval_is_noticed(joining: Joining) -> None:
    request = joining.approved(OVER_API)
    joining.lab.kill("pve02")
    joining.lab.wait_members(1, ["pve01"], quorate=False)
    try:
        require(joining.bot.run(request), State.SUPERSEDED)
    finally:
        joining.lab.start("pve02")


def test_the_lock_of_somebody_elses_pvecm_stops_it_cleanly(joining: Joining) -> None:
    request = joining.approved(OVER_API)
    with faults.lock_held(joining.lab, "pve01"):
        ended = joining.bot.run(request)
    require(ended, State.FAILED)
    assert "got lock request timeout" in said(ended)
    assert joining.told.data["state"] == "nothing changed"


def test_a_full_disk_stops_it_before_anything_is_half_written(joining: Joining) -> None:
    lab = joining.lab
    lab.exec(
        NEW, "sh", "-c", f"printf '#%04094d\\n' 0 >{KNOWN}", check=True
    )  # a whole page: the next byte needs another
    request = joining.approved(OVER_SSH)
    with faults.full_disk(lab, NEW, "/root/.ssh"):
        ended = joining.bot.run(request)
        assert len(lab.exec(NEW, "cat", KNOWN).stdout) == 4096
    require(ended, State.FAILED)
    assert joining.told.data["state"] == "nothing changed"


def test_a_join_that_waits_for_quorum_is_ended_and_explained_and_can_be_begun_anew(
    joining: Joining, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UDP does not pass. (It would wait for two minutes here, and for ever by itself.)"""
    monkeypatch.setattr(change, "ADD_S", 20)
    lab = joining.lab
    request = joining.approved(OVER_API)
    with (
        bad_cables.picky(lab, NEW, "link0", "udp:5405"),
        bad_cables.picky(lab, NEW, "link1", "udp:5406"),
    ):
        ended = joining.bot.run(request)
        told = joining.told
        require(ended, State.FAILED)
        assert "waiting for quorum..." in said(ended)
        assert told.data["state"] == "listed, waits for quorum", told
        assert told.level is Level.BAD
        assert any("UDP 5405, UDP 5406 does not pass" in text for text in texts(told))
        assert "lab has quorum: 2 of 3 votes, 2 in the ring" in texts(told)
        assert f"{NEW} has no quorum: 1 of 3 votes, 2 needed, 1 in the ring" in texts(told)
        assert f"/pve-cluster reset {NEW}" in [each.to("en") for each in told.next]
        require(joining.bot.change(f"reset {NEW}"), State.SUCCEEDED)
    assert lab.ssh(NEW, "true").returncode == 0, "a new login"
    lab.exec("pve01", "pvecm", "delnode", NEW, check=True)
    monkeypatch.undo()
    require(joining.bot.change(OVER_API), State.SUCCEEDED)


def texts(report: Report) -> list[str]:
    return [found.text.to("en") for found in report.findings]
