"""The files in /etc/pve of a simulated node, its certificates, and what corosync reads of them."""

from __future__ import annotations

from functools import partial

from bot.demo.cluster import files
from bot.demo.cluster.host import Files, Host, Topic

ROOT = "/etc/pve"


def _files(host: Host) -> Files:
    now, node = host.now, host.node
    pve, conf = now.pve_of(node), now.conf_of(node)
    return {
        f"{ROOT}/.members": lambda: files.members(now, node, host.clock),
        f"{ROOT}/.vmlist": lambda: files.vmlist(now, node),
        f"{ROOT}/.rrd": lambda: files.rrd(now, node, host.clock),
        f"{ROOT}/pve-root-ca.pem": lambda: host.authority.own,
        **{f"{ROOT}/{path}": partial(str, text) for path, text in pve.files},
        **_certificates(host, pve.nodes),
        **({path: lambda: files.corosync_conf(conf) for path in CONFS} if conf is not None else {}),
    }


def served(host: Host, node: str) -> str:
    """The certificate that pveproxy of *node* shows."""
    authority = host.authorities.of(host.now.pve_of(node).root)
    return authority.custom(node) if node in host.blemishes.custom else authority.of_node(node)


def _certificates(host: Host, nodes: tuple[str, ...]) -> Files:
    """Of every node that has a directory there and was there once; `local` is this one's."""
    made = [node for node in nodes if host.now.pve_of(node).root == host.now.pve_of(host.node).root]
    places = {f"{ROOT}/nodes/{node}": node for node in made} | {f"{ROOT}/local": host.node}
    own = {f"{place}/pve-ssl.pem": partial(host.authority.of_node, node) for place, node in places.items()}
    custom = {
        f"{place}/pveproxy-ssl.pem": partial(host.authority.custom, node)
        for place, node in places.items()
        if node in host.blemishes.custom
    }
    return own | custom


CONFS = (f"{ROOT}/corosync.conf", "/etc/corosync/corosync.conf")

TOPIC = Topic(files=_files)
