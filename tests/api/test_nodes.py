"""The API as a second witness: what it answers, what it refuses, and that no token goes to a stranger."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.action import EachNode, Output, Unreachable
from bot.api.nodes import ApiLogin, ApiNodes
from bot.cluster.api_status import ApiStatus
from bot.look import NO_API, Look
from bot.names import NodeName, Secret
from tests.recorded import RecordedNodes

PVE01, PVE02 = NodeName("pve01"), NodeName("pve02")
STATUS = [
    {"type": "cluster", "id": "cluster", "name": "home", "nodes": 2, "version": 4, "quorate": 1},
    {"type": "node", "id": "node/pve01", "name": "pve01", "nodeid": 1, "local": 1, "online": 1, "ip": "10.0.1.11"},
    {"type": "node", "id": "node/pve02", "name": "pve02", "nodeid": 2, "local": 0, "online": 0, "ip": "10.0.1.12"},
]
TOKEN = Secret("11111111-2222-3333-4444-555555555555")


def login(host: str, **more) -> ApiLogin:
    return ApiLogin(host, "bot@pve!witness", TOKEN, **more)


def asked(logins: dict[NodeName, ApiLogin]) -> dict[NodeName, Output | Unreachable]:
    return dict(zip(logins, ApiNodes(logins).get_all(list(logins), ApiStatus.PATH), strict=True))


@responses.activate
def test_a_quorate_node_is_seen_with_whom_it_sees() -> None:
    said = responses.get("https://10.0.1.11:8006/api2/json/cluster/status", json={"data": STATUS})
    answer = asked({PVE01: login("10.0.1.11")})[PVE01]
    assert isinstance(answer, Output)
    assert ApiStatus.parse(answer) == ApiStatus(quorate=True, online=frozenset({"pve01"}))
    assert said.calls[0].request.headers["Authorization"] == f"PVEAPIToken=bot@pve!witness={TOKEN.reveal()}"


@responses.activate
def test_a_host_in_no_cluster_has_no_quorum_to_tell() -> None:
    responses.get("https://10.0.1.11:8006/api2/json/cluster/status", json={"data": STATUS[1:2]})
    answer = asked({PVE01: login("10.0.1.11")})[PVE01]
    assert isinstance(answer, Output)
    assert ApiStatus.parse(answer).quorate is None


@responses.activate
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"status": 401}, "refuses the token"),
        ({"status": 403}, "refuses the token"),
        ({"status": 500}, "refuses the token"),
        ({"body": requests.exceptions.ConnectTimeout()}, "does not answer (ConnectTimeout)"),
        ({"body": requests.exceptions.ConnectionError()}, "does not answer (ConnectionError)"),
    ],
)
def test_what_is_no_answer_is_told_and_hides_no_other_node(body: dict[str, Any], said: str) -> None:
    responses.get("https://10.0.1.11:8006/api2/json/cluster/status", **body)
    responses.get("https://10.0.1.12:8006/api2/json/cluster/status", json={"data": STATUS})
    answers = asked({PVE01: login("10.0.1.11"), PVE02: login("10.0.1.12")})
    assert isinstance(answers[PVE01], Unreachable)
    assert said in str(answers[PVE01])
    assert TOKEN.reveal() not in str(answers[PVE01])
    assert isinstance(answers[PVE02], Output)


@pytest.mark.parametrize("garbage", ["", "[", '{"quorate": 1}', '[{"type": "cluster"}]', '["x"]', "null", "7"])
def test_garbage_is_no_quorum(garbage: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        ApiStatus.parse(Output(PVE01, 0, garbage))


def certificate(folder: Path) -> tuple[Path, str]:
    """A self-signed one with its key in one file, and its fingerprint as `pvenode cert info` shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pve01")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "pve.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    digest = sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    return path, ":".join(digest[at : at + 2] for at in range(0, 64, 2))


@contextmanager
def pveproxy(pem: Path) -> Iterator[tuple[int, list[str]]]:
    """A real TLS server; the second value: the tokens that reached it."""
    heard: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["Authorization"])
            body = json.dumps({"data": STATUS}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_pinned_certificate_is_taken_whoever_signed_it(tmp_path: Path) -> None:
    pem, fingerprint = certificate(tmp_path)
    with pveproxy(pem) as (port, heard):
        answer = asked({PVE01: login("127.0.0.1", port=port, fingerprint=fingerprint)})[PVE01]
    assert isinstance(answer, Output)
    assert len(heard) == 1


@pytest.mark.parametrize("fingerprint", ["AB:" * 31 + "AB", ""])
def test_a_stranger_never_gets_the_token(tmp_path: Path, fingerprint: str) -> None:
    """Another certificate than the pinned one; or none pinned, and nobody known signed it."""
    pem, _ = certificate(tmp_path)
    with pveproxy(pem) as (port, heard):
        answer = asked({PVE01: login("127.0.0.1", port=port, fingerprint=fingerprint)})[PVE01]
    assert "was not sent" in str(answer)
    assert heard == []


@dataclass(frozen=True)
class Facts:
    api: EachNode[ApiStatus]


def test_without_a_token_every_node_is_silent_and_says_why() -> None:
    facts = Look(RecordedNodes("healthy-3")).gather(Facts)
    assert {why.to("en") for why in facts.api.silent.values()} == {NO_API.to("en")}
