"""The lab's networks: bridges, a cable from each to every node, and the ways to cut them. Lines for `ip -batch`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.lab.kernel import sh
from tests.lab.plan import NETS, PREFIX, Node

CUT = "cut"  # a partitioned node's ports move to the -cut bridges


def lay(nodes: Iterable[Node]) -> None:
    """Make bridges, ports and the nodes' network namespaces in the calling process's own network."""
    nodes = list(nodes)
    for node in nodes:
        sh("ip", "netns", "add", namespace(node))
    batch(*_bridges(), *(line for node in nodes for line in _ports(node)))
    for node in nodes:
        sh("ip", "-n", namespace(node), "-batch", "-", input="\n".join(_inside(node)) + "\n")


def namespace(node: Node) -> str:
    return f"pvelab-{node.name}"


def batch(*lines: str, inside: Iterable[str] = ()) -> None:
    """*inside*: the command that enters another network first."""
    sh(*inside, "ip", "-batch", "-", input="\n".join(lines) + "\n")


def _bridges() -> Iterator[str]:
    yield "link set lo up"
    for net in NETS:
        for bridge in (net, f"{net}-{CUT}"):
            yield f"link add {bridge} type bridge"
            yield f"link set {bridge} up"
        yield f"addr add {PREFIX[net]}.1/24 dev {net}"
    yield f"addr add {PREFIX['mgmt']}.1/32 dev mgmt-{CUT}"  # the bot's side reaches cut-off nodes too


def _ports(node: Node) -> Iterator[str]:
    for number, net in enumerate(node.nets):
        yield f"link add {port(node, number)} type veth peer name eth{number} netns {namespace(node)}"
        yield f"link set {port(node, number)} master {net} up"


def _inside(node: Node) -> Iterator[str]:
    yield "link set lo up"
    for number, net in enumerate(node.nets):
        yield f"addr add {node.address(net)}/24 dev eth{number}"
        yield f"link set eth{number} up"


def port(node: Node, net: int) -> str:
    """The far end of a node's cable; *net* 0 is the one that the bot uses, link N is N + 1."""
    return f"p{net}-{node.host}"


def cut_off(node: Node) -> Iterator[str]:
    """Away from the other nodes on all networks, but not from the bot's side."""
    for number, net in enumerate(node.nets):
        yield f"link set {port(node, number)} master {net}-{CUT}"
    yield f"route replace {node.address()}/32 dev mgmt-{CUT} src {PREFIX['mgmt']}.1"
    yield "neigh flush all"


def mended(node: Node) -> Iterator[str]:
    for number, net in enumerate(node.nets):
        yield f"link set {port(node, number)} master {net}"
        yield f"link set {port(node, number)} up"


def no_detour(node: Node) -> str:
    """Undoes the route of `cut_off`; fails where there is none."""
    return f"route del {node.address()}/32 dev mgmt-{CUT}"
