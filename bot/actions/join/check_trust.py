"""What must hold between the two nodes: who is who, by which certificate or key, and that the bot can still log in afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding
from bot.actions.join import refusals, words
from bot.actions.join.joining import Joining
from bot.actions.join.words import no, unknown
from bot.names import NodeName


def of_trust(joining: Joining) -> Iterator[Finding]:
    member = joining.member
    if member is None:
        return
    yield from _bot(joining, member)
    if joining.args.use_ssh:
        yield from _over_ssh(joining, member)
        return
    yield from _second_factor(joining, member)
    yield from _certificate(joining, member)


def _bot(joining: Joining, member: NodeName) -> Iterator[Finding]:
    """The list of the new node gives way to the cluster's."""
    logins = joining.facts.logins
    yield from unknown(member, logins, words.ITS_KEYS)
    own = logins.by_node.get(member)
    if own and not own.has_bot:
        fix = words.ADD_KEY.fill(member=member, key=own.bot or "…")
        yield no(refusals.BOT_KEY.fill(node=joining.new), fix)


def _over_ssh(joining: Joining, member: NodeName) -> Iterator[Finding]:
    facts, new = joining.facts, joining.new
    yield from unknown(new, facts.own_key, words.ITS_OWN_KEY)
    yield from unknown(member, facts.host_keys, words.ITS_HOST_KEYS)
    if new in facts.own_key.by_node and facts.own_key.by_node[new].key is None:
        yield no(refusals.NO_OWN_KEY.fill(node=new), words.MAKE_KEY.fill(node=new))
    if member in facts.host_keys.by_node and not facts.host_keys.by_node[member].keys:
        yield no(refusals.NO_HOST_KEY.fill(member=member))


def _second_factor(joining: Joining, member: NodeName) -> Iterator[Finding]:
    tfa = joining.facts.tfa
    yield from unknown(member, tfa, words.SECOND_FACTORS)
    if member in tfa.by_node and tfa.by_node[member].root:
        yield no(refusals.SECOND_FACTOR, words.USE_SSH)


def _certificate(joining: Joining, member: NodeName) -> Iterator[Finding]:
    """From the cluster itself, by two members where another one answers; then what is given, and what is served."""
    own = joining.fingerprint
    yield from unknown(member, joining.facts.certificates, words.ITS_CERTIFICATE)
    if not own:
        if member in joining.facts.certificates.by_node:
            yield no(refusals.NO_CERTIFICATE.fill(member=member), words.UPDATECERTS.fill(member=member))
        return
    yield from _copies(joining, member, own)
    given = joining.args.fingerprint
    if given is not None and given != own:
        values = {"member": member, "given": given, "fingerprint": own}
        yield no(refusals.WRONG_FINGERPRINT.fill(**values), words.LEAVE_OUT)
    yield from _served(joining, member, own)


def _copies(joining: Joining, member: NodeName, own: str) -> Iterator[Finding]:
    for other, copy in joining.facts.copies.by_node.items():
        if copy.fingerprint and copy.fingerprint != own:
            values = {"member": member, "other": other, "fingerprint": own, "copy": copy.fingerprint}
            yield no(refusals.COPIES_DIFFER.fill(**values), words.ASK_AGAIN)


def _served(joining: Joining, member: NodeName, own: str) -> Iterator[Finding]:
    """Where nothing is served, the port is closed, which is told of all ports."""
    new, served = joining.new, joining.facts.served
    yield from unknown(new, served, words.WHAT_IS_SERVED)
    shown = served.by_node[new].fingerprint if new in served.by_node else ""
    if shown and shown != own:
        values = {"node": new, "address": joining.address, "member": member, "served": shown, "fingerprint": own}
        yield no(refusals.SERVES_OTHER.fill(**values), words.SOMEBODY_BETWEEN.fill(member=member))
