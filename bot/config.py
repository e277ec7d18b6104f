"""config.toml as a frozen `Config`; every mistake in the file is reported at once, by key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from bot.config_agreement import disagreements, unknown_actions
from bot.config_mistakes import mistake
from bot.config_tables import (
    BreakGlassTable,
    ClusterTable,
    DatabaseTable,
    GroupTable,
    HttpTable,
    PersonTable,
    PolicyTable,
    SlackTable,
    SshTable,
    Table,
)
from bot.config_values import REFERENCE, named
from bot.names import ClusterName, Secret
from bot.text import Refused, Text


class Config(Table):
    slack: SlackTable
    http: HttpTable = HttpTable()
    database: DatabaseTable = DatabaseTable()
    ssh: SshTable
    people: dict[str, PersonTable] = Field(default={})
    groups: dict[str, GroupTable] = Field(default={})
    policy: tuple[PolicyTable, ...] = ()
    break_glass: BreakGlassTable | None = None
    clusters: Annotated[dict[Annotated[str, named(ClusterName)], ClusterTable], Field(min_length=1)]

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
    if REFERENCE.fullmatch(url):
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
    if REFERENCE.fullmatch(config.database.url):
        yield "database.url", config.database.url
    for name, cluster in config.clusters.items():
        if cluster.api:
            yield f"clusters.{name}.api.token_secret", cluster.api.token_secret
        if cluster.root_password:
            yield f"clusters.{name}.root_password", cluster.root_password


NO_FILE = Text(en="{path}: {why}", fr="{path} : {why}")
NOT_TOML = Text(en="{path} is not TOML: {why}", fr="{path} n'est pas du TOML : {why}")
NO_SECRET = Text(
    en="{reference} holds no secret: set it, or point the key elsewhere",
    fr="{reference} ne contient aucun secret : définissez-le, ou changez la référence",
)
