"""What corosync's own tools print on one node, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.demo.cluster.situation import QNETD, Power, Situation


def quorumtool(now: Situation, node: str, clock: float, *, ips: bool, hexadecimal: bool) -> str:
    """`corosync-quorumtool -s`, with -i and -H."""
    layout, members = now.layout, now.members(node)
    quorate = now.is_quorate(node)
    own = f"0x{layout.id(node):08x}" if hexadecimal else str(layout.id(node))
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
    layout = now.layout
    voted = now.has_its_vote(node)
    head = f"    Nodeid      Votes {'   Qdevice ' if layout.has_qdevice else ''}Name\n"
    rows = ""
    for member in now.members(node):
        id_ = f"0x{layout.id(member):08x}" if hexadecimal else f"{layout.id(member):>10}"
        name = layout.address(member) if ips else member
        rows += f"{id_} {1:>10} {_cell(now, member)}{name}{' (local)' if member == node else ''}\n"
    if layout.has_qdevice:
        id_ = "0x00000000" if hexadecimal else f"{0:>10}"
        rows += f"{id_} {1 if voted else 0:>10} {'':>10} Qdevice{'' if voted else ' (votes 1)'}\n"
    return f"Membership information\n----------------------\n{head}{rows}"


def _cell(now: Situation, member: str) -> str:
    if not now.layout.has_qdevice:
        return ""
    state = "NR" if not now.has_daemon(member) else "A,V,NMW" if now.has_its_vote(member) else "A,NV,NMW"
    return f"{state:>10} "


def ring_id(now: Situation, node: str) -> str:
    return f"{now.layout.id(now.members(node)[0])}.{0x2A + 4 * now.changes:x}"


def cfgtool_status(now: Situation, node: str) -> str:
    """`corosync-cfgtool -s`."""
    text = f"Local node ID {now.layout.id(node)}, transport knet\n"
    for link in range(now.layout.links):
        text += f"LINK ID {link} udp\n\taddr\t= {now.layout.address(node, link)}\n\tstatus:\n"
        for peer in now.layout.nodes:
            state = "localhost" if peer == node else "connected" if now.connected(node, peer, link) else "disconnected"
            text += f"\t\tnodeid: {now.layout.id(peer):>10}:\t{state}\n"
    return text


def cfgtool_nodes(now: Situation, node: str) -> str:
    """`corosync-cfgtool -n`: only peers that are reached."""
    text = f"Local node ID {now.layout.id(node)}, transport knet\n"
    for peer in now.layout.nodes:
        up = [now.connected(node, peer, link) for link in range(now.layout.links)]
        if peer == node or not any(up):
            continue
        text += f"nodeid: {now.layout.id(peer)} reachable\n"
        for link, connected in enumerate(up):
            between = f"{now.layout.address(node, link)}->{now.layout.address(peer, link)}"
            text += f"   LINK: {link} udp ({between}) enabled{' connected' if connected else ''} mtu: 1397\n"
        text += "\n"
    return text


def qdevice_tool(now: Situation, node: str) -> str:
    """`corosync-qdevice-tool -s`."""
    layout = now.layout
    listed = "".join(f"    {n}\tNode ID = {layout.id(name)}\n" for n, name in enumerate(layout.nodes))
    members = ", ".join(str(layout.id(name)) for name in now.members(node))
    state = "Connected" if now.power_of(QNETD) is Power.ON else "Connect failed"
    return (
        "Qdevice information\n-------------------\n"
        f"Model:\t\t\tNet\nNode ID:\t\t{layout.id(node)}\nConfiguration version:\t{layout.version}\n"
        f"Configured node list:\n{listed}Membership node list:\t{members}\n\n"
        "Qdevice-net information\n----------------------\n"
        f"Cluster name:\t\t{layout.cluster}\nQNetd host:\t\t{layout.qnetd}:5403\n"
        f"Algorithm:\t\tFifty-Fifty split\nTie-breaker:\t\tNode with lowest node ID\nState:\t\t\t{state}\n"
    )
