import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.action import Output
from bot.names import NodeName
from bot.ssh.nodes import SshNodes
from bot.ssh.session import MOST_BYTES
from tests.ssh.sshd import PVE01, Counting, Sshd, call, new_key, nodes_of, one, raw_server, reason, until

PVE02 = NodeName("pve02")


@pytest.fixture(scope="module")
def nodes(sshd: Sshd) -> Iterator[SshNodes]:
    with closing(nodes_of(pve01=sshd.login())) as opened:
        yield opened


def test_a_command_answers_with_its_exit_code_and_both_streams(nodes: SshNodes):
    output = one(nodes, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (output.node, output.exit, output.stdout, output.stderr) == (PVE01, 3, "out\n", "err\n")
    assert output.sent_at_us == 42
    assert 0 < output.took_us < 10_000_000


def test_an_answer_names_the_key_that_the_bot_came_in_with(nodes: SshNodes, sshd: Sshd):
    own = (sshd.folder / "user.pub").read_text().split()
    assert one(nodes, "true").key == " ".join(own[:2])


def test_the_language_of_the_answer_is_c(nodes: SshNodes):
    assert one(nodes, "printenv", "LC_ALL").stdout == "C\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
        | st.sampled_from(["", "$HOME", "%s", "'\"\\", "\n"]),
        min_size=1,
    )
)
def test_any_words_arrive_as_they_were(nodes: SshNodes, words: list[str]):
    assert one(nodes, "printf", "%s\\0", *words).stdout == "".join(word + "\0" for word in words)


@pytest.mark.parametrize("to", ["", ">&2"])
def test_ten_megabytes_are_cut_at_one_and_say_so(nodes: SshNodes, to: str):
    output = one(nodes, "sh", "-c", f"head -c 10000000 /dev/zero | tr '\\0' x {to}; exit 5")
    assert (len(output.stdout + output.stderr), output.truncated, output.exit) == (MOST_BYTES, True, 5)


def test_any_bytes_can_be_had_back_from_what_was_read(nodes: SshNodes):
    output = one(nodes, "sh", "-c", r"printf '\377\376ok\303\251'; printf '\200' >&2")
    assert output.stdout.encode(errors="surrogateescape") == b"\xff\xfeok\xc3\xa9"
    assert output.stderr.encode(errors="surrogateescape") == b"\x80"


def test_a_command_that_is_too_slow_is_ended_on_the_node(nodes: SshNodes):
    start = time.monotonic()
    (answer,) = nodes.ask([call("sleep", "30.125", timeout_s=1)])
    assert "`sleep 30.125` did not finish within 1 s" in reason(answer)
    assert time.monotonic() - start < 3
    assert one(nodes, "pgrep", "-xf", "sleep 30.125").exit == 1


def test_a_command_that_says_124_by_itself_is_an_answer(nodes: SshNodes):
    assert one(nodes, "sh", "-c", "exit 124").exit == 124


def test_the_answers_come_in_the_order_of_the_calls(nodes: SshNodes):
    asked = [call("sh", "-c", f"sleep 0.{9 - i}; echo {i}") for i in range(1, 9)]
    assert [o.stdout for o in nodes.ask(asked) if isinstance(o, Output)] == [f"{i}\n" for i in range(1, 9)]


def test_calls_run_side_by_side_on_one_kept_connection(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login())) as nodes:
        start = time.monotonic()
        assert all(isinstance(o, Output) for o in nodes.ask([call("sleep", "1") for _ in range(8)]))
        assert time.monotonic() - start < 4
        one(nodes, "true")
        assert len(connect.sockets) == 1


def test_fifty_threads_share_one_connection(sshd: Sshd):
    connect = Counting()
    with closing(nodes_of(connect, pve01=sshd.login())) as nodes, ThreadPoolExecutor(50) as threads:
        said = list(threads.map(lambda i: one(nodes, "echo", str(i)).stdout, range(50)))
    assert said == [f"{i}\n" for i in range(50)]
    assert len(connect.sockets) == 1


def test_a_silent_node_does_not_hold_up_or_hide_the_others(sshd: Sshd):
    with (
        raw_server() as port,
        closing(nodes_of(pve01=sshd.login(), pve02=sshd.login(port=port, auth_timeout_s=1))) as nodes,
    ):
        start = time.monotonic()
        with ThreadPoolExecutor(1) as threads:
            both = threads.submit(nodes.ask, [call("echo", "1"), call("true", node=PVE02)])
            assert one(nodes, "echo", "2").stdout == "2\n"
            heard, silent = both.result()
        assert time.monotonic() - start < 2.5
    assert isinstance(heard, Output)
    assert "did not end within 1 s" in reason(silent)


def test_garbage_instead_of_a_banner_is_said(sshd: Sshd):
    with (
        raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200) as port,
        closing(nodes_of(pve01=sshd.login(port=port, auth_timeout_s=3))) as nodes,
    ):
        (answer,) = nodes.ask([call("true")])
    assert "does not speak SSH" in reason(answer)


def test_each_way_not_to_connect_has_its_words(sshd: Sshd):
    with raw_server() as port:
        pass
    other = new_key(sshd.folder / "other")
    logins = {
        "nobody": sshd.login(host="no-such-host.invalid"),
        "refused": sshd.login(port=port),
        "key": sshd.login(key=other),
        "nokey": sshd.login(key=sshd.folder / "none"),
        "garbled": sshd.login(key=sshd.known_hosts),
        "nofile": sshd.login(known_hosts=sshd.folder / "none"),
    }
    with closing(nodes_of(None, **logins)) as nodes:
        said = [reason(answer) for answer in nodes.ask([call("true", node=node) for node in nodes.names])]
    other.unlink()
    for words, sentence in zip(
        [
            "does not resolve",
            "refuses connections",
            "refuses the login",
            "cannot be used",
            "cannot be used",
            "cannot be read",
        ],
        said,
        strict=True,
    ):
        assert words in sentence


def test_closing_ends_every_thread_and_answers_who_still_waits(sshd: Sshd):
    before, connect = set(threading.enumerate()), Counting()
    nodes = nodes_of(connect, pve01=sshd.login(channels=2))
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(nodes.ask, [call("sleep", "30.25") for _ in range(4)])
        until(lambda: bool(connect.sockets))
        nodes.close()
        assert {reason(answer)[-41:] for answer in asked.result(10)} == {
            "bot is stopping; ask again when it is back"[-41:]
        }
    assert "is stopping" in reason(nodes.ask([call("true")])[0])
    until(lambda: set(threading.enumerate()) <= before)
    assert [sock.fileno() for sock in connect.sockets] == [-1]


def test_a_probe_says_all_of_a_sound_node(sshd: Sshd):
    with closing(nodes_of(pve01=sshd.login())) as nodes:
        (probe,) = nodes.probes()
        uid = int(one(nodes, "id", "-u").stdout)
    assert (probe.is_reachable, probe.is_known, probe.is_logged_in, probe.uid) == (True, True, True, uid)
    assert probe.fingerprint is not None
    assert probe.shell_us
    assert (probe.problem is None) == (uid == 0)


def test_a_probe_of_an_unknown_host_key_stops_there(sshd: Sshd):
    with closing(nodes_of(pve01=sshd.login(known_hosts=None))) as nodes:
        (probe,) = nodes.probes()
    assert (probe.is_reachable, probe.is_known, probe.is_logged_in) == (True, False, False)
    assert probe.problem is not None
    assert str(probe.fingerprint) in probe.problem.to("fr")
