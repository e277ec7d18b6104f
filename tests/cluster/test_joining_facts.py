"""What a node that joins, and a member, are asked besides what every look asks: keys, certificates, names, a second factor."""

from __future__ import annotations

import pytest

from bot.action import Output, Unreadable
from bot.cluster.host_keys import FILES, HostKeys
from bot.cluster.known_names import KnownNames
from bot.cluster.login_keys import FILE, LoginKey, LoginKeys, read_key
from bot.cluster.own_key import OwnKey
from bot.cluster.peer_certificate import PeerCertificate
from bot.cluster.served_certificate import ServedCertificate
from bot.cluster.tfa import Tfa
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.situation import Layout
from bot.names import NodeName

PVE03 = NodeName("pve03")
BOT = "ssh-ed25519 AAAAC3NzaBot="
PLAIN, TRUST = (
    "ssh-rsa AAAAB3pve03== root@pve03",
    'from="10.0.1.13",expiry-time="20261125" ssh-rsa AAAAB3pve03== two words',
)
PEM = """-----BEGIN CERTIFICATE-----
MIIBaTCCAQ+gAwIBAgIUMHIQCRQjS9n7LCOYUFPp/8LQfFcwCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----
"""


def said(stdout: str, exit_: int = 0, stderr: str = "", key: str = "") -> Output:
    return Output(PVE03, exit_, stdout, stderr, key=key)


# The list of keys


def test_the_list_says_who_may_log_in_and_how() -> None:
    found = LoginKeys.parse(said(f"# people\n\n{PLAIN}\n{TRUST}\nssh-ed25519 AAAAC3NzaBot=\n", key=BOT))
    assert [(key.type, key.blob, key.comment) for key in found.keys] == [
        ("ssh-rsa", "AAAAB3pve03==", "root@pve03"),
        ("ssh-rsa", "AAAAB3pve03==", "two words"),
        ("ssh-ed25519", "AAAAC3NzaBot=", ""),
    ]
    assert found.keys[1].options == 'from="10.0.1.13",expiry-time="20261125"'
    assert found.count == 3
    assert found.has_bot


@pytest.mark.parametrize("line", [PLAIN, "ssh-ed25519 AAAAC3NzaOther= bot", f'command="echo \\"{BOT}\\"" {PLAIN}'])
def test_the_bot_is_in_no_list_that_only_others_are_in(line: str) -> None:
    assert not LoginKeys.parse(said(line + "\n", key=BOT)).has_bot


def test_the_bot_is_found_behind_its_restrictions() -> None:
    assert LoginKeys.parse(said(f'from="10.0.0.1 10.0.0.2" {BOT} pve-cluster-bot\n', key=BOT)).has_bot


def test_nobody_is_in_a_list_that_is_not_there() -> None:
    assert LoginKeys.parse(said("", 1, f"cat: {FILE}: No such file or directory", BOT)) == LoginKeys(bot=BOT)


def test_a_line_that_is_in_the_list_twice_counts_once() -> None:
    assert LoginKeys.parse(said(f"{BOT} bot\n{PLAIN}\n{BOT} bot\n", key=BOT)).count == 2


def test_no_key_of_the_bot_is_in_no_list() -> None:
    assert not LoginKeys.parse(said(f"{PLAIN}\n")).has_bot


@pytest.mark.parametrize("output", [said("Welcome\n"), said("", 1, f"cat: {FILE}: Permission denied")])
def test_a_list_that_is_not_understood_is_none(output: Output) -> None:
    with pytest.raises(Unreadable):
        LoginKeys.parse(output)


def test_what_a_list_lacks_is_told_by_the_key_and_not_by_its_comment() -> None:
    found = LoginKeys.parse(said(f"{PLAIN}\n"))
    assert not found.lacks(LoginKey("ssh-rsa", "AAAAB3pve03==", "somebody"))
    assert found.lacks(LoginKey("ssh-rsa", "AAAAother", "root@pve03"))


def test_a_key_without_a_comment_is_named_by_its_end() -> None:
    key = read_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5")
    assert key is not None
    assert key.name == "ssh-ed25519 …aC1lZDI1NTE5"


# Keys of the nodes


def test_a_node_has_a_key_of_its_own_or_none() -> None:
    assert OwnKey.parse(said(PLAIN + "\n")).key == LoginKey("ssh-rsa", "AAAAB3pve03==", "root@pve03")
    assert OwnKey.parse(said("", 1, "cat: /root/.ssh/id_rsa.pub: No such file or directory")).key is None
    with pytest.raises(Unreadable):
        OwnKey.parse(said("nonsense"))


def test_the_host_keys_that_there_are_come_best_first() -> None:
    text = f"==> {FILES[0]} <==\nssh-ed25519 AAAAed root@pve01\n\n==> {FILES[2]} <==\nssh-rsa AAAArsa root@pve01\n"
    missing = f"head: cannot open '{FILES[1]}' for reading: No such file or directory"
    assert [key.type for key in HostKeys.parse(said(text, 1, missing)).keys] == ["ssh-ed25519", "ssh-rsa"]


@pytest.mark.parametrize(
    "output",
    [said("hello"), said(f"==> {FILES[0]} <==\nnonsense\n"), said("", 1, "head: cannot open 'x': Permission denied")],
)
def test_host_keys_that_are_not_understood_are_none(output: Output) -> None:
    with pytest.raises(Unreadable):
        HostKeys.parse(output)


# Certificates


def test_the_certificate_that_is_served_is_named_as_the_cluster_names_it() -> None:
    """The same file, seen through s_client and through /etc/pve, gives the same fingerprint."""
    files = answers_of_certificates()
    served = ServedCertificate.parse(said(f"CONNECTED(00000003)\n---\nServer certificate\n{files}subject=CN = x\n"))
    own = PeerCertificate.parse(said(f"==> /etc/pve/nodes/pve03/pve-ssl.pem <==\n{files}"))
    assert served.fingerprint == own.fingerprint
    assert len(served.fingerprint) == 95


def answers_of_certificates() -> str:
    return Authority(Layout(), 1_790_000_000).of_node("pve01")


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (said("", 1, "40E7:error:8000006F:system library:BIO_connect:Connection refused"), "Connection refused"),
        (said("", 124), "exit 124"),
        (said("CONNECTED(00000003)\n---\nno peer certificate available\n", 1), "exit 1"),
    ],
)
def test_where_nothing_is_served_that_is_an_answer(output: Output, why: str) -> None:
    found = ServedCertificate.parse(output)
    assert found.fingerprint == ""
    assert why in found.why


def test_a_broken_certificate_is_none() -> None:
    with pytest.raises(Unreadable):
        ServedCertificate.parse(said(PEM))


def test_a_silent_port_is_given_up_within_the_time_of_a_question() -> None:
    assert ServedCertificate.argv("fd00::1") == ("timeout", "8", "openssl", "s_client", "-connect", "[fd00::1]:8006")


def test_a_copy_without_the_certificate_is_no_error() -> None:
    missing = "head: cannot open '/etc/pve/nodes/pve03/pve-ssl.pem' for reading: No such file or directory"
    assert PeerCertificate.parse(said("", 1, missing)).fingerprint == ""


# A second factor


@pytest.mark.parametrize(("exit_", "lines", "root"), [(0, "1\n", True), (1, "0\n", False), (0, "2\n", True)])
def test_a_second_factor_is_counted(exit_: int, lines: str, root: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Tfa.parse(said(lines, exit_)).root is root


def test_no_file_is_no_second_factor_and_an_error_is_no_answer() -> None:
    assert not Tfa.parse(said("", 2, "grep: /etc/pve/priv/tfa.cfg: No such file or directory")).root
    with pytest.raises(Unreadable):
        Tfa.parse(said("", 2, "grep: /etc/pve/priv/tfa.cfg: Permission denied"))


def test_the_content_of_the_file_is_never_asked_for() -> None:
    assert Tfa.ARGV[:2] == ("grep", "-c")


# Names


def test_names_are_known_whole_and_by_their_first_label() -> None:
    found = KnownNames.parse(said("10.0.0.11       pve01.example.com PVE01\n10.0.0.12  pve02\n", 2))
    assert found.of("pve01") == ("10.0.0.11",)
    assert found.of("pve02") == ("10.0.0.12",)
    assert found.of("pve03") == ()


def test_a_name_of_two_addresses_has_both() -> None:
    assert KnownNames.parse(said("127.0.1.1 pve01\n10.0.0.11 pve01\n")).of("pve01") == ("127.0.1.1", "10.0.0.11")


@pytest.mark.parametrize("output", [said("hello there\n"), said("", 1, "usage")])
def test_names_that_are_not_understood_are_none(output: Output) -> None:
    with pytest.raises(Unreadable):
        KnownNames.parse(output)
