"""What the commands of a plan do to the simulated hosts: which text they print, and what is otherwise afterwards. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.cluster import creating, expected, joining, removing, separating, swapping
from bot.demo.cluster.acting import Act, Asked, Scripts, act, nothing
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation
from bot.demo.cluster.tools import NO_CLUSTER, NO_CMAP

PVECM: Scripts = {
    "create": creating.pvecm_create,
    "add": joining.pvecm_add,
    "delnode": removing.pvecm_delnode,
    "expected": lambda asked: act(lambda now, node, _clock: _expected(now, node, "".join(asked.words))),
}
SCRIPTS: Scripts = {**separating.SCRIPTS, **creating.SCRIPTS, **joining.SCRIPTS, **removing.SCRIPTS, **swapping.SCRIPTS}


def read_act(argv: tuple[str, ...], secret: str = "") -> Act:
    """*secret*: what the command finds on its standard input."""
    match argv:
        case ("pvecm", verb, *words) if verb in PVECM:
            return PVECM[verb](Asked(tuple(words), secret))
        case ("sh", "-c", _, name, *words) if name in SCRIPTS:
            return SCRIPTS[name](Asked(tuple(words), secret))
        case ("systemctl", "mask", "--runtime", "corosync"):
            return act(lambda now, node, _clock: (Said("", MASKED), replace(now, masked=now.masked | {node})))
        case ("systemctl", "unmask", "--runtime", "corosync"):
            return act(lambda now, node, _clock: (Said("", UNMASKED), replace(now, masked=now.masked - {node})))
        case ("sleep", seconds):
            return act(nothing, float(seconds))
    return act(lambda now, _node, _clock: (Said("", f"{argv[0]}: not on this node\n", 127), now))


def _expected(now: Situation, node: str, n: str) -> tuple[Said, Situation]:
    if now.conf_of(node) is None:
        return NO_CLUSTER, now
    if not now.has_corosync(node):
        return NO_CMAP, now
    if not n.isdecimal() or not expected.accepts(now, node, int(n)):
        return REFUSED, now
    return Said(), expected.force(now, node, int(n))


REFUSED = Said("", "Unable to set expected votes: CS_ERR_INVALID_PARAM\n", 1)
MASKED = "Created symlink /run/systemd/system/corosync.service → /dev/null.\n"
UNMASKED = 'Removed "/run/systemd/system/corosync.service".\n'
