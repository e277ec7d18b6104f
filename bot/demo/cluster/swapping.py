"""Another corosync.conf on simulated nodes: tried by corosync, and put in the place of the cluster's by the bot's script."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from bot.action import Unreadable
from bot.cluster.conf_swap import BACKUPS, IN_FORCE
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.corosync_document import parse
from bot.demo.cluster import files, shared
from bot.demo.cluster.acting import PACE, Act, Asked, Effect, GivenUp, Scripts, Stage
from bot.demo.cluster.conf import Conf
from bot.demo.cluster.host import Argv, Host, Topic
from bot.demo.cluster.said import Said
from bot.demo.cluster.situation import Situation

RELOAD_S = 2 * PACE


def _answer(_host: Host, argv: Argv) -> Said | None:
    match argv:
        case ("sh", "-c", _, "candidate", text):
            try:
                CorosyncConf.of(parse(text))
            except Unreadable as error:
                return Said("", f"error   [MAIN  ] parse error in config: {error}\n", 8)
            return Said("", "notice  [MAIN  ] Corosync Cluster Engine exiting normally\n")
    return None


def _swapped(asked: Asked) -> Act:
    new, back, approved, version, _members, *links = asked.words
    stages = (Stage(_put(new, approved, int(version)), RELOAD_S), Stage(_held(int(version), back, links), 0.0))
    return Act(stages)


def _put(new: str, approved: str, version: int) -> Effect:
    def effect(now: Situation, node: str, clock: float) -> tuple[Said, Situation]:
        conf = now.member_conf(node)
        if not now.can_write(node, clock):
            raise GivenUp(Said("", READ_ONLY, 1))
        if sha256(files.corosync_conf(conf).encode()).hexdigest() != approved:
            raise GivenUp(Said("", OTHER, 1))
        return Said(COPIES), shared.write(now, node, conf=with_text(conf, new, version))

    return effect


def _held(version: int, back: str, links: list[str]) -> Effect:
    def effect(now: Situation, node: str, _clock: float) -> tuple[Said, Situation]:
        conf = now.member_conf(node)
        peers = [name for name in conf.names if name != node]
        if now.is_quorate(node) and all(now.connected(node, peer, int(link)) for peer in peers for link in links):
            return Said(f"pve-cluster-bot: version {version} {IN_FORCE}\n"), now
        old = shared.write(now, node, conf=with_text(conf, back, version + 1))
        raise GivenUp(Said("", WENT_BACK.format(version=version, next=version + 1), 1), old)

    return effect


def with_text(conf: Conf, text: str, version: int) -> Conf:
    """As somebody wrote it. What pvecm makes of it later keeps the token, and of the other settings nothing."""
    token = parse(text).last("totem", "token")
    return replace(conf, text=text, version=version, token_ms=token.whole if token else None)


TOPIC = Topic(_answer)
SCRIPTS: Scripts = {"swap": _swapped}
COPIES = f"pve-cluster-bot: copies: /etc/pve/corosync.conf.bak and {BACKUPS}…\n"
READ_ONLY = "pve-cluster-bot: STOPPED with exit code 1 while taking the lock; nothing was changed\n"
OTHER = "pve-cluster-bot: /etc/pve/corosync.conf is not the approved one any more\n"
WENT_BACK = (
    "pve-cluster-bot: version {version} does not hold after 40 s: the old content goes back, as version {next}\n"
    f"pve-cluster-bot: the old content {IN_FORCE} again, as version {{next}}\n"
)
