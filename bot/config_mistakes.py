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
    "password_in_url": Text(
        en="{key}: a password never stands in this file; write env:DATABASE_URL and put the URL there",
        fr="{key} : un mot de passe ne figure jamais dans ce fichier ; écrivez env:DATABASE_URL et mettez-y l'URL",
    ),
    "no_home": Text(
        en="{key}: ~NAME leads nowhere, for no such user is here; write the whole path",
        fr="{key} : ~NOM ne mène nulle part, cet utilisateur n'existe pas ici ; écrivez le chemin entier",
    ),
    "no_path": Text(
        en="{key}: no path holds a null character; remove it",
        fr="{key} : aucun chemin ne contient de caractère nul ; retirez-le",
    ),
    "account": Text(
        en="{key}: write a Slack account as TEAM/USER, as in T0123ABCD/U0456EFGH",
        fr="{key} : écrivez un compte Slack sous la forme ÉQUIPE/UTILISATEUR, comme T0123ABCD/U0456EFGH",
    ),
    "pattern": Text(
        en="{key}: not a regular expression: {error}", fr="{key} : expression rationnelle fausse : {error}"
    ),
    "repeated_group": Text(
        en="{key}: no group may be repeated in this pattern; write what it repeats as a class, as in [A-Z]+",
        fr="{key} : aucun groupe ne peut être répété dans ce motif ; écrivez ce qu'il répète en classe, comme [A-Z]+",
    ),
    "hours": Text(en="{key}: {error}", fr="{key} : {error}"),
    "too_short": Text(en="{key}: empty; name at least one", fr="{key} : vide ; indiquez-en au moins un"),
    "literal_error": Text(en="{key}: write one of {expected}", fr="{key} : écrivez l'un de {expected}"),
    "enum": Text(en="{key}: write one of {expected}", fr="{key} : écrivez l'un de {expected}"),
    "string_type": Text(en="{key}: write a text in quotes", fr="{key} : écrivez un texte entre guillemets"),
    "string_pattern_mismatch": Text(
        en="{key}: not of the form {pattern}; see config.example.toml",
        fr="{key} : pas de la forme {pattern} ; voyez config.example.toml",
    ),
    "bool_parsing": Text(en="{key}: write true or false", fr="{key} : écrivez true ou false"),
    "bool_type": Text(en="{key}: write true or false", fr="{key} : écrivez true ou false"),
    "int_parsing": Text(en="{key}: write a whole number", fr="{key} : écrivez un nombre entier"),
    "int_type": Text(en="{key}: write a whole number", fr="{key} : écrivez un nombre entier"),
    "float_parsing": Text(en="{key}: write a number", fr="{key} : écrivez un nombre"),
    "float_type": Text(en="{key}: write a number", fr="{key} : écrivez un nombre"),
    "greater_than": Text(en="{key}: must be more than {gt}", fr="{key} : doit dépasser {gt}"),
    "greater_than_equal": Text(en="{key}: must be {ge} at least", fr="{key} : doit être au moins {ge}"),
    "less_than_equal": Text(en="{key}: must be {le} at most", fr="{key} : doit être au plus {le}"),
    "frozen_set_type": Text(en="{key}: write a list in brackets", fr="{key} : écrivez une liste entre crochets"),
    "tuple_type": Text(en="{key}: write a list in brackets", fr="{key} : écrivez une liste entre crochets"),
    "dict_type": Text(en="{key}: write a table", fr="{key} : écrivez une table"),
    "model_type": Text(en="{key}: write a table", fr="{key} : écrivez une table"),
}
