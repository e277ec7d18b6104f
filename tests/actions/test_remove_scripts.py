"""The guards and scripts of a clean-up, by the real shell, tar and awk."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.actions.remove import guards, scripts
from bot.cluster.key_lists import HOSTS, LOGINS
from bot.names import NodeName
from tests.actions.dead_node import CONF, PVE05
from tests.actions.gone_node import KNOWN, LINES, WITHOUT, gone, planned


def judge(tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]]) -> tuple[int, str]:
    """Exit code and reason of a step's guard, where `cat FILE` and the other tools say what was approved but for *changed*."""
    said = {
        "hostname": ("pve01\n", 0),
        "find": ("/etc/pve/nodes/pve01/qemu-server/100.conf\n", 0),
        "/etc/pve/corosync.conf": (WITHOUT, 0),
        LOGINS: ("\n".join(LINES) + "\n", 0),
        HOSTS: ("\n".join(KNOWN) + "\n", 0),
        **changed,
    }
    cases = "".join(
        f"*{name.rpartition('/')[2]}) printf %s '{text}'; exit {code} ;;\n" for name, (text, code) in said.items()
    )
    script = f'#!/bin/sh\ncase "${{0##*/}}:$1" in\nhostname:*) printf "%s" "{said["hostname"][0]}" ;;\nfind:*) printf "%s" "{said["find"][0]}"; exit {said["find"][1]} ;;\n{cases}esac\n'
    for tool in ("hostname", "find", "cat"):
        (tmp_path / tool).write_text(script)
        (tmp_path / tool).chmod(0o755)
    guard = planned(gone()).steps[number].guard
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    ran = subprocess.run(["/bin/sh", "-c", guard], env=env, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr.strip()


@pytest.mark.parametrize("number", range(7))
def test_the_guard_of_each_step_lets_pass_what_was_approved(tmp_path: Path, number: int) -> None:
    assert judge(tmp_path, number, {}) == (0, "")


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostname": ("pve02\n", 0)}, "host name: pve02"),
        ({"/etc/pve/corosync.conf": (WITHOUT.replace("pve-lab", "other"), 0)}, "cluster: other"),
        ({"/etc/pve/corosync.conf": (WITHOUT.replace("n: 1\n", "n: 2\n"), 0)}, "version of corosync.conf: 2"),
        ({"/etc/pve/corosync.conf": (CONF, 0)}, "pve05 is in corosync.conf"),
        ({"/etc/pve/corosync.conf": ("", 1)}, "cluster: ;"),
    ],
)
def test_the_guard_of_each_step_refuses_another_cluster_than_was_approved(
    tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, number, changed)
    assert code != 0
    assert said.startswith(why)


@pytest.mark.parametrize(
    ("number", "changed", "why"),
    [
        (
            0,
            {"find": ("/etc/pve/nodes/pve05/qemu-server/7.conf\n", 0)},
            "guests: /etc/pve/nodes/pve05/qemu-server/7.conf",
        ),
        (0, {"find": ("", 1)}, ""),
        (1, {LOGINS: ("\n".join((*LINES, "ssh-rsa AAAA9 root@pve05")), 0)}, "keys of the node: "),
        (2, {HOSTS: ("pve05 ssh-rsa OTHER\n", 0)}, "host keys of the node: "),
    ],
)
def test_the_guard_refuses_what_came_since(
    tmp_path: Path, number: int, changed: Mapping[str, tuple[str, int]], why: str
) -> None:
    code, said = judge(tmp_path, number, changed)
    assert code != 0
    assert said.startswith(why)


def test_without_ping_nobody_can_say_that_nothing_answers(tmp_path: Path) -> None:
    lines = guards.no_answer(("10.0.1.15",))
    ran = subprocess.run(
        ["/bin/sh", "-c", lines], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.strip()) == (1, "there is no ping here")


# The scripts


def run(argv: tuple[str, ...], root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """With /etc/pve and the bot's directory below *root*."""
    script = argv[2].replace("/etc/pve", f"{root}/pve").replace("/var/lib/pve-cluster-bot", f"{root}/kept")
    words = [*argv[:2], script, *argv[3:]]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **env})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "pve/nodes/pve05"
    (folder / "qemu-server").mkdir(parents=True)
    (folder / "lrm_status").write_text("old")
    (tmp_path / "pve/nodes/pve01").mkdir()
    (tmp_path / "pve/priv").mkdir()
    (tmp_path / "kept").mkdir()
    return tmp_path


def test_a_directory_is_archived_whole_then_removed_alone(root: Path) -> None:
    ran = run(scripts.archive_and_remove(PVE05), root)
    assert ran.returncode == 0, ran.stderr
    (archive,) = (root / "kept").iterdir()
    assert re.fullmatch(r"nodes-pve05-\d{8}T\d{6}Z\.tar", archive.name)
    assert f"archive {archive}" in ran.stdout
    listed = subprocess.run(["tar", "-tf", archive], capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["pve05/", *sorted(listed[1:])] or {"pve05/", "pve05/qemu-server/", "pve05/lrm_status"} == set(
        listed
    )
    assert archive.stat().st_mode & 0o077 == 0
    assert [each.name for each in (root / "pve/nodes").iterdir()] == ["pve01"]


def test_what_cannot_be_archived_is_not_removed(root: Path) -> None:
    (root / "kept").rmdir()
    ran = run(scripts.archive_and_remove(PVE05), root)
    assert ran.returncode != 0
    assert "while archiving; nothing was removed" in ran.stderr
    assert (root / "pve/nodes/pve05/lrm_status").read_text() == "old"


def test_an_archive_that_is_not_what_is_there_is_thrown_away(root: Path, tmp_path: Path) -> None:
    """A tar that packs something else than there is."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "tar").write_text(
        '#!/bin/sh\n[ "$1" != -cf ] || { /usr/bin/tar "$@"; echo new >pve05/lrm_status; exit 0; }\nexec /usr/bin/tar "$@"\n'
    )
    (tools / "tar").chmod(0o755)
    ran = run(scripts.archive_and_remove(PVE05), root, PATH=f"{tools}:/usr/bin:/bin")
    assert ran.returncode != 0
    assert (root / "pve/nodes/pve05/lrm_status").read_text() == "new\n"
    assert list((root / "kept").iterdir()) == []


def test_the_lines_of_a_key_are_taken_out_and_printed(root: Path) -> None:
    (root / "pve/priv/authorized_keys").write_text("# root@pve05\n" + "\n".join(LINES) + "\n")
    ran = run(scripts.forget_logins(PVE05), root)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == LINES[1]
    assert (root / "pve/priv/authorized_keys").read_text().splitlines() == ["# root@pve05", LINES[0], LINES[2]]
    assert [each.name for each in (root / "pve/priv").iterdir()] == ["authorized_keys"]


def test_the_lines_of_a_host_key_are_taken_out_and_printed(root: Path) -> None:
    (root / "pve/priv/known_hosts").write_text("\n".join(KNOWN) + "\n")
    ran = run(scripts.forget_hosts(("10.0.1.15", "pve05")), root)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[:2] == [KNOWN[1], KNOWN[2]]
    assert (root / "pve/priv/known_hosts").read_text().splitlines() == [KNOWN[0], KNOWN[3]]


@pytest.mark.parametrize(
    "argv", [scripts.archive_and_remove(PVE05), scripts.forget_logins(PVE05), scripts.forget_hosts(("pve05",))]
)
def test_the_scripts_are_sound_shell(argv: tuple[str, ...]) -> None:
    assert argv[2].startswith("set -eu\n")
    assert subprocess.run(["/bin/sh", "-n"], input=argv[2], text=True, check=False).returncode == 0


def test_the_digest_of_the_guard_is_that_of_the_lines(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("\n".join(LINES) + "\n")
    script = scripts.digest_of_logins(NodeName("pve05")).replace(LOGINS, str(tmp_path / "list"))
    ran = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == hashlib.sha256(f"{LINES[1]}\n".encode()).hexdigest()
