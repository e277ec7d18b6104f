"""What keeps changes from being run on a node is named before anybody relies on it."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.action import Output
from bot.names import NodeName
from bot.ssh.able import ABLE, obstacles
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from tests.ssh.sshd import PVE01, Sshd, nodes_of, one

LOGIN = Login("pve.example.com", 22, "root", Path("key"))
NOW_S = 1_800_000_000


def said(stdout: str, exit_: int = 0, took_us: int = 0) -> list[str]:
    output = Output(NodeName("pve01"), exit_, stdout, "", sent_at_us=NOW_S * 1_000_000, took_us=took_us)
    return [text.to("en") for text in obstacles(LOGIN, output)]


@pytest.mark.parametrize("off_s", [-30, 0, 30])
def test_a_node_that_has_it_all_and_whose_clock_is_nearly_right_is_able(off_s: int) -> None:
    assert said(f"{NOW_S + off_s}\n") == []


@pytest.mark.parametrize(("off_s", "words"), [(31, "31 s ahead"), (-31, "31 s behind"), (86_400, "86400 s ahead")])
def test_a_clock_that_is_off_is_told(off_s: int, words: str) -> None:
    (told,) = said(f"{NOW_S + off_s}\n")
    assert words in told


def test_how_long_the_answer_took_is_no_error_of_the_clock() -> None:
    assert said(f"{NOW_S + 40}\n", took_us=60_000_000) == []


def test_each_thing_that_is_missing_is_named() -> None:
    assert said(f"systemd-run\n/var/lib\n{NOW_S}\n") == [
        "pve.example.com has no systemd-run",
        "/var/lib on pve.example.com cannot be written",
    ]


@pytest.mark.parametrize("stdout", ["", "welcome\n", "9" * 5000 + "x\n"])
def test_an_answer_that_says_nothing_is_told(stdout: str) -> None:
    assert "does not say whether" in said(stdout)[0]
    assert "does not say whether" in said(f"{NOW_S}\n", exit_=1)[0]


def test_the_question_changes_nothing_and_is_answered_by_a_real_shell(sshd: Sshd) -> None:
    kept = Path("/var/lib/pve-cluster-bot")
    was_there = kept.exists()
    with closing(nodes_of(pve01=sshd.login())) as nodes:
        answer = one(nodes, *ABLE)
    assert abs(int(answer.stdout.splitlines()[-1]) - time.time()) < 10
    assert kept.exists() == was_there


def test_a_probe_says_what_keeps_changes_from_running(sshd: Sshd) -> None:
    """By a clock of the bot that is far off."""
    with closing(SshNodes({PVE01: sshd.login()}, now_us=lambda: 42)) as nodes:
        (probe,) = nodes.probes()
    told = [text.to("en") for text in probe.obstacles]
    assert any("ahead of this machine's" in words for words in told) or probe.uid != 0
