"""What is read from a running corosync, from its log and from certificate files, and what is refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.action import Output, Unreadable
from bot.cluster.certificates import Certificates
from bot.cluster.cmap import LoadedTotem, RunningConfig
from bot.cluster.conf_files import SharedConf
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_document import parse
from bot.cluster.corosync_log import CorosyncLog
from bot.cluster.link_stats import LinkStats
from bot.names import NodeName

DATA = Path(__file__).parents[1] / "data/corosync"
RUNNING = json.loads((DATA / "running-3.1.7.json").read_text(encoding="utf-8"))
PVE01 = NodeName("pve01")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def recorded(situation: str, command: str, node: str = "pve01") -> Output:
    said = next(r for r in RUNNING[situation] if (r["command"], r["node"]) == (command, node))
    return Output(NodeName(node), said["exit"], said["stdout"], said["stderr"])


def said(stdout: str, exit_: int = 0, stderr: str = "") -> Output:
    return Output(PVE01, exit_, stdout, stderr, sent_at_us=int(NOON.timestamp()) * 1_000_000)


def test_the_timeouts_in_force_are_read_with_the_coefficient_in_them() -> None:
    running = RunningConfig.parse(recorded("healthy-3", "corosync-cmapctl runtime.config"))
    assert running.totem is not None
    assert (running.totem["token"], running.totem["consensus"]) == (3650, 4380)


def test_the_loaded_version_is_read() -> None:
    assert LoadedTotem.parse(recorded("healthy-3", "corosync-cmapctl totem")).version == 1


@pytest.mark.parametrize("fact", [RunningConfig, LoadedTotem, LinkStats])
def test_a_stopped_corosync_is_an_answer(fact: type[RunningConfig | LoadedTotem | LinkStats]) -> None:
    command = " ".join(fact.ARGV)
    assert fact.parse(recorded("corosync-stopped", command, "pve03")) == fact(None)


def test_a_link_that_is_down_is_seen_from_the_node_it_is_down_for() -> None:
    stats = LinkStats.parse(recorded("dual-link-one-link-down", "corosync-cmapctl -m stats stats.knet"))
    assert stats.links is not None
    assert {at for at, link in stats.links.items() if not link.connected} == {(2, 0)}
    assert (stats.links[2, 0].latency_us, stats.links[2, 0].mtu, stats.links[2, 0].down_count) == (249, 1397, 2)


@pytest.mark.parametrize("fact", [RunningConfig, LoadedTotem, LinkStats])
@pytest.mark.parametrize("line", ["<html>", "totem.config_version (u64) = many", "no equals (u8)"])
def test_a_line_that_is_no_key_is_named(fact: type[RunningConfig | LoadedTotem | LinkStats], line: str) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        fact.parse(said(f"totem.version (u32) = 2\n{line}\n"))


def test_statistics_without_a_counter_are_not_taken_for_zero() -> None:
    with pytest.raises(Unreadable, match=r"node2\.link0"):
        LinkStats.parse(said("stats.knet.node2.link0.connected (u8) = 1\n"))


def test_what_the_file_says_of_nodes_links_and_timeouts() -> None:
    conf = CorosyncConf.parse(recorded("dual-link-healthy", "cat /etc/pve/corosync.conf"))
    assert (conf.name, conf.version, conf.links) == ("pve-lab", 1, (0, 1))
    assert conf.nodes[NodeName("pve02")].addresses == {0: "10.0.1.12", 1: "10.0.2.12"}
    assert (conf.timeouts.effective_token_ms, conf.timeouts.consensus_ms) == (3650, 4380)


@pytest.mark.parametrize("situation", [name for name in RUNNING if name not in {"corosync-stopped", "standalone"}])
def test_the_timeouts_computed_from_a_file_are_those_that_corosync_uses(situation: str) -> None:
    conf = CorosyncConf.parse(recorded(situation, "cat /etc/pve/corosync.conf"))
    totem = RunningConfig.parse(recorded(situation, "corosync-cmapctl runtime.config")).totem
    assert totem is not None
    assert (conf.timeouts.effective_token_ms, conf.timeouts.consensus_ms) == (totem["token"], totem["consensus"])


def test_priorities_and_the_quorum_device_are_read() -> None:
    text = (
        "totem {\n interface {\n  linknumber: 1\n  knet_link_priority: 9\n }\n}\nnodelist {\n node {\n  name: a\n"
        "  nodeid: 1\n  ring0_addr: 10.0.0.1\n  ring1_addr: 10.0.1.1\n }\n}\nquorum {\n device {\n  model: net\n"
        "  votes: 2\n  net {\n   host: 10.0.9.9\n   algorithm: lms\n  }\n }\n}\n"
    )
    conf = CorosyncConf.of(parse(text))
    assert conf.priorities == {0: 1, 1: 9}
    assert conf.device is not None
    assert (conf.device.model, conf.device.votes, conf.device.host, conf.device.algorithm) == (
        "net",
        2,
        "10.0.9.9",
        "lms",
    )


@pytest.mark.parametrize(("broken", "line"), [("nodeid: two", 4), ("quorum_votes: lots", 4)])
def test_a_number_that_is_none_is_named_by_its_line(broken: str, line: int) -> None:
    with pytest.raises(Unreadable, match=f"line {line}"):
        CorosyncConf.parse(said(f"nodelist {{\n node {{\n  name: a\n  {broken}\n }}\n}}\n"))


def test_a_missing_file_is_an_answer_and_an_unreadable_one_is_not() -> None:
    assert SharedConf.parse(said("", 1, "cat: /etc/pve/corosync.conf: No such file or directory")).text is None
    with pytest.raises(Unreadable, match="Transport endpoint"):
        SharedConf.parse(said("", 1, "cat: /etc/pve/corosync.conf: Transport endpoint is not connected"))


def entry(at_us: int, message: object) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": str(at_us), "MESSAGE": message})


def test_the_log_tells_when_a_link_turned() -> None:
    lines = [
        entry(1, "  [KNET  ] rx: host: 3 link: 0 is up"),
        entry(2, "  [KNET  ] link: host: 2 link: 1 is down"),
        entry(3, "  [KNET  ] host: host: 2 has no active links"),
        entry(4, None),
        entry(5, list(b"caf\xc3\xa9")),
    ]
    log = CorosyncLog.parse(said("\n".join(lines) + "\n"))
    assert [(t.at_us, t.peer_id, t.link, t.up) for t in log.link_turns] == [(1, 3, 0, True), (2, 2, 1, False)]
    assert [line.text for line in log.lines[3:]] == ["…", "café"]


@pytest.mark.parametrize("at_us", [10**30, 10**16, -1])
def test_a_time_that_no_calendar_has_is_named(at_us: int) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        CorosyncLog.parse(said(f"{entry(1, 'x')}\n{entry(at_us, 'y')}\n"))


@pytest.mark.parametrize("line", ["garbage", "{}", "[]", '{"__REALTIME_TIMESTAMP": "soon", "MESSAGE": ""}'])
def test_a_line_that_is_no_log_entry_is_named(line: str) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        CorosyncLog.parse(said(f"{entry(1, 'x')}\n{line}\n"))


def certificate(name: str, days: int, issuer: str = "PVE Cluster CA") -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
    made = (
        x509.CertificateBuilder(named[1], named[0], key.public_key(), 77)
        .not_valid_before(NOON - timedelta(days=1000))
        .not_valid_after(NOON + timedelta(days=days, hours=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def shown(**files: str) -> str:
    paths = {
        "ca": "/etc/pve/pve-root-ca.pem",
        "own": "/etc/pve/local/pve-ssl.pem",
        "custom": "/etc/pve/local/pveproxy-ssl.pem",
    }
    return "\n".join(f"==> {paths[name]} <==\n{content}" for name, content in files.items())


@pytest.mark.parametrize("custom", [True, False])
def test_the_custom_certificate_is_served_before_the_nodes_own(*, custom: bool) -> None:
    files = {"ca": certificate("CA", 900), "own": certificate("pve01", 20)}
    files |= {"custom": certificate("pve.example.com", 90)} if custom else {}
    missing = (
        "" if custom else "head: cannot open '/etc/pve/local/pveproxy-ssl.pem' for reading: No such file or directory"
    )
    found = Certificates.parse(said(shown(**files), 0 if custom else 1, missing))
    assert found.served is not None
    assert found.served.subject == ("pve.example.com" if custom else "pve01")


def test_days_and_fingerprint_are_those_of_the_certificate() -> None:
    pem = certificate("pve01", 20)
    found = Certificates.parse(said(shown(own=pem)))
    own = found.by_file["pve-ssl.pem"]
    assert found.days_left(own) == 20
    digest = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256())
    assert own.fingerprint == ":".join(f"{byte:02X}" for byte in digest)


def test_an_expired_certificate_has_less_than_no_day_left() -> None:
    found = Certificates.parse(said(shown(own=certificate("pve01", -3))))
    assert found.days_left(found.by_file["pve-ssl.pem"]) == -3


@pytest.mark.parametrize("content", ["garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_that_is_no_certificate_is_named(content: str) -> None:
    with pytest.raises(Unreadable, match=r"/etc/pve/local/pve-ssl\.pem"):
        Certificates.parse(said(shown(own=content)))


def test_a_file_that_may_not_be_read_is_not_taken_for_missing() -> None:
    with pytest.raises(Unreadable, match="Permission denied"):
        Certificates.parse(said("", 1, "head: cannot open '/etc/pve/local/pve-ssl.pem' for reading: Permission denied"))
