"""config.toml as a frozen `Config`; every mistake in the file is reported at once, by key."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from bot import hours
from bot.action import Risk
from bot.config_agreement import ACCOUNT, disagreements, unknown_actions
from bot.config_mistakes import mistake
from bot.demand import Demand
from bot.names import ClusterName, NodeName, Secret
from bot.text import Refused, Text

_REFERENCE = re.compile(r"(env|file|credential):(.+)", re.DOTALL)
# As SQLAlchemy finds a password before the host, and libpq one among the parameters.
_HOLDS_PASSWORD = re.compile(r"[\w+]+://[^:/]*:[^@]+@|[?&](ssl)?password=")


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise PydanticCustomError("literal_secret", "")
    return value


def _url(value: str) -> str:
    if _HOLDS_PASSWORD.search(value):
        raise PydanticCustomError("password_in_url", "")
    return value


def _account(value: str) -> str:
    if not ACCOUNT.fullmatch(value):
        raise PydanticCustomError("account", "")
    return value


def _name(kind: type[str]) -> AfterValidator:
    def checked(value: str) -> str:
        try:
            return kind(value)
        except Refused as refused:
            raise PydanticCustomError("name", "", {"text": refused.text}) from None

    return AfterValidator(checked)


def _path(value: Path, info: ValidationInfo) -> Path:
    """A path is relative to the file it stands in, not to where the bot was started."""
    folder: Path = info.context["folder"] if info.context else Path()
    try:
        path = folder / value.expanduser()
    except RuntimeError:  # ~NAME, and nobody is called so here
        raise PydanticCustomError("no_home", "") from None
    if "\0" in str(path):
        raise PydanticCustomError("no_path", "")
    return path


REPEATED_GROUP = re.compile(r"\)[*+{]")  # takes exponential time on what nearly fits


def _pattern(value: str) -> str:
    if REPEATED_GROUP.search(value):
        raise PydanticCustomError("repeated_group", "")
    try:
        re.compile(value)
    except re.error as error:
        raise PydanticCustomError("pattern", "", {"error": str(error)}) from None
    return value


def _hours(value: str) -> str:
    if value:
        try:
            hours.parse(value)
        except ValueError as error:
            raise PydanticCustomError("hours", "", {"error": str(error)}) from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
HoursWords = Annotated[str, AfterValidator(_hours)]
SecretRef = Annotated[str, AfterValidator(_reference)]
AccountName = Annotated[str, AfterValidator(_account)]
FilePath = Annotated[Path, AfterValidator(_path)]
Node = Annotated[str, _name(NodeName)]
Seconds = Annotated[float, Field(gt=0, le=600)]


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

    url: Annotated[str, AfterValidator(_url)] = Field(default="sqlite:///pve-cluster-bot.db", repr=False)


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


class NodeTable(Table):
    """One of a cluster's `nodes`. *fingerprints* pins its host keys: `SHA256:…` as ssh-keygen -l prints them."""

    name: Node
    host: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/@\[\]]+$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    fingerprints: frozenset[Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]] = frozenset()


class ApiTable(Table):
    """`[clusters.<name>.api]`: a Proxmox VE API token, a second way to see whether a node lives."""

    token_id: Annotated[str, Field(pattern=r"^[^@!\s]+@[^@!\s]+![A-Za-z][\w.-]+$")]
    token_secret: SecretRef
    fingerprints: dict[Node, Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$")]] = {}


class ClusterTable(Table):
    """`[clusters.<name>]`: its nodes, and the Slack channels where it is meant when none is named."""

    nodes: tuple[NodeTable, ...]
    channels: frozenset[str] = frozenset()
    ssh: ClusterSshTable = ClusterSshTable()
    api: ApiTable | None = None


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


class Config(Table):
    slack: SlackTable
    http: HttpTable = HttpTable()
    database: DatabaseTable = DatabaseTable()
    ssh: SshTable
    people: dict[str, PersonTable] = {}
    groups: dict[str, GroupTable] = {}
    policy: tuple[PolicyTable, ...] = ()
    break_glass: BreakGlassTable | None = None
    clusters: Annotated[dict[Annotated[str, _name(ClusterName)], ClusterTable], Field(min_length=1)]

    folder: Path = Field(default=Path(), exclude=True)


class BadConfig(Refused):
    """The configuration cannot be used; *mistakes* says everything that is wrong with it."""

    def __init__(self, mistakes: tuple[Text, ...]) -> None:
        super().__init__(mistakes[0])
        self.mistakes = mistakes


def load(path: Path, actions: Collection[str] | None = None) -> Config:
    """Raise `BadConfig` with every mistake in the file. *actions*: those that a rule may speak of, if that is known."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig((NO_FILE.fill(path=path, why=error.strerror),)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig((NOT_TOML.fill(path=path, why=error),)) from None
    return parse(document, path.absolute().parent, actions)


def parse(document: Mapping[str, Any], folder: Path, actions: Collection[str] | None = None) -> Config:
    """Raise `BadConfig` with every mistake. Relative paths are taken from *folder*."""
    mistakes: list[Text] = []
    try:
        config = Config.model_validate({"ssh": {}, **document, "folder": folder}, context={"folder": folder})
    except ValidationError as error:
        mistakes += [mistake(one, Config) for one in error.errors(include_input=False, include_url=False)]
    mistakes += disagreements(document)
    mistakes += unknown_actions(document, actions) if actions is not None else ()
    if mistakes:
        raise BadConfig(tuple(mistakes))
    return config


def secret(reference: str, folder: Path) -> Secret:
    """The first line of what *reference* points to. Raise `BadConfig` if there is nothing."""
    kind, _, name = reference.partition(":")
    places = {"file": folder, "credential": Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials"))}
    try:
        value = os.environ[name] if kind == "env" else (places[kind] / name).read_text(encoding="utf-8")
    except (KeyError, OSError, ValueError):  # ValueError: not UTF-8, or a name that no file can have
        raise BadConfig((NO_SECRET.fill(reference=reference),)) from None
    first, _, _rest = value.partition("\n")
    if not first.strip():
        raise BadConfig((NO_SECRET.fill(reference=reference),))
    return Secret(first.strip())


def database_url(config: Config) -> str:
    """The URL itself, its reference resolved; an SQLite file is relative to the configuration."""
    url = config.database.url
    if _REFERENCE.fullmatch(url):
        url = secret(url, config.folder).reveal()
    scheme, slashes, rest = url.partition(":///")
    if scheme.startswith("sqlite") and rest and rest != ":memory:" and not rest.startswith(("/", "file:")):
        return f"{scheme}{slashes}{config.folder / rest}"
    return url


def references(config: Config) -> Iterator[tuple[str, str]]:
    """The key and the reference of every secret that is used, for `check`."""
    slack = config.slack
    other = ("app_token", slack.app_token) if slack.transport == "socket" else ("signing_secret", slack.signing_secret)
    yield from ((f"slack.{key}", value) for key, value in (("bot_token", slack.bot_token), other) if value)
    if _REFERENCE.fullmatch(config.database.url):
        yield "database.url", config.database.url
    for name, cluster in config.clusters.items():
        if cluster.api:
            yield f"clusters.{name}.api.token_secret", cluster.api.token_secret


NO_FILE = Text(en="{path}: {why}", fr="{path} : {why}")
NOT_TOML = Text(en="{path} is not TOML: {why}", fr="{path} n'est pas du TOML : {why}")
NO_SECRET = Text(
    en="{reference} holds no secret: set it, or point the key elsewhere",
    fr="{reference} ne contient aucun secret : définissez-le, ou changez la référence",
)
