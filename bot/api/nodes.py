"""The API of one cluster's nodes: each is asked by itself, with a token, and only if it shows the expected certificate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests
from proxmoxer.backends.https import Backend
from proxmoxer.core import ProxmoxResource, ResourceException
from requests.adapters import HTTPAdapter

from bot.action import Output, Unreachable
from bot.names import NodeName, Secret
from bot.text import Text

AT_ONCE = 16


@dataclass(frozen=True)
class ApiLogin:
    """*token_id*: `USER@REALM!NAME`. *fingerprint*: SHA-256 of the certificate; "" leaves it to the system's CAs."""

    host: str
    token_id: str
    token_secret: Secret
    fingerprint: str = ""
    port: int = 8006
    timeout_s: float = 5


class Pinned(HTTPAdapter):
    """Takes one certificate and no other, whoever signed it."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, assert_fingerprint=self._fingerprint)


@dataclass(frozen=True)
class ApiNodes:
    logins: Mapping[NodeName, ApiLogin]

    def get_all(self, nodes: Sequence[NodeName], path: str) -> list[Output | Unreachable]:
        """Ask all *nodes* side by side for *path*; the JSON that came is the output. Never raise for a node."""
        with ThreadPoolExecutor(AT_ONCE, "api") as threads:
            return list(threads.map(lambda node: self._get(node, path), nodes))

    def _get(self, node: NodeName, path: str) -> Output | Unreachable:
        login = self.logins[node]
        try:
            found = _resource(login)(path.lstrip("/")).get()
        except ResourceException as error:
            return Unreachable(REFUSED.fill(host=login.host, status=error.status_code))
        except requests.exceptions.SSLError:
            return Unreachable(OTHER_CERTIFICATE.fill(host=login.host, port=login.port))
        except (requests.exceptions.RequestException, ValueError) as error:
            return Unreachable(SILENT.fill(host=login.host, port=login.port, error=type(error).__name__))
        return Output(node, 0, json.dumps(found, default=repr))


def _resource(login: ApiLogin) -> Any:
    user, _, token = login.token_id.partition("!")
    backend = Backend(
        login.host,
        user=user,
        port=login.port,
        token_name=token,
        token_value=login.token_secret.reveal(),
        timeout=login.timeout_s,
        verify_ssl=not login.fingerprint,
    )
    session = backend.get_session()
    session.trust_env = False  # a proxy, or credentials of ~/.netrc, have no business between the bot and a node
    if login.fingerprint:
        session.mount("https://", Pinned(login.fingerprint))
    return ProxmoxResource(base_url=backend.get_base_url(), session=session, serializer=backend.get_serializer())


REFUSED = Text(
    en="The API of {host} refuses the token or the question (HTTP {status}): give the token the role PVEAuditor on /",
    fr="L'API de {host} refuse le jeton ou la question (HTTP {status}) : donnez au jeton le rôle PVEAuditor sur /",
)
OTHER_CERTIFICATE = Text(
    en="The API of {host} port {port} shows another certificate than the pinned one, so the token was not sent",
    fr="L'API de {host} port {port} présente un autre certificat que celui attendu, donc le jeton n'a pas été envoyé",
)
SILENT = Text(
    en="The API of {host} port {port} does not answer ({error})",
    fr="L'API de {host} port {port} ne répond pas ({error})",
)
