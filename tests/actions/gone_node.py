"""Four real nodes, and the traces of a fifth that was removed: what `remove pve05 --cleanup` then sees."""

from __future__ import annotations

from bot import propose
from bot.actions import load_actions
from bot.actions.remove.facts import Args, Facts
from bot.command_line import parse
from bot.names import ClusterName
from bot.plan import Plan
from bot.policy import demand
from tests.actions.dead_node import (
    ALIVE,
    CONF,
    CONF_CMD,
    IDS,
    JOBS,
    KEYS,
    MEMBERS,
    PVE05,
    RULES,
    STORAGES,
    Said,
    everywhere,
    headed,
    look,
)
from tests.recorded import members

ARGS = Args(PVE05, cleanup=True)
WITHOUT = CONF.replace(CONF[CONF.index("  node {\n    name: pve05") : CONF.index("}\n\nquorum")], "")
FOUR = {name: IDS[name] for name in ALIVE}
LINES = ("ssh-rsa AAAA1 root@pve01", "ssh-rsa AAAA5 root@pve05", "ssh-rsa AAAAB bot")
KNOWN = ("pve01 ssh-rsa H1", "pve05 ssh-rsa H5", "10.0.1.15 ssh-rsa H5", "10.0.1.14 ssh-rsa H5")
TRACES: Said = {
    ("pve01", STORAGES): "nfs: nas\n\tnodes pve01,pve05\n\ndir: own\n\tnodes pve05\n",
    ("pve01", RULES): headed(
        RULES, "node-affinity: near\n\tnodes pve05:2,pve01:1\n", "group: old\n\tnodes pve02,pve05\n"
    ),
    ("pve01", JOBS): "local: 100-0\n\ttarget pve05\n",
    ("pve01", KEYS): headed(KEYS, "\n".join(LINES) + "\n", "\n".join(KNOWN) + "\n"),
}


def gone(more: Said | None = None) -> Facts:
    """Nobody lists it any more; all that it can leave is there."""
    lists = everywhere(MEMBERS, members("pve01", FOUR, quorate=True, online=ALIVE))
    return look({**lists, **everywhere(CONF_CMD, WITHOUT), **TRACES, **(more or {})}, cleanup=True)


def planned(facts: Facts) -> Plan:
    command, name = parse("remove pve05 --cleanup", load_actions()), ClusterName("pve-lab")
    return propose.plan(command, name, "remove pve05 --cleanup", facts, demand(command, name, ()))
