"""What forbids `corosync set`, all of it at once, and what its approvers must know."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Finding, Level
from bot.actions.corosync.refusals_set import FOR_GOOD, NO_CLUSTER, NOT_HERE
from bot.actions.corosync.setting import Args, changed_lines, rewrite
from bot.cluster.conf_rewrite import Facts, Rewrite
from bot.cluster.corosync_document import BadCorosyncConf
from bot.text import Refused, Text

# cfg.c (3.1.9) and what was seen: link_mode is taken without a word and not applied.
AT_START = frozenset({"link_mode", "netmtu", "threads", "knet_mtu", "knet_compression_model"})
NEVER = frozenset(
    {"cluster_name", "version", "transport", "secauth", "crypto_cipher", "crypto_hash", "crypto_model", "ip_version"}
)
TIMED = frozenset({"token", "token_coefficient", "consensus", "token_retransmits_before_loss_const", "hold"})


def check(args: Args, facts: Facts) -> list[Finding]:
    if not facts.text:
        return [_no(NO_CLUSTER)]
    try:
        made = rewrite(args, facts)
    except Refused as refused:
        return [_no(refused.text), *_keys(args)]
    except BadCorosyncConf as bad:
        return [_no(bad.why)]
    return [*made.findings(), *_keys(args), *(_told(args, made) if made.ring else ())]


def _no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _keys(args: Args) -> Iterator[Finding]:
    for setting in args.setting:
        section, key = setting.path[0], setting.path[-1]
        if section == "totem" and key in NEVER:
            yield _no(FOR_GOOD.fill(key=setting.partition("=")[0]))
        elif section in {"nodelist", "quorum"}:
            yield _no(NOT_HERE.fill(key=setting.partition("=")[0]), ACTIONS)
        elif section == "totem" and key in AT_START:
            yield Finding(Level.WARNING, NOT_LIVE.fill(key=setting.partition("=")[0]), RESTART)


def _told(args: Args, made: Rewrite) -> Iterator[Finding]:
    yield Finding(Level.NOTE, DIFF.fill(lines=changed_lines(made)))
    old, new = made.conf.timeouts, made.candidate.timeouts
    if old != new:
        values = {"token": old.effective_token_ms, "consensus": old.consensus_ms}
        after = {"new_token": new.effective_token_ms, "new_consensus": new.consensus_ms}
        yield Finding(Level.NOTE, TIMEOUTS.fill(**values, **after))
    if any(setting.path[-1] in TIMED for setting in args.setting):
        late = [node for node, own in made.facts.corosync.by_node.items() if own.keeps_old_timers]
        if late:
            yield Finding(Level.WARNING, TIMERS.fill(nodes=", ".join(sorted(late))))


ACTIONS = Text(
    en="Nodes: create, join and remove. Links and the QDevice have actions of their own",
    fr="Les nœuds : create, join et remove. Les liens et le QDevice ont leurs propres actions",
)
NOT_LIVE = Text(
    en="{key} is taken without a word, and holds only when corosync is started anew on each node",
    fr="{key} est accepté sans un mot, et ne vaut qu'au prochain démarrage de corosync sur chaque nœud",
)
RESTART = Text(
    en="Afterwards, one node at a time, waiting for all members in between: systemctl restart corosync",
    fr="Ensuite, un nœud à la fois, en attendant tous les membres entre deux : systemctl restart corosync",
)
DIFF = Text(en="What changes in the file:\n{lines}", fr="Ce qui change dans le fichier :\n{lines}")
TIMEOUTS = Text(
    en="In force: token {token} → {new_token} ms, consensus {consensus} → {new_consensus} ms",
    fr="En vigueur : token {token} → {new_token} ms, consensus {consensus} → {new_consensus} ms",
)
TIMERS = Text(
    en="Before corosync 3.1.10-pve1 the timers of the links go on by the old token until a second reload or a restart: {nodes}",
    fr="Avant corosync 3.1.10-pve1, les minuteries des liens suivent l'ancien token jusqu'à un second rechargement ou un redémarrage : {nodes}",
)
