"""The values of config.toml that are more than words and numbers: each is taken as it is meant, or refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from bot import hours
from bot.config_agreement import ACCOUNT
from bot.names import NodeName
from bot.text import Refused

REFERENCE = re.compile(r"(env|file|credential):(.+)", re.DOTALL)
# As SQLAlchemy finds a password before the host, and libpq one among the parameters.
_HOLDS_PASSWORD = re.compile(r"[\w+]+://[^:/]*:[^@]+@|[?&](ssl)?password=")


def _reference(value: str) -> str:
    if not REFERENCE.fullmatch(value):
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


def named(kind: type[str]) -> AfterValidator:
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


Url = Annotated[str, AfterValidator(_url)]
Pattern = Annotated[str, AfterValidator(_pattern)]
HoursWords = Annotated[str, AfterValidator(_hours)]
SecretRef = Annotated[str, AfterValidator(_reference)]
AccountName = Annotated[str, AfterValidator(_account)]
FilePath = Annotated[Path, AfterValidator(_path)]
Node = Annotated[str, named(NodeName)]
Seconds = Annotated[float, Field(gt=0, le=600)]
