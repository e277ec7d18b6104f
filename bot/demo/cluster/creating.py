"""`pvecm create` on a simulated host, as recorded, and the script of `create`."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.cluster import pvecm_words, shared
from bot.demo.cluster.acting import PACE, Act, Asked, Effect, GivenUp, Scripts, Stage
from bot.demo.cluster.conf import Conf
from bot.demo.cluster.pvecm_words import USAGE, Words
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Service, Situation

CREATE_S, READ_ONLY_S = 3 * PACE, 5 * PACE

SCRIPTS: Scripts = {}


def pvecm_create(asked: Asked) -> Act:
    """*asked*: the words after `pvecm create`. /etc/pve takes writes only READ_ONLY_S later."""
    return Act((Stage(_checked(asked)), Stage(_created(asked), CREATE_S)))


def _checked(asked: Asked) -> Effect:
    def effect(now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
        words = pvecm_words.read(asked.words, CREATE_USAGE)
        pvecm_words.check_name(words.name, "clustername", CREATE_USAGE, most=pvecm_words.MOST)
        if now.conf_of(node) is not None:
            raise GivenUp(Said("", "cluster config '/etc/pve/corosync.conf' already exists\n", USAGE))
        return Said(), now

    return effect


def _created(asked: Asked) -> Effect:
    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        words = pvecm_words.read(asked.words, CREATE_USAGE)
        made = shared.write(_restarted(now, node), node, conf=_first(now, node, words), hosts=(node,))
        busy = {**dict(made.busy_until), node: clock + READ_ONLY_S}
        return Said(CREATED), replace(made, busy_until=tuple(sorted(busy.items())))

    return effect


def _first(now: Situation, node: str, words: Words) -> Conf:
    """The list of one; without links, that of the host's name. Each create makes a key of its own."""
    given = words if words.links else replace(words, links={0: (now.layout.management(node), None)})
    return Conf(words.name, 1, (given.member(node, 1),), f"{node} {now.changes}", given.priorities)


def _restarted(now: Situation, node: str) -> Situation:
    """What is masked does not start."""
    return now if node in now.masked else replace(now, stopped=now.stopped - {(node, Service.COROSYNC)})


CREATE_USAGE = "pvecm create <clustername> [OPTIONS]"
CREATED = (
    "Corosync Cluster Engine Authentication key generator.\n"
    "Gathering 2048 bits for key from /dev/urandom.\n"
    "Writing corosync key to /etc/corosync/authkey.\n"
    "Writing corosync config to /etc/pve/corosync.conf\n"
    "Restart corosync and cluster filesystem\n"
)
