"""What a `join` runs, what guards it, and what its approval rests on."""

from __future__ import annotations

from bot.action import Json, Step, Votes
from bot.actions.join import trust
from bot.actions.join.facts import Args, Facts
from bot.actions.join.joining import Joining, own
from bot.cluster import guard
from bot.cluster.leftovers import FILES
from bot.cluster.login_keys import LoginKey
from bot.cluster.quorum import View
from bot.cluster.vote_rules import quorum_of, survived_failures, survives, voters
from bot.names import NodeName
from bot.text import Text

ADD_S = 120  # 11 to 14 s seen; what takes longer waits for a quorum that does not come, and would for ever
TRUST_S = 60
SETTLE_S = 40
MARKER = "successfully added node '{node}' to cluster."
_NOTHING_LEFT = f"""found=$(ls -d {" ".join(FILES)} 2>/dev/null) || [ "$?" -eq 2 ]
[ -z "$found" ] || {{ echo "left of a cluster: $found" >&2; exit 1; }}"""
# `find` fails where /etc/pve is away, and that ends the guard.
_NO_GUESTS = """found=$(find /etc/pve/nodes/{node} -mindepth 2 -maxdepth 2 -name '*.conf' -path '*/qemu-server/*')
found=$found$(find /etc/pve/nodes/{node} -mindepth 2 -maxdepth 2 -name '*.conf' -path '*/lxc/*')
[ -z "$found" ] || {{ echo "guests: $found" >&2; exit 1; }}"""
_HAS_ADDRESS = """ip -o addr | grep -qF ' {address}/' || {{ echo "no address {address} here" >&2; exit 1; }}"""
_NOT_LISTED = """! cat /etc/pve/corosync.conf | grep -qE '^[[:space:]]*name:[[:space:]]*{node}[[:space:]]*$' \\
  || {{ echo "the cluster lists {node} already" >&2; exit 1; }}"""


def words(args: Args, facts: Facts) -> Text:
    joining = Joining(args, facts)
    text = WORDS_SSH if args.use_ssh else WORDS_API
    return text.fill(node=args.node, cluster=joining.views.name, member=joining.member)


def plan(args: Args, facts: Facts) -> tuple[Step, ...]:
    joining = Joining(args, facts)
    return _over_ssh(joining) if args.use_ssh else (_add(joining),)


def _add(joining: Joining) -> Step:
    return Step(
        joining.new,
        ADD.fill(node=joining.new),
        _argv(joining),
        _is_ready(joining),
        timeout_s=ADD_S,
        secret="" if joining.args.use_ssh else "root_password",
        marker=MARKER.format(node=joining.new),
    )


def _argv(joining: Joining) -> tuple[str, ...]:
    """Never --force: it would join with guests."""
    args = joining.args
    how = ("--use_ssh", "1") if args.use_ssh else ("--fingerprint", joining.fingerprint)
    links = (word for number, link in joining.links.items() for word in (f"--link{number}", link.address))
    numbers = (("--nodeid", args.nodeid), ("--votes", args.votes))
    more = (word for option, number in numbers if number is not None for word in (option, str(int(number))))
    return ("pvecm", "add", joining.address, *how, *links, *more)


def _over_ssh(joining: Joining) -> tuple[Step, ...]:
    new, member, key = joining.new, _member(joining), _own_key(joining)
    lines = trust.known_hosts(joining.address, joining.facts.host_keys.by_node[member].keys, new)
    addresses = own(joining.facts.addresses.by_node[new])
    names = {"node": new, "member": member}
    here, there = (guard.guard(guard.host(node)) for node in (new, member))
    return (
        Step(new, KNOW.fill(**names), trust.know(lines), _is_ready(joining), TRUST_S),
        Step(member, ADMIT.fill(**names), trust.admit(key, addresses, new), _takes_in(joining), TRUST_S),
        _add(joining),
        Step(member, DISMISS.fill(**names), trust.dismiss(key, new), there, TRUST_S),
        Step(new, FORGET.fill(**names), trust.forget(lines), here, TRUST_S),
    )


def _member(joining: Joining) -> NodeName:
    """`check` refuses where there is none."""
    if joining.member is None:
        raise ValueError(f"{joining.args.member} is no member")
    return joining.member


def _own_key(joining: Joining) -> LoginKey:
    """`check` refuses where there is none."""
    key = joining.facts.own_key.by_node[joining.new].key
    if key is None:
        raise ValueError(f"{joining.new} has no key")
    return key


def _is_ready(joining: Joining) -> str:
    """On the node that joins, right before: still that host, still empty, still with these addresses."""
    addresses = (link.address for link in joining.links.values())
    return guard.guard(
        guard.host(joining.new),
        _NOTHING_LEFT,
        guard.corosync_is_down(),
        _NO_GUESTS.format(node=joining.new),
        *(_HAS_ADDRESS.format(address=address) for address in addresses),
    )


def _takes_in(joining: Joining) -> str:
    """On the member, right before `pvecm` on the new node has it add that node by force: the name is still free there."""
    conf, view = joining.conf, joining.view
    return guard.guard(
        guard.host(_member(joining)),
        *(guard.conf(conf.name, conf.version) if conf else ()),
        *(guard.ring(view) if view else ()),
        _NOT_LISTED.format(node=joining.new),
    )


def rests_on(args: Args, facts: Facts) -> dict[str, Json]:
    joining = Joining(args, facts)
    view, here = joining.view, facts.addresses.by_node.get(args.node)
    identity = facts.identity.by_node.get(args.node)
    return {
        "cluster": joining.views.name,
        "config_version": joining.conf.version if joining.conf else None,
        "members": [*sorted(joining.views.ids)],
        "ring": [*sorted(view.member_ids)] if view else None,
        "quorate": view.quorate if view else None,
        "member": joining.member,
        "node": identity.host if identity else None,
        "node_is_listed": args.node in joining.views.ids,
        "addresses": [*own(here)] if here else None,
        "fingerprint": joining.fingerprint,
    }


def votes(args: Args, facts: Facts) -> tuple[Votes | None, Votes | None]:
    joining = Joining(args, facts)
    view = joining.view
    if view is None:
        return None, None
    return (
        Votes(view.total, view.expected, view.needed, view.quorate, survived_failures(view)),
        after(view, joining.votes),
    )


def after(view: View, joined: int) -> Votes:
    """With the new node's votes, present and expected."""
    present, expected = view.total + joined, view.expected + joined
    needed = quorum_of(expected)
    return Votes(present, expected, needed, present >= needed, survives((*voters(view), joined), needed))


def undo(args: Args, _facts: Facts) -> Text:
    return UNDO.fill(node=args.node)


WORDS_API = Text(
    en="Join {node} to the cluster {cluster} through {member}, over its API",
    fr="Joindre {node} au cluster {cluster} par {member}, via son API",
)
WORDS_SSH = Text(
    en="Join {node} to the cluster {cluster} through {member}, over SSH",
    fr="Joindre {node} au cluster {cluster} par {member}, via SSH",
)
ADD = Text(
    en="Join {node}: all of its /etc/pve gives way to the cluster's",
    fr="Joindre {node} : tout son /etc/pve cède la place à celui du cluster",
)
KNOW = Text(en="Let {node} know the host keys of {member}", fr="Faire connaître à {node} les clés d'hôte de {member}")
ADMIT = Text(
    en="Let root of {node} log in to {member} for one hour at most",
    fr="Laisser root de {node} se connecter à {member}, une heure au plus",
)
DISMISS = Text(
    en="Take that back on {member}; the lasting line of {node} stays",
    fr="Reprendre cet accès sur {member} ; la ligne durable de {node} reste",
)
FORGET = Text(
    en="Take the host keys of {member} out of {node}'s own list",
    fr="Retirer les clés d'hôte de {member} de la liste propre à {node}",
)
UNDO = Text(
    en="Power {node} off, /pve-cluster remove {node}, then /pve-cluster reset {node} once it is on again. What its /etc/pve held "
    "before comes back only from the copy of its database in /var/lib/pve-cluster/backup",
    fr="Éteindre {node}, /pve-cluster remove {node}, puis /pve-cluster reset {node} une fois rallumé. Ce que contenait son "
    "/etc/pve ne revient que de la copie de sa base dans /var/lib/pve-cluster/backup",
)
