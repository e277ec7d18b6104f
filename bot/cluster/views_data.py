"""The views of a cluster in the shape that programs read (`do --json`)."""

from __future__ import annotations

from bot.action import Json
from bot.cluster.qdevice_cells import in_words
from bot.cluster.quorum import View
from bot.cluster.views import Views
from bot.cluster.vote_rules import survived_failures
from bot.names import NodeName


def as_data(views: Views, view: View) -> dict[str, Json]:
    return {
        "clustered": True,
        "name": views.name,
        "config_version": views.file.version if views.file else None,
        **votes_data(views, view),
        "nodes": [_node(views, node) for node in views.ids],
        "qdevice": _qdevice(views, view),
        "silent": {node: why.to("en") for node, why in views.quorum.silent.items()},
        "views": {node: _view(seen) for node, seen in views.seen.items()},
    }


def votes_data(views: Views, view: View) -> dict[str, Json]:
    """*quorate* is the cluster's, so it is null where only a side without quorum was heard."""
    return {
        "quorate": None if views.unheard else view.quorate,
        "votes": view.total,
        "needed": view.needed,
        "expected": view.expected,
        "highest_expected": view.highest,
        "survives": None if views.unheard else survived_failures(view),
        "unheard": [*views.unheard],
    }


def _node(views: Views, node: NodeName) -> dict[str, Json]:
    listed = views.file.nodes.get(node) if views.file else None
    return {
        "name": node,
        "id": views.ids[node],
        "online": views.online(node),
        "votes": listed.votes if listed else None,
        "addresses": {str(link): address for link, address in listed.addresses.items()} if listed else {},
    }


def _qdevice(views: Views, view: View) -> Json:
    device = views.file.device if views.file else None
    if device is None:
        return None
    return {
        "host": device.host,
        "model": device.model,
        "algorithm": device.algorithm,
        "worth": device.votes,
        "votes": view.qdevice.cast if view.qdevice else 0,
        "cells": {str(member.id): member.cell for member in view.members},
        "cells_in_words": {str(member.id): in_words(member.cell).to("en") for member in view.members},
    }


def _view(view: View) -> dict[str, Json]:
    return {
        "quorate": view.quorate,
        "votes": view.total,
        "expected": view.expected,
        "ring": view.ring,
        "members": list[Json](sorted(view.member_ids)),
    }
