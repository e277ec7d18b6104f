"""What corosync's own tools print on one node, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.demo.cluster.conf import Conf
from bot.demo.cluster.situation import QNETD, Power, Situation


def quorumtool(now: Situation, node: str, clock: float, *, ips: bool, hexadecimal: bool) -> str:
    """`corosync-quorumtool -s`, with -i and -H."""
    members, id_ = now.members(node), now.member_conf(node).member(node).id
    quorate = now.is_quorate(node)
    own = f"0x{id_:08x}" if hexadecimal else str(id_)
    flags = ("Quorate " if quorate else "") + ("Qdevice " if now.has_daemon(node) else "")
    return (
        "Quorum information\n------------------\n"
        f"Date:             {datetime.fromtimestamp(clock, UTC).strftime('%a %b %e %H:%M:%S %Y')}\n"
        "Quorum provider:  corosync_votequorum\n"
        f"Nodes:            {len(members)}\n"
        f"Node ID:          {own}\n"
        f"Ring ID:          {ring_id(now, node)}\n"
        f"Quorate:          {'Yes' if quorate else 'No'}\n\n"
        "Votequorum information\n----------------------\n"
        f"Expected votes:   {now.expected(node)}\n"
        f"Highest expected: {now.expected(node)}\n"
        f"Total votes:      {now.votes(node)}\n"
        f"Quorum:           {now.quorum(node)} {' ' if quorate else 'Activity blocked'}\n"
        f"Flags:            {flags}\n\n"
        f"{membership(now, node, ips=ips, hexadecimal=hexadecimal)}"
    )


def membership(now: Situation, node: str, *, ips: bool, hexadecimal: bool) -> str:
    """The table at the end of `-s`; with `-l` all there is, but for an empty line before it."""
    conf = now.member_conf(node)
    voted = now.has_its_vote(node)
    head = f"    Nodeid      Votes {'   Qdevice ' if conf.has_qdevice else ''}Name\n"
    rows = ""
    for member in (conf.member(name) for name in now.members(node)):
        id_ = f"0x{member.id:08x}" if hexadecimal else f"{member.id:>10}"
        name = member.first if ips else member.name
        local = " (local)" if member.name == node else ""
        rows += f"{id_} {member.votes:>10} {_cell(now, conf, member.name)}{name}{local}\n"
    if conf.has_qdevice:
        id_ = "0x00000000" if hexadecimal else f"{0:>10}"
        rows += f"{id_} {1 if voted else 0:>10} {'':>10} Qdevice{'' if voted else ' (votes 1)'}\n"
    return f"Membership information\n----------------------\n{head}{rows}"


def _cell(now: Situation, conf: Conf, member: str) -> str:
    if not conf.has_qdevice:
        return ""
    state = "NR" if not now.has_daemon(member) else "A,V,NMW" if now.has_its_vote(member) else "A,NV,NMW"
    return f"{state:>10} "


def ring_id(now: Situation, node: str) -> str:
    return f"{now.member_conf(node).member(now.members(node)[0]).id}.{0x2A + 4 * now.changes:x}"


def cfgtool_status(now: Situation, node: str) -> str:
    """`corosync-cfgtool -s`. Who is the only one of its list has brought up one link (seen)."""
    conf = now.member_conf(node)
    own = conf.member(node)
    text = f"Local node ID {own.id}, transport knet\n"
    for link in own.links if len(conf.members) > 1 else own.links[:1]:
        text += f"LINK ID {link} udp\n\taddr\t= {own.address(link)}\n\tstatus:\n"
        for peer in conf.members:
            up = "connected" if now.connected(node, peer.name, link) else "disconnected"
            text += f"\t\tnodeid: {peer.id:>10}:\t{'localhost' if peer == own else up}\n"
    return text


def cfgtool_nodes(now: Situation, node: str) -> str:
    """`corosync-cfgtool -n`: only peers that are reached."""
    conf = now.member_conf(node)
    own = conf.member(node)
    text = f"Local node ID {own.id}, transport knet\n"
    for peer in conf.members:
        up = {link: now.connected(node, peer.name, link) for link in own.links}
        if peer == own or not any(up.values()):
            continue
        text += f"nodeid: {peer.id} reachable\n"
        for link, connected in up.items():
            between = f"{own.address(link)}->{peer.address(link)}"
            text += f"   LINK: {link} udp ({between}) enabled{' connected' if connected else ''} mtu: 1397\n"
        text += "\n"
    return text


def qdevice_tool(now: Situation, node: str) -> str:
    """`corosync-qdevice-tool -s`."""
    conf = now.member_conf(node)
    listed = "".join(f"    {n}\tNode ID = {member.id}\n" for n, member in enumerate(conf.members))
    members = ", ".join(str(conf.member(name).id) for name in now.members(node))
    state = "Connected" if now.power_of(QNETD) is Power.ON else "Connect failed"
    return (
        "Qdevice information\n-------------------\n"
        f"Model:\t\t\tNet\nNode ID:\t\t{conf.member(node).id}\nConfiguration version:\t{conf.version}\n"
        f"Configured node list:\n{listed}Membership node list:\t{members}\n\n"
        "Qdevice-net information\n----------------------\n"
        f"Cluster name:\t\t{conf.name}\nQNetd host:\t\t{conf.qnetd}:5403\n"
        f"Algorithm:\t\tFifty-Fifty split\nTie-breaker:\t\tNode with lowest node ID\nState:\t\t\t{state}\n"
    )
