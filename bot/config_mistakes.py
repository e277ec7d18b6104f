"""A mistake in config.toml in words: the key, what is wrong, what to do. Never the value: it may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.text import Text


def mistake(error: ErrorDetails, config: type[BaseModel]) -> Text:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    key = key.removesuffix(".[key]")
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key(key, error["loc"], config)
        case "name":
            return NAMED.fill(key=key, why=context["text"])
        case kind if kind in MISTAKES:
            return MISTAKES[kind].fill(key=key, **context)
    return OTHER.fill(key=key, why=error["msg"])


def _unknown_key(key: str, location: tuple[str | int, ...], config: type[BaseModel]) -> Text:
    table: Any = config
    for part in location[:-1]:
        field = getattr(table, "model_fields", {}).get(part)
        table = next(iter(_tables(field.annotation)), None) if field else table
    near = get_close_matches(str(location[-1]), list(getattr(table, "model_fields", {})), n=1)
    return DID_YOU_MEAN.fill(key=key, near=near[0]) if near else UNKNOWN_KEY.fill(key=key)


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _tables(part)


NAMED = Text(en="{key}: {why}", fr="{key} : {why}")
OTHER = Text(en="{key}: {why}", fr="{key} : {why}")
UNKNOWN_KEY = Text(en="{key}: no such key; remove it", fr="{key} : clé inconnue ; retirez-la")
DID_YOU_MEAN = Text(
    en="{key}: no such key; did you mean “{near}”?", fr="{key} : clé inconnue ; vouliez-vous dire « {near} » ?"
)
MISTAKES: Mapping[str, Text] = {
    "missing": Text(en="{key}: missing; add it", fr="{key} : manque ; ajoutez-la"),
    "literal_secret": Text(
        en="{key}: a secret never stands in this file; write env:NAME, file:PATH or credential:NAME",
        fr="{key} : un secret ne figure jamais dans ce fichier ; écrivez env:NOM, file:CHEMIN ou credential:NOM",
    ),
    "account": Text(
        en="{key}: write a Slack account as TEAM/USER, as in T0123ABCD/U0456EFGH",
        fr="{key} : écrivez un compte Slack sous la forme ÉQUIPE/UTILISATEUR, comme T0123ABCD/U0456EFGH",
    ),
    "transport": Text(
        en="{key}: transport “{transport}” needs {needed}; add it",
        fr="{key} : le transport « {transport} » a besoin de {needed} ; ajoutez-le",
    ),
    "twice": Text(en="{key}: node {name} is listed twice", fr="{key} : le nœud {name} figure deux fois"),
}
