"""`pvecm add` on a simulated host, as recorded and as pve-cluster says it, and the scripts of `join`.

It exits 0 also when it fails. What goes wrong on the member comes on standard output, the last word on standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.demo.cluster import networks, pvecm_words, shared, trusting
from bot.demo.cluster.acting import PACE, Act, Asked, Effect, GivenUp, Scripts, Stage
from bot.demo.cluster.conf import Conf, Member
from bot.demo.cluster.files import guests
from bot.demo.cluster.pve import Pve, key_of
from bot.demo.cluster.pvecm_words import Words
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Power, Situation

LOGIN_S, ADDNODE_S, START_S, QUORUM_S = 0.9 * PACE, 2.6 * PACE, 1.3 * PACE, 3 * PACE

SCRIPTS: Scripts = {**trusting.SCRIPTS}


@dataclass(frozen=True)
class Joining:
    """*words* after `pvecm add`; *secret*: the password it reads when it does not use ssh."""

    words: Words
    secret: str

    @property
    def uses_ssh(self) -> bool:
        return self.words.options.get("use_ssh") == "1"


Part = Callable[[Joining, Situation, str, float], tuple[Said, Situation]]


def pvecm_add(asked: Asked) -> Act:
    """*asked*: the words after `pvecm add`."""
    stages = ((_checked, 0.0), (_logged_in, LOGIN_S), (_listed, ADDNODE_S), (_started, START_S))
    return Act(
        (
            *(Stage(_effect(asked, part), takes_s) for part, takes_s in stages),
            Stage(_effect(asked, _joined), QUORUM_S, lambda now, node, clock: now.can_write(node, clock)),
        )
    )


def _effect(asked: Asked, part: Part) -> Effect:
    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        joining = Joining(pvecm_words.read(asked.words, ADD_USAGE), asked.secret)
        return part(joining, now, node, clock)

    return effect


def _checked(joining: Joining, now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
    if not joining.uses_ssh and not joining.secret:
        raise GivenUp(Said("", "EOF while reading password\n"))
    if wrong := "".join(f"* {line}\n" for line in _obstacles(joining.words, now, node)):
        text = f"detected the following error(s):\n{wrong}"
        raise GivenUp(Said(text, "Check if node may join a cluster failed!\n"))
    return Said(), now


def _obstacles(words: Words, now: Situation, node: str) -> Iterator[str]:
    if now.conf_of(node) is not None:
        yield "authentication key '/etc/corosync/authkey' already exists"
        yield "cluster config '/etc/pve/corosync.conf' already exists"
    if any(owner == node for _, owner, _, _ in guests(now, node)):
        yield "this host already contains virtual guests"
    if now.has_corosync(node):
        yield "corosync is already running, is this node already in a cluster?!"
    own = {one.address for one in networks.interfaces(now, node)}
    for link, (address, _) in sorted(words.links.items()):
        if address not in own:
            yield f"link{link}: cannot use IP '{address}', not found on local node!\n"


def _logged_in(joining: Joining, now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
    if joining.uses_ssh:
        return _with_ssh(joining.words.name, now, node)
    return _over_the_api(joining, now, node, clock)


def _with_ssh(member: str, now: Situation, node: str) -> tuple[Said, Situation]:
    host = networks.host_of(now, member)
    if host is None or not _answers(now, node, member) or member not in dict(now.known).get(node, ()):
        raise GivenUp(Said("", "unable to copy ssh ID: exit code 1\n"))
    if not trusting.is_let_in(now, node, host):
        raise GivenUp(Said("", f"unable to copy ssh ID: root@{member}: Permission denied (publickey,password).\n"))
    return Said(), now


def _over_the_api(joining: Joining, now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
    member = joining.words.name
    begun = f"Establishing API connection with host '{member}'\n"
    if networks.host_of(now, member) is None or not _answers(now, node, member):
        raise GivenUp(Said(begun, f"500 Can't connect to {member}:8006 (Connection timed out)\n"))
    if joining.secret != ROOT_PASSWORD:
        raise GivenUp(Said(begun, "401 authentication failure\n"))
    return Said(f"{begun}Login succeeded.\ncheck cluster join API version\n"), now


def _answers(now: Situation, node: str, member: str) -> bool:
    host = networks.host_of(now, member) or ""
    return networks.latency_ms(now, node, member) is not None and now.power_of(host) is Power.ON


def _listed(joining: Joining, now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
    """`addnode` on the member: from here on the cluster waits for the vote of *node*."""
    words, host = joining.words, networks.host_of(now, joining.words.name) or ""
    own = now.layout.management(node)
    given = words if words.links else replace(words, links={0: (own, None)})
    said = "" if words.links else f"{FALLBACK.format(address=own)}\n"
    said += "" if joining.uses_ssh else "Request addition of this node\n"
    conf = now.conf_of(host)
    wrong = _refusal(joining, now, given, host, node, clock)
    if wrong or conf is None or not _answers(now, node, words.name):
        raise GivenUp(_refused(joining, said, wrong, node, own))
    if node in conf.names:
        said += f"forcing overwrite of configured node '{node}'\n"
    return Said(said), _with_node(now, host, node, conf, given)


def _with_node(now: Situation, host: str, node: str, conf: Conf, given: Words) -> Situation:
    id_ = conf.member(node).id if node in conf.names else conf.free_id
    old = now.pve_of(host)
    nodes = old.nodes if node in old.nodes else (*old.nodes, node)
    return shared.write(now, host, conf=conf.with_member(given.member(node, id_)), nodes=nodes)


def _refusal(joining: Joining, now: Situation, given: Words, host: str, node: str, clock: float) -> str:
    """What `addnode` on *host* has against it; "" for nothing."""
    conf = now.conf_of(host)
    if conf is None or not now.can_write(host, clock):
        return "cluster not ready - no quorum?\n"
    if node in conf.names and not joining.uses_ssh:  # over ssh it is always forced
        return f"can't add existing node '{node}'\n"
    others = [member for member in conf.members if member.name != node]
    return next(_wrong_links(joining.words, given, others), "")


def _wrong_links(typed: Words, given: Words, others: list[Member]) -> Iterator[str]:
    links = others[0].links if others else tuple(given.links)
    if not typed.links and len(links) > 1:
        yield "no links given but multiple links found on other nodes, fallback only supported on single-link clusters\n"
    if len(given.links) < len(links):
        yield f"cluster has {len(links)} links, but only {len(given.links)} given{AT}"
    for link in sorted(given.links.keys() - set(links)):
        yield f"corosync: link {link} specified for new node doesn't exist in cluster config\n"
    taken = {address: (link, member.name) for member in others for link, address in member.addresses}
    for address, _ in given.links.values():
        if address in taken:
            link, owner = taken[address]
            yield f"corosync: address '{address}' already used on link ring{link}_addr by node '{owner}'\n"


def _refused(joining: Joining, said: str, wrong: str, node: str, own: str) -> Said:
    """*own*: the address of the host's name, which stands in for links that were not given."""
    words = joining.words
    if not joining.uses_ssh:
        return Said(said, f"An error occurred on the cluster node: {wrong}Cluster join aborted!\n")
    given = "".join(f" --link{link} {address}" for link, (address, _) in sorted(words.links.items()))
    command = f"ssh {words.name} -o BatchMode=yes pvecm addnode {node} --force 1{given or f' --new_node_ip {own}'}"
    return Said(f"{said}{wrong}", f"unable to add node: command failed ({command})\n")


def _started(joining: Joining, now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
    """Its own /etc/pve is put away, and corosync starts with the cluster's list."""
    host = networks.host_of(now, joining.words.name) or ""
    if not _answers(now, node, joining.words.name):
        raise GivenUp(Said("", f"unable to copy corosync config: no answer from {joining.words.name}\n"))
    how = "copy corosync auth key\n" if joining.uses_ssh else "Join request OK, finishing setup locally\n"
    said = f"{how}stopping pve-cluster service\n{BACKUP.format(second=int(clock))}waiting for quorum..."
    return Said(said), shared.take_over(now, node, now.member_conf(host))


def _joined(_joining: Joining, now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
    """The cluster's list of keys has taken the place of its own, and gets its key."""
    pve: Pve = now.pve_of(node)
    keys = pve.keys if key_of(node) in pve.keys else (*pve.keys, key_of(node))
    hosts = (*(host for host in pve.hosts if host != node), node)
    return Said(f"OK\n{JOINED.format(node=node)}"), shared.write(now, node, keys=keys, hosts=hosts)


ROOT_PASSWORD = "simulated"
"""Of root on every simulated host."""
ADD_USAGE = "pvecm add <hostname> [OPTIONS]"
AT = " at /usr/share/perl5/PVE/API2/ClusterConfig.pm line 375, <DATA> line 960.\n"
FALLBACK = "No cluster network links passed explicitly, fallback to local node IP '{address}'"
BACKUP = "backup old database to '/var/lib/pve-cluster/backup/config-{second}.sql.gz'\n"
JOINED = (
    "(re)generate node files\ngenerate new node certificate\nmerge authorized SSH keys\n"
    "generated new node certificate, restart pveproxy and pvedaemon services\n"
    "successfully added node '{node}' to cluster.\n"
)
