"""The situations in which simulated and real nodes must answer alike, and how each of the two gets there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation
from tests.lab.lab import Lab
from tests.lab.plan import DOMAIN

TOKEN_MS = 1000  # a lost node is noticed in about twice that
THREE = Layout(
    "lab",
    ("pve01", "pve02", "pve03"),
    links=2,
    has_qdevice=False,
    version=3,
    prefix="10.77",
    token_ms=TOKEN_MS,
    domain=DOMAIN,
)
PAIR = Layout(
    "lab", ("pve01", "pve02"), links=1, version=3, prefix="10.77", qnetd="10.77.0.200", token_ms=TOKEN_MS, domain=DOMAIN
)

Change = Callable[[Lab], None]


def nothing(_lab: Lab) -> None:
    pass


@dataclass(frozen=True)
class Case:
    """*enter* brings a healthy lab into the situation, *leave* back."""

    simulated: Situation
    enter: Change = field(default=nothing)
    leave: Change = field(default=nothing)


def cut_a_link(lab: Lab) -> None:
    lab.link("pve03", 1, "down")


def whole(lab: Lab) -> None:
    """Until every node sees every other over every link again."""
    lab.wait_members(len(lab.members))
    lab.wait_for(*lab.members, command="corosync-cfgtool -s | grep -q nodeid && ! corosync-cfgtool -s | grep -q disc")


def mend(lab: Lab) -> None:
    lab.heal()
    whole(lab)


def power_off(*nodes: str) -> Change:
    return lambda lab: lab.kill(*nodes)


def power_on(*nodes: str) -> Change:
    def boot(lab: Lab) -> None:
        lab.start(*nodes)
        whole(lab)

    return boot


def stop(unit: str, node: str) -> Change:
    def run(lab: Lab) -> None:
        lab.exec(node, "systemctl", "stop", unit, check=True)

    return run


def start(unit: str, node: str) -> Change:
    def run(lab: Lab) -> None:
        lab.exec(node, "systemctl", "start", unit, check=True)
        whole(lab)

    return run


HEALTHY, PAIRED = Situation(THREE), Situation(PAIR)
CASES: Mapping[str, Case] = {
    "healthy": Case(HEALTHY),
    "a link cut": Case(HEALTHY.with_link("pve03", 1, up=False), cut_a_link, mend),
    "corosync stopped": Case(
        HEALTHY.with_service("pve03", Service.COROSYNC, runs=False),
        stop("corosync", "pve03"),
        start("corosync", "pve03"),
    ),
    "one node off": Case(HEALTHY.with_power("pve03", Power.OFF), power_off("pve03"), power_on("pve03")),
    "no quorum": Case(
        HEALTHY.with_power("pve02", Power.OFF).with_power("pve03", Power.OFF),
        power_off("pve02", "pve03"),
        power_on("pve02", "pve03"),
    ),
    "a qdevice": Case(PAIRED),
    "a qdevice with qnetd gone": Case(
        PAIRED.with_power(QNETD, Power.OFF),
        stop("corosync-qnetd", QNETD),
        start("corosync-qnetd", QNETD),
    ),
    "a qdevice daemon stopped": Case(
        PAIRED.with_service("pve02", Service.QDEVICE, runs=False),
        stop("corosync-qdevice", "pve02"),
        start("corosync-qdevice", "pve02"),
    ),
}
