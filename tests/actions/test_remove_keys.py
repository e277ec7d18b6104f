"""The lists of keys, whatever they hold: what is shown of them is what awk takes out, and none of it becomes a command."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Output
from bot.actions.remove import cleanup, scripts
from bot.cluster.key_lists import HOSTS, LOGINS, KeyLists
from bot.names import NodeName
from tests.actions.dead_node import KEYS, PVE05, headed
from tests.actions.gone_node import gone

_MARKS = "aA1@.,|#%*$`'\"\\ \t\r\v\f\x1c\x85\xa0\u2028é"
_WORDS = st.one_of(
    st.text(st.sampled_from(_MARKS), max_size=8),
    st.sampled_from(["root@pve05", "root@pve05.", "root@pve05.a/b", "pve05", "10.0.1.15", "H5", "ssh-rsa"]),
)
LISTS = st.lists(st.lists(_WORDS, max_size=4).map(" ".join), max_size=4).map("\n".join)


def by_awk(command: str, file: str, text: str, folder: Path) -> str:
    (folder / "list").write_bytes(text.encode())
    argv = ["/bin/sh", "-c", command.replace(file, str(folder / "list"))]
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    return subprocess.run(argv, capture_output=True, text=True, check=True, env=env).stdout.strip()


def digest(lines: tuple[str, ...]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def lists(logins: str, hosts: str) -> KeyLists:
    return KeyLists.parse(Output(NodeName("pve01"), 0, headed(KEYS, logins, hosts)))


@given(text=LISTS)
def test_awk_finds_the_lines_of_a_key_that_are_shown(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    said = by_awk(scripts.digest_of_logins(PVE05), LOGINS, text, tmp_path_factory.getbasetemp())
    assert said == digest(lists(text, "").logins_of("pve05"))


@given(text=LISTS)
def test_awk_finds_the_lines_of_a_host_key_that_are_shown(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    known = lists("", text)
    names = known.names_of("pve05") or ("pve05",)
    said = by_awk(scripts.digest_of_hosts(names), HOSTS, text, tmp_path_factory.getbasetemp())
    assert said == digest(known.hosts_of(names))


@pytest.mark.parametrize("zone", ["';reboot;'", "$(reboot)", "`reboot`", "eth0"])
def test_an_address_with_a_zone_is_no_name_of_a_node(zone: str) -> None:
    """Python takes any text for a zone."""
    facts = gone({("pve01", KEYS): headed(KEYS, "", f"pve05,fe80::1%{zone} ssh-rsa H5\n")})
    removal = facts.of(PVE05)
    assert (cleanup.traces(removal).names, removal.addresses) == (("pve05",), ())


def test_a_name_that_is_shell_syntax_stays_one_word_of_the_guard(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("';exit 7;' ssh-rsa H5\n")
    name = "';exit 7;'"
    assert by_awk(scripts.digest_of_hosts([name]), HOSTS, "", tmp_path) == digest(())
