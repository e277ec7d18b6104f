"""The tables of config.toml, each checked by itself: what may stand under which key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.action import Risk
from bot.config_values import AccountName, FilePath, HoursWords, Node, Pattern, Seconds, SecretRef, Url
from bot.demand import Demand


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SlackTable(Table):
    """`[slack]`: how to reach Slack, and who speaks which language there."""

    transport: Literal["socket", "http"] = "socket"
    bot_token: SecretRef
    app_token: SecretRef | None = None
    signing_secret: SecretRef | None = None
    language: Literal["en", "fr"] = "en"
    teams: frozenset[str] = frozenset()
    base_url: str = "https://slack.com/api/"


class HttpTable(Table):
    """`[http]`: where /healthz, /readyz, /metrics and, over HTTP, Slack's requests are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class DatabaseTable(Table):
    """`[database]`: a SQLAlchemy URL without a password, or a reference to one that may hold it."""

    url: Url = Field(default="sqlite:///pve-cluster-bot.db", repr=False)


class SshTable(Table):
    """`[ssh]`: the login on the nodes, unless a cluster says otherwise."""

    user: str = "root"
    key: FilePath = Field(default=Path("id_ed25519"), validate_default=True)
    known_hosts: FilePath | None = Field(default=Path("known_hosts"), validate_default=True)
    sudo: bool = False
    connect_timeout_s: Seconds = 5
    login_timeout_s: Seconds = 10
    keepalive_s: Seconds = 15


class ClusterSshTable(Table):
    """`[clusters.<name>.ssh]`: what differs from `[ssh]` for this cluster."""

    user: str | None = None
    key: FilePath | None = None
    known_hosts: FilePath | None = None
    sudo: bool | None = None


Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/@\[\]]+$")]
SshPort = Annotated[int, Field(ge=1, le=65535)]
Fingerprints = frozenset[Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]]


class NodeTable(Table):
    """One of a cluster's `nodes`. *fingerprints* pins its host keys: `SHA256:…` as ssh-keygen -l prints them."""

    name: Node
    host: Host
    port: SshPort = 22
    fingerprints: Fingerprints = frozenset()


class QnetdTable(Table):
    """`[clusters.<name>.qnetd]`: the login on the QDevice's host; what is not given is as for the cluster's nodes."""

    name: Node
    host: Host
    port: SshPort = 22
    fingerprints: Fingerprints = frozenset()
    user: str | None = None
    key: FilePath | None = None
    known_hosts: FilePath | None = None
    sudo: bool | None = None


class ApiTable(Table):
    """`[clusters.<name>.api]`: a Proxmox VE API token, a second way to see whether a node lives."""

    token_id: Annotated[str, Field(pattern=r"^[^@!\s]+@[^@!\s]+![A-Za-z][\w.-]+$")]
    token_secret: SecretRef
    fingerprints: dict[Node, Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$")]] = {}


class ClusterTable(Table):
    """`[clusters.<name>]`: its nodes, and the Slack channels where it is meant when none is named.

    *default*: also where the channel says nothing.
    *root_password*: of root on its nodes, for a `join` without `--use_ssh`.
    *qnetd*: the QDevice's host, for `qdevice setup --prepare` and `qdevice remove --server`.
    """

    nodes: tuple[NodeTable, ...]
    channels: frozenset[str] = frozenset()
    default: bool = False
    ssh: ClusterSshTable = ClusterSshTable()
    api: ApiTable | None = None
    root_password: SecretRef | None = None
    qnetd: QnetdTable | None = None


class PersonTable(Table):
    """`[people.<name>]`: the Slack accounts (`TEAM/USER`) and OS logins of one human."""

    accounts: frozenset[AccountName] = frozenset()
    logins: frozenset[str] = frozenset()


class GroupTable(Table):
    """`[groups.<name>]`: people by name or account, and Slack user groups by id (`S…`)."""

    people: frozenset[str] = frozenset()
    usergroups: frozenset[Annotated[str, Field(pattern=r"^S\w+$")]] = frozenset()


LONGEST = Demand(())  # a rule only ever asks for more: for less time than there is without it


class ApprovalTable(Table):
    """One of a policy's `approvals`: so many people of that group; `*` is any full member but the requester."""

    group: str
    count: Annotated[int, Field(ge=1, le=20)] = 1


class PolicyTable(Table):
    """One `[[policy]]`: what it speaks of (nothing named: everything), which groups may then ask, what it takes."""

    actions: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    risks: frozenset[Risk] = frozenset()
    groups: frozenset[str] = frozenset()
    approvals: tuple[ApprovalTable, ...] = ()
    reason: bool = False
    ticket: Pattern = ""
    typed: bool = False
    hours: HoursWords = ""
    approve_within_min: Annotated[int, Field(ge=1, le=LONGEST.approve_within_s // 60)] | None = None
    execute_within_min: Annotated[int, Field(ge=1, le=LONGEST.execute_within_s // 60)] | None = None
    cooldown_min: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    escalate_to: str | None = None


class BreakGlassTable(Table):
    """`[break_glass]`: who may run their own request alone, at night; without it, nobody. *channel*: who is told."""

    group: str
    channel: str
