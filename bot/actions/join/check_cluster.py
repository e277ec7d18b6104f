"""What must hold of the cluster that is joined: quorum on every member, one view, the name and the number free, no QDevice."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.joining import Joining
from bot.actions.join.words import no
from bot.cluster.views import side_by_side


def of_cluster(joining: Joining) -> Iterator[Finding]:
    yield from _quorum(joining)
    yield from _writable(joining)
    yield from _names(joining)
    yield from _device(joining)


def _quorum(joining: Joining) -> Iterator[Finding]:
    """Of every member that answers: one that is cut off, or stopped, would be told of the new node too late."""
    views = joining.views
    for node in joining.members:
        view = views.seen.get(node)
        if node in views.quorum.by_node and not (view and view.quorate):
            yield no(refusals.NO_QUORUM.fill(node=node), words.RESTORE)
    rings = {node: ", ".join(map(str, sorted(view.member_ids))) for node, view in views.seen.items()}
    # A node of another cluster is told by that one's name alone: the numbers may all be alike.
    names = {node: conf.name for node, conf in views.conf.by_node.items()}
    for said in (rings, names):
        if len(set(said.values())) > 1:
            yield no(refusals.DISAGREE.fill(views=side_by_side(said)), words.ASK_AGAIN)


def _writable(joining: Joining) -> Iterator[Finding]:
    """For some seconds after a start corosync has quorum and /etc/pve is still read-only."""
    member, view = joining.member, joining.view
    own = joining.views.members.by_node.get(member) if member else None
    if view and view.quorate and own and not own.quorate:
        yield no(refusals.READ_ONLY.fill(node=member), words.WAIT)


def _names(joining: Joining) -> Iterator[Finding]:
    """`--use_ssh` adds by force: a node of the same name would be overwritten."""
    new, wanted = joining.new, joining.args.nodeid
    if new in joining.views.ids:
        yield no(refusals.NAME_TAKEN.fill(node=new, cluster=joining.views.name), words.OTHER_NAME.fill(node=new))
    for other, id_ in joining.views.ids.items():
        if wanted is not None and id_ == int(wanted):
            yield no(refusals.ID_TAKEN.fill(other=other, id=id_), words.OTHER_ID)


def _device(joining: Joining) -> Iterator[Finding]:
    """The code does not refuse it; the new node then has no certificate for the QDevice and no vote of it (seen: NR)."""
    device = joining.conf.device if joining.conf else None
    if device is not None:
        yield no(refusals.QDEVICE.fill(host=device.host), words.DEVICE_FIRST.fill(host=device.host))
