"""`pvecm delnode` on a simulated node, as recorded, and the scripts of `remove`."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.cluster import cleaning, pvecm_words, shared
from bot.demo.cluster.acting import PACE, Act, Asked, Effect, GivenUp, Scripts, Stage
from bot.demo.cluster.pvecm_words import USAGE
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Service, Situation

DELNODE_S = 9 * PACE

SCRIPTS: Scripts = {**cleaning.SCRIPTS}


def pvecm_delnode(asked: Asked) -> Act:
    """*asked*: the words after `pvecm delnode`. Nothing but the list changes: keys and nodes/NAME stay behind."""
    return Act((Stage(_checked(asked)), Stage(_removed(asked), DELNODE_S)))


def _checked(asked: Asked) -> Effect:
    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        name = pvecm_words.read(asked.words, DELNODE_USAGE).name
        pvecm_words.check_name(name, "node", DELNODE_USAGE)
        conf = now.conf_of(node)
        if conf is None:
            raise GivenUp(Said("", UNKNOWN.format(name=name), 2))  # errno that was left over (seen)
        if name == node:
            raise GivenUp(Said("", "Cannot delete myself from cluster!\n", USAGE))
        if not now.can_write(node, clock):
            raise GivenUp(Said("", NOT_READY, USAGE))
        if name not in conf.names:
            raise GivenUp(Said("", UNKNOWN.format(name=name), USAGE))
        return Said(), now

    return effect


def _removed(asked: Asked) -> Effect:
    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        name = pvecm_words.read(asked.words, DELNODE_USAGE).name
        if not now.can_write(node, clock):
            raise GivenUp(Said("", NOT_READY, USAGE))
        conf = now.member_conf(node)
        is_there = name in now.members(node)
        said = Said(f"Killing node {conf.member(name).id}\n", "" if is_there else NOT_KILLED)
        return said, _killed(shared.write(now, node, conf=conf.without(name)), name, is_there=is_there)

    return effect


def _killed(now: Situation, name: str, *, is_there: bool) -> Situation:
    """One that was still in the ring has its corosync ended, and systemd calls that failed."""
    if not is_there:
        return now
    return replace(now, stopped=now.stopped | {(name, Service.COROSYNC)}, killed=now.killed | {name})


DELNODE_USAGE = "pvecm delnode <node>"
NOT_READY = "cluster not ready - no quorum?\n"
UNKNOWN = "Node/IP: {name} is not a known host of the cluster.\n"
NOT_KILLED = "Could not kill node (error = CS_ERR_NOT_EXIST)\n"
