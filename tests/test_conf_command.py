"""`conf set`: only the named line changes, the version rises, and what would break corosync is not written."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.action import Unreadable
from bot.conf_command import changed
from bot.text import Refused

CONF = """# kept by hand
totem {
  cluster_name: pve-prod
  config_version: 14
  interface {
    linknumber: 0
  }
  ip_version: ipv4-6
  link_mode: passive
  secauth: on
  version: 2
}

nodelist {
  node {
    name: pve01
    nodeid: 1
    quorum_votes: 1
    ring0_addr: 10.0.1.11
  }
  node {
    name: pve02
    nodeid: 2
    quorum_votes: 1
    ring0_addr: 10.0.1.12
  }
}

quorum {
  provider: corosync_votequorum
}
"""


def test_a_new_key_and_the_version_are_all_that_changes() -> None:
    new = changed(CONF, ["totem.token=4000"])
    added = [line for line in new.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert sorted(added) == ["+  config_version: 15", "+  token: 4000", "-  config_version: 14"]
    assert new.may_be_written


def test_a_node_is_named_by_its_name() -> None:
    assert "ring0_addr: 10.0.1.99" in changed(CONF, ["nodelist.node.pve02.ring0_addr=10.0.1.99"]).text


def test_what_would_break_the_cluster_may_not_be_written() -> None:
    new = changed(CONF, ["nodelist.node.pve02.nodeid=1"])
    assert not new.may_be_written
    assert new.worse


@pytest.mark.parametrize(
    "setting",
    [
        "token",
        "token=1",
        "totem.token=",
        "totem.token=1\n}",
        "totem.token=1 {",
        "totem.config_version=99",
        "nodelist.node.pve09.nodeid=3",
        "totem..token=1",
    ],
)
def test_what_is_no_setting_is_refused(setting: str) -> None:
    with pytest.raises(Refused):
        changed(CONF, [setting])


def test_a_file_that_is_none_names_the_line() -> None:
    with pytest.raises(Unreadable, match="line 1"):
        changed("totem }\n", ["totem.token=1"])


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", "conf", *words], capture_output=True, text=True, check=False)


def test_the_command_writes_the_file_and_lint_judges_it(tmp_path: Path) -> None:
    file = tmp_path / "corosync.conf"
    file.write_text(CONF)
    assert cli("lint", str(file)).returncode == 0
    assert cli("set", str(file), "totem.token=4000").returncode == 0
    assert "  token: 4000\n" in file.read_text()
    assert file.read_text().startswith("# kept by hand\n")


@pytest.mark.parametrize(
    "words", [("lint", "{file}"), ("lint", "--json", "{file}"), ("set", "{file}", "totem.token=4000")]
)
def test_a_comment_that_is_not_utf_8_is_kept_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "corosync.conf"
    comment = "# rédigé à la main\n".encode("latin-1")
    file.write_bytes(comment + CONF.encode())
    done = cli(*(word.format(file=file) for word in words))
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_bytes().startswith(comment)


def test_a_change_that_breaks_it_leaves_the_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "corosync.conf"
    file.write_text(CONF)
    assert cli("set", str(file), "totem.token=10").returncode == 1
    assert file.read_text() == CONF


def test_lint_of_a_broken_file_names_the_line_and_exits_with_one(tmp_path: Path) -> None:
    file = tmp_path / "corosync.conf"
    file.write_text(CONF + "}\n")
    judged = cli("lint", "--json", str(file))
    assert judged.returncode == 1
    assert '"line": 32' in judged.stdout


def test_the_clusters_own_file_is_never_written() -> None:
    assert cli("set", "/etc/pve/corosync.conf", "totem.token=4000").returncode == 1
