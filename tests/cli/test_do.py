"""`do`: the same door for a person at the server's shell, and what a program reads of it."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.actions import load_actions
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.nodes import SimulatedNodes
from bot.help import with_help
from tests.cli.shell import NODES, ROOT, SLACK, Shell
from tests.ssh.sshd import free_port

ACTIONS = with_help(load_actions())
VERBS = [(name, verb.name) for name, action in ACTIONS.items() for verb in action.verbs]
READS = [(name, verb.name) for name, action in ACTIONS.items() for verb in action.verbs if verb.change is None]
OWN_LOGIN = pwd.getpwuid(os.getuid()).pw_name
GUARDED = '[groups.ops]\npeople = ["alice"]\n[[policy]]\ngroups = ["ops"]\n'
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Beside simulated nodes, and beside one cluster of which no node answers."""
    shell = Shell(tmp_path_factory.mktemp("do"))
    with closing(SimulatedNodes.start(shell.folder, SimulatedCluster())) as nodes:
        listed = ", ".join(
            f'{{ name = "{node}", host = "127.0.0.1", port = {one.port} }}' for node, one in nodes.endpoints.items()
        )
        dark = f'[clusters.dark]\nnodes = [{{ name = "pve09", host = "127.0.0.1", port = {free_port()} }}]\n'
        people = f'[people.alice]\nlogins = ["{OWN_LOGIN}"]'
        shell.configure(SLACK, people, f"[clusters.pve-prod]\nnodes = [{listed}]", dark)
        assert shell.run("db upgrade").code == 0
        yield shell


@pytest.fixture
def unready(tmp_path: Path) -> Shell:
    return Shell(tmp_path).configure(SLACK, NODES)


def words(action: str, verb: str) -> tuple[str, ...]:
    return (action,) if action == verb else (action, verb)


@pytest.mark.parametrize(("action", "verb"), READS)
def test_json_is_one_object_with_the_answer(
    shell: Shell, capsys: pytest.CaptureFixture[str], action: str, verb: str
) -> None:
    cluster = [] if action == "help" else ["--cluster", "pve-prod"]
    ran = shell.here(capsys, "do", "--json", *cluster, "--", *words(action, verb))
    assert ran.json["ok"] is True
    assert (ran.json["action"], ran.json["verb"]) == (action, verb)
    assert ran.json["said"]
    assert (ran.code, ran.stderr) == (0, "")


@pytest.mark.parametrize("line", [("expected", "3"), ("reset", "pve01"), ("expected", "3", "--dry-run")])
def test_a_change_that_a_check_forbids_is_refused_with_its_findings(
    shell: Shell, capsys: pytest.CaptureFixture[str], line: tuple[str, ...]
) -> None:
    ran = shell.here(capsys, "do", "--json", "--cluster", "pve-prod", "--", *line)
    assert (ran.json["ok"], ran.json["request"], ran.code) == (False, None, 1)
    assert ran.json["findings"]


@pytest.mark.parametrize("words", [("--reason", "l’hôte est “mort”"), ("--reason=don't é",), ("--reason", "é")])
def test_a_reason_in_any_letters_is_no_hindrance(
    shell: Shell, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """The nodes are asked, and forbid it."""
    ran = shell.here(capsys, "do", "--json", "--cluster", "pve-prod", "--", "expected", "3", *words)
    assert (ran.json["ok"], ran.code) == (False, 1)
    assert ran.json["findings"]


def test_100_kb_of_a_reason_are_refused_and_not_kept(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = shell.here(capsys, "do", "--json", "--", "requests", "deny", "x", "--reason", "é" * 100_000)
    assert (ran.json["ok"], ran.code) == (False, 1)
    assert "a command has 2000 at most" in ran.json["said"]
    kept = shell.here(capsys, "audit list", "--json", "--limit", "2").stdout
    assert "command.received" in kept
    assert len(kept) < 10_000


def test_an_unmapped_login_asks_for_no_change(unready: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    unready.run("db upgrade")
    ran = unready.here(capsys, "do", "--json", "--", "expected", "3")
    assert (ran.json["ok"], ran.code) == (False, 1)
    assert "is not in [people]" in ran.json["said"]


@pytest.mark.parametrize(("action", "verb"), VERBS)
def test_json_is_one_object_with_the_refusal(
    shell: Shell, capsys: pytest.CaptureFixture[str], action: str, verb: str
) -> None:
    wrong = "colour" if action == "help" else "--colour"
    ran = shell.here(capsys, "do", "--json", "--", *words(action, verb), wrong)
    assert ran.json["ok"] is False
    assert f"“{wrong}”" in ran.json["said"]
    assert (ran.code, ran.stderr) == (1, "")


@pytest.mark.parametrize(("action", "verb"), [one for one in READS if one[0] != "help"])
def test_when_no_node_answers_it_cannot_tell(
    shell: Shell, capsys: pytest.CaptureFixture[str], action: str, verb: str
) -> None:
    ran = shell.here(capsys, "do", "--json", "--cluster", "dark", "--", *words(action, verb))
    assert "refuses connections" in ran.stdout
    assert ran.code == 3


def test_a_usage_mistake_is_told_apart() -> None:
    ran = subprocess.run([sys.executable, "-m", "bot", "do", "status"], capture_output=True, cwd=ROOT, check=False)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"--config" in ran.stderr


@pytest.mark.parametrize("command", ["do", "audit list"])
def test_json_is_one_object_also_when_nothing_could_be_recorded(
    unready: Shell, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    ran = unready.here(capsys, command, "--json")
    assert ran.json["ok"] is False
    assert "pve-cluster-bot db upgrade --config F" in ran.json["said"]
    assert ran.code == 1


def test_json_is_one_object_also_when_the_configuration_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = Shell(tmp_path).configure("[slack]").here(capsys, "do", "--json", "--", "status")
    assert ran.json["said"].splitlines() == [
        "slack.bot_token: missing; add it",
        "clusters: missing; add it",
        "slack: transport “socket” needs app_token; add it",
    ]
    assert ran.code == 1


def test_what_is_passed_on_does_not_ask_for_json(unready: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = unready.here(capsys, "do", "--", "status", "--json")
    assert ran.stdout == ""
    assert "db upgrade" in ran.stderr


def test_words_that_are_not_unicode_are_refused_and_recorded(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    ran = shell.here(capsys, "do", "--json", "--", os.fsdecode(b"status \xff"))
    assert ran.json["ok"] is False
    assert ran.code == 1
    last = shell.here(capsys, "audit list", "--json", "--kind", "command.refused", "--limit", "1")
    assert "status" in last.json["events"][0]["detail"]["line"]


@pytest.mark.parametrize(("login", "may"), [(OWN_LOGIN, True), ("somebody-else", False)])
def test_it_acts_as_the_person_whose_login_it_is(
    shell: Shell, capsys: pytest.CaptureFixture[str], tmp_path: Path, login: str, *, may: bool
) -> None:
    own = Shell(tmp_path).configure(SLACK, f'[people.alice]\nlogins = ["{login}"]\n{GUARDED}', NODES)
    own.run("db upgrade")
    ran = own.here(capsys, "do", "--json", "--", "help")
    assert ran.json["ok"] is may


def account(uid: int, **environment: str) -> str:
    """Who a process of that user is taken for."""
    code = f"import os; from bot.cli.doing import account; os.setresuid({uid}, {uid}, {uid}); print(account())"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SUDO_")}
    argv = [sys.executable, "-c", code]
    env = clean | environment
    return subprocess.run(argv, env=env, capture_output=True, cwd=ROOT, text=True, check=True).stdout.strip()


@needs_root
@pytest.mark.parametrize(
    ("uid", "environment", "taken_for"),
    [
        (0, {}, "os/root"),
        (0, {"SUDO_UID": "65534", "SUDO_USER": "nobody"}, "os/nobody"),
        (0, {"SUDO_USER": "nobody"}, "os/root"),
        (0, {"SUDO_UID": "nonsense"}, "os/root"),
        (0, {"SUDO_UID": "²"}, "os/root"),
        (0, {"SUDO_UID": "9" * 30}, "os/uid:" + "9" * 30),
        (65534, {"SUDO_UID": "0", "SUDO_USER": "root"}, "os/nobody"),
        (4242, {}, "os/uid:4242"),
    ],
)
def test_with_sudo_it_is_who_invoked_it_and_nobody_else_can_say_so(
    uid: int, environment: dict[str, str], taken_for: str
) -> None:
    assert account(uid, **environment) == taken_for
