"""Looking at a cluster: what the fields of a facts class name is asked of its nodes. Defines the ports to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from bot.action import NOT_ASKED, ApiFact, Asked, Beside, Call, EachNode, Fact, Output, Unreachable, Unreadable
from bot.names import NodeName
from bot.plan import Host
from bot.run import Ticket, Trace
from bot.text import Refused, Text


class Nodes(Protocol):
    """One cluster's nodes, reachable or not."""

    @property
    def names(self) -> tuple[NodeName, ...]: ...

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        """Run all *calls* side by side and return their answers in the same order; never raise for a node."""


class Hands(Protocol):
    """What can change one cluster's nodes."""

    def host(self, node: NodeName) -> Host:
        """Login and host key of a connection that stands now. Raise `Unreachable` if there is none to be had."""

    def boot_id(self, node: NodeName) -> str:
        """Of the system that runs there now. Raise `Unreachable`."""

    def start(self, ticket: Ticket) -> str:
        """Have *ticket* started, at most once for ever; return what the node objected to, "" for nothing.

        Raise `Unreachable` if it cannot be known whether it was started.
        """

    def trace(self, ticket: Ticket) -> Trace:
        """What its node knows of it. Raise `Unreachable`."""

    def burn(self, ticket: Ticket) -> bool:
        """True: it was whole and is burnt, so it never ran and never will. Raise `Unreachable` if that is not sure."""


class Api(Protocol):
    """The Proxmox VE API of one cluster's nodes: a second way to see whether a node lives."""

    def get_all(self, nodes: Sequence[NodeName], path: str) -> list[Output | Unreachable]:
        """Ask all *nodes* side by side for *path*; the JSON that came is the output. Never raise for a node."""


Further = Callable[[Any], Asked]
"""Of the facts that are known: what else to ask, by field and node."""


@dataclass(frozen=True)
class Seen:
    """One answer of one node as the ledger keeps it: its length and digest, never its text."""

    node: NodeName
    argv: tuple[str, ...]
    exit: int | None
    bytes: int
    sha256: str
    took_us: int


@dataclass
class Look:
    """One look at a cluster: asks what the fields of a facts class name, and keeps what was seen for the ledger.

    *beside*: hosts that are none of its nodes and can be asked what is further.
    """

    nodes: Nodes
    api: Api | None = None
    on: tuple[NodeName, ...] | None = None
    beside: tuple[NodeName, ...] = ()
    seen: list[Seen] = field(default_factory=list)

    def gather(self, facts: type[Any], further: Further = lambda _facts: {}) -> Any:
        """Ask every `EachNode` field of all nodes at once, each plain one of a node that answers, then what is *further*.

        Raise `Refused` if a node is named that the cluster does not have, `Unreachable` if nobody can say a plain one.
        """
        later = {field.name for field in fields(facts) if field.default is NOT_ASKED}
        hints = {name: kind for name, kind in get_type_hints(facts).items() if name not in later}
        every = {name: get_args(kind)[0] for name, kind in hints.items() if get_origin(kind) is EachNode}
        found: dict[str, Any] = self._each(every)
        order = self._answering_first(found)
        plain = {name: self._plain(kind, order) for name, kind in hints.items() if name not in every}
        return self._further(facts(**found, **plain), further)

    def _further(self, facts: Any, further: Further) -> Any:
        """All of it at once, of the nodes of this cluster and the hosts beside it only."""
        kinds = get_type_hints(type(facts))
        wanted = [
            (name, node, argv)
            for name, by_node in further(facts).items()
            for node, argv in by_node.items()
            if node in {*self.nodes.names, *self.beside}
        ]
        outputs = self._ask([Call(node, argv) for _, node, argv in wanted])
        answers: dict[str, list[tuple[NodeName, Output | Unreachable]]] = {}
        for (name, node, _), output in zip(wanted, outputs, strict=True):
            answers.setdefault(name, []).append((node, output))
        return replace(facts, **{name: _sorted_out(get_args(kinds[name])[0], said) for name, said in answers.items()})

    def _asked(self) -> tuple[NodeName, ...]:
        unknown = [node for node in self.on or () if node not in self.nodes.names]
        if unknown:
            raise Refused(NO_SUCH_NODE.fill(node=unknown[0], known=", ".join(self.nodes.names)))
        return self.on or self.nodes.names

    def _each(self, kinds: Mapping[str, Any]) -> dict[str, EachNode[Any]]:
        nodes = self._asked()
        over_ssh = {name: kind for name, kind in kinds.items() if not hasattr(kind, "PATH")}
        outputs = iter(self._ask([Call(node, kind.ARGV) for kind in over_ssh.values() for node in nodes]))
        found = {name: _sorted_out(kind, [(node, next(outputs)) for node in nodes]) for name, kind in over_ssh.items()}
        return found | {name: self._over_api(kind, nodes) for name, kind in kinds.items() if name not in over_ssh}

    def _over_api(self, kind: type[ApiFact], nodes: Sequence[NodeName]) -> EachNode[Any]:
        if self.api is None:
            return EachNode({}, dict.fromkeys(nodes, NO_API))
        answers = zip(nodes, self.api.get_all(nodes, kind.PATH), strict=True)
        return _sorted_out(kind, list(answers))

    def _answering_first(self, found: Mapping[str, EachNode[Any]]) -> list[NodeName]:
        mute = {node for each in found.values() for node in each.silent}
        return sorted(self._asked(), key=lambda node: node in mute)

    def _plain(self, kind: Any, order: Sequence[NodeName]) -> Any:
        return Beside(self.beside) if kind is Beside else self._one(kind, order)

    def _one(self, kind: type[Fact], order: Sequence[NodeName]) -> Any:
        for node in order:
            each = _sorted_out(kind, [(node, self._ask([Call(node, kind.ARGV)])[0])])
            if each.by_node:
                return each.any
        raise Unreachable(NOBODY_ANSWERS.fill(reason=next(iter(each.silent.values()))))

    def _ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        outputs = self.nodes.ask(calls)
        self.seen += [_seen(call, output) for call, output in zip(calls, outputs, strict=True)]
        return outputs


def _sorted_out(kind: type[Fact | ApiFact], answers: Sequence[tuple[NodeName, Output | Unreachable]]) -> EachNode[Any]:
    heard: dict[NodeName, Any] = {}
    silent: dict[NodeName, Text] = {}
    for node, output in answers:
        if isinstance(output, Unreachable):
            silent[node] = output.text
            continue
        try:
            heard[node] = kind.parse(output)
        except (Unreadable, ValueError, ArithmeticError, RecursionError) as error:
            silent[node] = GARBAGE.fill(command=_asked_for(kind), error=error)
    return EachNode(heard, silent)


def _asked_for(kind: Any) -> str:
    """What a person would know it by; what is asked further has words of its own each time."""
    return str(kind.PATH) if hasattr(kind, "PATH") else " ".join(getattr(kind, "ARGV", (kind.__name__,)))


def _seen(call: Call, output: Output | Unreachable) -> Seen:
    if isinstance(output, Unreachable):
        return Seen(call.node, call.argv, None, 0, "", 0)
    text = (output.stdout + "\0" + output.stderr).encode(errors="surrogateescape")
    return Seen(call.node, call.argv, output.exit, len(text) - 1, sha256(text).hexdigest(), output.took_us)


NO_SUCH_NODE = Text(
    en="This cluster has no node “{node}”: it has {known}", fr="Ce cluster n'a pas de nœud « {node} » : il a {known}"
)
NOBODY_ANSWERS = Text(en="No node gave an answer. {reason}", fr="Aucun nœud n'a répondu. {reason}")
GARBAGE = Text(
    en="did not understand what `{command}` answered: {error}", fr="réponse de `{command}` incomprise : {error}"
)
NO_API = Text(en="No API token is configured for this cluster", fr="Aucun jeton d'API n'est configuré pour ce cluster")
