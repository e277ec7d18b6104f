import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from bot.ssh.host_keys import HostKey, read_known_hosts
from bot.ssh.nodes import SshNodes
from tests.ssh.sshd import PVE01, Sshd, call, new_key, reason

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def answer_of(sshd: Sshd, **other: object) -> object:
    with closing(SshNodes({PVE01: sshd.login(**other)}, now_us=lambda: 0)) as nodes:
        return nodes.ask([call("true")])[0]


def fingerprint(path: Path) -> str:
    return subprocess.run(["ssh-keygen", "-lf", path], check=True, capture_output=True, text=True).stdout.split()[1]


def test_an_unknown_host_key_is_refused_with_its_fingerprint_and_the_remedy(sshd: Sshd, tmp_path: Path):
    (tmp_path / "known").write_text("")
    said = reason(answer_of(sshd, known_hosts=tmp_path / "known"))
    assert fingerprint(sshd.folder / "host_ed25519.pub") in said
    assert f"ssh-keyscan -t ed25519 -p {sshd.port} 127.0.0.1 >> {tmp_path / 'known'}" in said
    assert (tmp_path / "known").read_text() == ""


def test_the_remedy_for_an_unknown_host_key_works(sshd: Sshd, tmp_path: Path):
    (tmp_path / "known").write_text("")
    said = reason(answer_of(sshd, known_hosts=tmp_path / "known"))
    subprocess.run(["sh", "-c", said.split("with: `")[1].rstrip("`")], check=True, capture_output=True)
    assert not isinstance(answer_of(sshd, known_hosts=tmp_path / "known"), Exception)


def test_a_changed_host_key_is_refused_with_both_fingerprints(sshd: Sshd, tmp_path: Path):
    old = new_key(tmp_path / "old").with_suffix(".pub")
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {old.read_text()}")
    said = reason(answer_of(sshd, known_hosts=tmp_path / "known"))
    assert "has changed" in said
    assert fingerprint(old) in said
    assert fingerprint(sshd.folder / "host_ed25519.pub") in said


@pytest.mark.parametrize("type_", ["ed25519", "rsa"])
def test_the_one_key_that_is_known_is_the_one_asked_for(sshd: Sshd, tmp_path: Path, type_: str):
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {sshd.public(type_)}\n")
    assert not isinstance(answer_of(sshd, known_hosts=tmp_path / "known"), Exception)


def test_a_hashed_known_hosts_file_is_understood(sshd: Sshd, tmp_path: Path):
    (tmp_path / "known").write_text(sshd.known_hosts.read_text())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", tmp_path / "known"], check=True, capture_output=True)
    assert "127.0.0.1" not in (tmp_path / "known").read_text()
    assert not isinstance(answer_of(sshd, known_hosts=tmp_path / "known"), Exception)


def test_a_pinned_fingerprint_is_enough(sshd: Sshd):
    pin = frozenset({fingerprint(sshd.folder / "host_ed25519.pub")})
    assert not isinstance(answer_of(sshd, known_hosts=None, fingerprints=pin), Exception)


def test_a_wrong_pin_is_refused_and_the_remedy_is_the_configuration_key(sshd: Sshd):
    said = reason(answer_of(sshd, known_hosts=None, fingerprints=frozenset({"SHA256:" + "A" * 43})))
    assert "has changed" in said
    assert f'fingerprints = ["{fingerprint(sshd.folder / "host_ed25519.pub")}"]' in said


def test_a_revoked_key_is_refused_although_it_is_known(sshd: Sshd, tmp_path: Path):
    (tmp_path / "known").write_text(sshd.known_hosts.read_text() + f"@revoked * {sshd.public('ed25519')}\n")
    assert "@revoked" in reason(answer_of(sshd, known_hosts=tmp_path / "known"))


@pytest.mark.parametrize(
    ("patterns", "host", "port", "is_known"),
    [
        ("pve01", "pve01", 22, True),
        ("PVE01", "pve01", 22, True),
        ("pve01,10.0.0.1", "10.0.0.1", 22, True),
        ("pve01", "pve01", 2222, False),
        ("[pve01]:2222", "pve01", 2222, True),
        ("[pve01]:2222", "pve01", 22, False),
        ("*.example.com", "pve01.example.com", 22, True),
        ("*.example.com,!pve01.example.com", "pve01.example.com", 22, False),
        ("pve0?", "pve01", 22, True),
        ("|1|garbage|x", "pve01", 22, False),
        ("@cert-authority pve01", "pve01", 22, False),
        ("# pve01", "pve01", 22, False),
    ],
)
def test_a_line_of_known_hosts_names_its_hosts(patterns: str, host: str, port: int, is_known: bool):  # noqa: FBT001 - a row of the table
    assert bool(read_known_hosts(f"garbage\n\n{patterns} {LINE}\n", host, port).keys) == is_known


def test_a_line_that_is_no_key_is_skipped():
    assert not read_known_hosts("pve01 ssh-ed25519 ***\n", "pve01", 22).keys


def test_two_keys_are_the_same_only_if_their_bytes_are():
    assert HostKey("ssh-ed25519", b"a").fingerprint != HostKey("ssh-ed25519", b"b").fingerprint
