"""The situations in which simulated and real nodes must answer alike, and how each of the two gets there and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.demo.cluster.situation import QNETD, Layout, Power, Service, Situation
from tests.lab.changes import Change, cut_a_link, mend, nothing, power_off, power_on, start, stop
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


@dataclass(frozen=True)
class Case:
    """*enter* brings a healthy lab into the situation, *leave* back."""

    simulated: Situation
    enter: Change = field(default=nothing)
    leave: Change = field(default=nothing)


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
