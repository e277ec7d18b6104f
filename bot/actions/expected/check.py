"""What forbids `expected N`, and what its approvers must know: corosync's own rule, then every node that is missing."""

from __future__ import annotations

from bot.action import Finding, Level
from bot.actions.expected.facts import Args, Facts
from bot.cluster.ha import Ha
from bot.cluster.quorum import View
from bot.cluster.vote_rules import outcome, proposal
from bot.names import NodeName
from bot.text import Text, same


def check(args: Args, facts: Facts) -> list[Finding]:
    if facts.views.best is None:
        return [_no(STANDALONE if facts.views.standalone else NO_VIEW)]
    refused = _by_corosync(int(args.n), facts.view)
    found = [*refused, *_unsure(facts), *_alive(facts), *_half_alive(facts)]
    # Of a number that corosync refuses, nothing follows.
    return found if refused else [*found, *_consequences(facts)]


def _no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def _by_corosync(n: int, view: View) -> list[Finding]:
    """Corosync's own rule, before anybody is asked (votequorum.c)."""
    found, right = outcome(view, n), proposal(view)
    fix = TRY.fill(n=right) if right else None
    needs = {"n": n, "needed": n // 2 + 1, "votes": view.total}
    if n < view.total:
        return [_no(TOO_LOW.fill(n=n, votes=view.total), fix)]
    if not found.accepted:
        return [_no(TOO_HIGH.fill(**needs))]
    if not found.quorate:
        return [_no(USELESS.fill(**needs), fix)]
    if view.quorate:
        return [_no(_on_quorate(n, view).fill(n=n, expected=view.expected, votes=view.total))]
    return []


def _on_quorate(n: int, view: View) -> Text:
    """With quorum there is no emergency: raising makes it fragile, lowering takes away what guards against a split."""
    if n == view.expected:
        return ALREADY
    return RAISES if n > view.expected else LOWERS


def _unsure(facts: Facts) -> list[Finding]:
    """Where the bot does not know the cluster well enough to say who is missing."""
    file, own = facts.views.file, facts.own_conf
    if file is None or own is None:
        return [_no(NO_FILE.fill(node=facts.survivor), START_PMXCFS.fill(node=facts.survivor))]
    found = [
        _no(NOT_TRIED.fill(node=node), CONFIGURE.fill(node=node)) for node in facts.absent if not facts.was_tried(node)
    ]
    if file.name != own.name:
        return [*found, _no(OTHER_CLUSTER.fill(node=facts.survivor, own=own.name, other=file.name), CHECK_CONFIG)]
    if file.version > own.version:
        newer = ", ".join(node for node, conf in facts.conf.by_node.items() if conf.version == file.version)
        found.append(_no(STALE.fill(nodes=newer, version=file.version, own=own.version), LINKS))
    rings = {(view.ring, view.member_ids, view.quorate) for view in facts.side.values()}
    return [*found, _no(DISAGREE, ASK_AGAIN)] if len(rings) > 1 else found


def _alive(facts: Facts) -> list[Finding]:
    """A node that is alive on another side: no approval can override that."""
    apart = [node for node in facts.views.seen if node not in facts.side]
    found = [_no(OTHER_SIDE.fill(node=node), LINKS) for node in apart]
    for node in (node for node in facts.absent if node not in apart):
        if node in facts.api.by_node and facts.api.by_node[node].quorate:
            found.append(_no(QUORATE_BY_API.fill(node=node), LINKS))
        elif node in facts.members.by_node and facts.members.by_node[node].quorate:
            found.append(_no(QUORATE_BY_FILES.fill(node=node), LINKS))
        elif node in facts.unclear:
            how = UNCLEAR if facts.answers_over_ssh(node) else ONLY_API
            found.append(_no(how.fill(node=node), POWER_OFF.fill(node=node)))
    return found


def _half_alive(facts: Facts) -> list[Finding]:
    stopped = [Finding(Level.WARNING, _stopped(facts, node), KEPT_STOPPED) for node in facts.stopped]
    return [*stopped, *(Finding(Level.WARNING, _silence(facts, node)) for node in facts.silent)]


def _stopped(facts: Facts, node: NodeName) -> Text:
    own = facts.guests.by_node.get(node)
    count = own.on(node) if own else None
    if count is None or count.unknown:
        return STOPPED_UNKNOWN.fill(node=node)
    return STOPPED.fill(node=node, running=count.running, total=count.total)


def _silence(facts: Facts, node: NodeName) -> Text:
    """What was tried, and what came of it: what the approvers must answer for."""
    why = facts.quorum.silent.get(node, same("—"))
    if node not in facts.api.silent:
        return SILENT.fill(node=node, why=why)
    return SILENT_TOO.fill(node=node, why=why, api=facts.api.silent[node])


def _consequences(facts: Facts) -> list[Finding]:
    found = [Finding(Level.WARNING, DANGER.fill(nodes=", ".join(facts.absent)))] if facts.absent else []
    device, view = facts.views.file and facts.views.file.device, facts.view
    if device and not (view.qdevice and view.qdevice.cast):
        found.append(Finding(Level.WARNING, DEVICE.fill(host=device.host)))
    armed = sorted({node for ha in facts.ha.by_node.values() for node in ha.armed})
    if armed:
        found.append(Finding(Level.WARNING, WATCHDOG.fill(seconds=Ha.WATCHDOG_S, nodes=", ".join(armed))))
    return [*found, Finding(Level.NOTE, CLIMBS)]


STANDALONE = Text(en="Not in a cluster: there are no votes", fr="Pas de cluster : il n'y a pas de voix")
NO_VIEW = Text(
    en="No node could say how the votes stand: start corosync on one",
    fr="Aucun nœud n'a pu dire où en sont les voix : démarrez corosync sur l'un d'eux",
)
TOO_LOW = Text(
    en="corosync refuses {n}: it is below the {votes} votes that are present",
    fr="corosync refuse {n} : c'est moins que les {votes} voix présentes",
)
TOO_HIGH = Text(
    en="corosync refuses {n}: that needs {needed} votes, {votes} are present, and the quorum would be lost",
    fr="corosync refuse {n} : il faudrait {needed} voix, {votes} sont présentes, et le quorum serait perdu",
)
USELESS = Text(
    en="{n} would change nothing: that needs {needed} votes, and {votes} are present",
    fr="{n} ne changerait rien : il faudrait {needed} voix, et {votes} sont présentes",
)
TRY = Text(en="To restore quorum: expected {n}", fr="Pour rétablir le quorum : expected {n}")
ALREADY = Text(en="The expected votes are {n} already", fr="Les voix attendues sont déjà {n}")
RAISES = Text(
    en="There is quorum with {votes} of {expected} votes; expecting {n} adds no vote, it only makes the next failure fatal",
    fr="Il y a quorum avec {votes} voix sur {expected} ; en attendre {n} n'ajoute aucune voix et rend la panne suivante fatale",
)
LOWERS = Text(
    en="There is quorum with {votes} of {expected} votes: lowering it to {n} only removes what guards against a split",
    fr="Il y a quorum avec {votes} voix sur {expected} : l'abaisser à {n} ne fait qu'ôter la protection contre la scission",
)
NO_FILE = Text(
    en="{node} has no readable /etc/pve/corosync.conf, so nobody can say which nodes are missing",
    fr="{node} n'a pas de /etc/pve/corosync.conf lisible : personne ne peut dire quels nœuds manquent",
)
START_PMXCFS = Text(
    en="On {node}: systemctl start pve-cluster, then ask again",
    fr="Sur {node} : systemctl start pve-cluster, puis redemandez",
)
NOT_TRIED = Text(
    en="{node} is missing, and the bot was not told of it: it could not try whether it lives",
    fr="{node} manque, et le bot ne le connaît pas : il n'a pas pu essayer s'il vit",
)
CONFIGURE = Text(
    en="Add {node} to the nodes of this cluster in config.toml",
    fr="Ajoutez {node} aux nœuds de ce cluster dans config.toml",
)
OTHER_CLUSTER = Text(
    en="{node} belongs to the cluster {own}, and another node that is configured here to {other}",
    fr="{node} appartient au cluster {own}, et un autre nœud configuré ici à {other}",
)
CHECK_CONFIG = Text(
    en="Check the nodes of this cluster in config.toml", fr="Vérifiez les nœuds de ce cluster dans config.toml"
)
STALE = Text(
    en="{nodes} has version {version} of corosync.conf, this side only {own}: there was quorum without this side since",
    fr="{nodes} a la version {version} de corosync.conf, ce côté seulement {own} : il y a eu quorum sans ce côté depuis",
)
DISAGREE = Text(
    en="The nodes of this side do not see the same ring", fr="Les nœuds de ce côté ne voient pas le même anneau"
)
ASK_AGAIN = Text(
    en="That lasts seconds after a loss: ask again. If it stays: /pve-cluster links status",
    fr="Cela dure quelques secondes après une perte : redemandez. Si cela dure : /pve-cluster links status",
)
OTHER_SIDE = Text(
    en="{node} is alive: its corosync runs in another partition. Two sides would have quorum at once",
    fr="{node} est vivant : son corosync tourne dans une autre partition. Deux côtés auraient le quorum en même temps",
)
QUORATE_BY_API = Text(
    en="{node} is alive and has quorum, says its API on port 8006",
    fr="{node} est vivant et a le quorum, dit son API sur le port 8006",
)
QUORATE_BY_FILES = Text(
    en="{node} is alive: its /etc/pve says that it has quorum",
    fr="{node} est vivant : son /etc/pve dit qu'il a le quorum",
)
LINKS = Text(
    en="Repair the links instead: /pve-cluster links status", fr="Réparez plutôt les liens : /pve-cluster links status"
)
UNCLEAR = Text(
    en="{node} is up, and does not say whether its corosync runs: it may have quorum on another side",
    fr="{node} est allumé et ne dit pas si son corosync tourne : il a peut-être le quorum d'un autre côté",
)
ONLY_API = Text(
    en="{node} does not answer over SSH, but its API does: it is not off, and nothing can keep it from coming back meanwhile",
    fr="{node} ne répond pas en SSH, mais son API répond : il n'est pas éteint, et rien ne peut l'empêcher de revenir entre-temps",
)
POWER_OFF = Text(
    en="Power {node} off, or repair its SSH and stop its corosync",
    fr="Éteignez {node}, ou réparez son SSH et arrêtez son corosync",
)
STOPPED = Text(
    en="{node} is up with corosync stopped; {running} of its {total} guests run there",
    fr="{node} est allumé, corosync arrêté ; {running} de ses {total} machines y tournent",
)
STOPPED_UNKNOWN = Text(
    en="{node} is up with corosync stopped; how many of its guests run there is unknown",
    fr="{node} est allumé, corosync arrêté ; on ne sait pas combien de ses machines y tournent",
)
KEPT_STOPPED = Text(
    en="Its corosync is kept from starting while this runs; repair it afterwards",
    fr="Son corosync est empêché de démarrer pendant l'opération ; réparez-le ensuite",
)
SILENT = Text(en="{node} does not answer over SSH: {why}", fr="{node} ne répond pas en SSH : {why}")
SILENT_TOO = Text(
    en="{node} does not answer. SSH: {why}. API: {api}", fr="{node} ne répond pas. SSH : {why}. API : {api}"
)
DANGER = Text(
    en="If one of these still runs, guests start twice and destroy their disks: {nodes}",
    fr="Si l'un d'eux tourne encore, des machines démarrent en double et détruisent leurs disques : {nodes}",
)
DEVICE = Text(
    en="The QDevice on {host} gives no vote here: either it is away too, or it votes for the nodes that do not answer",
    fr="Le QDevice sur {host} ne vote pas ici : soit il est absent aussi, soit il vote pour les nœuds qui ne répondent pas",
)
WATCHDOG = Text(
    en="HA is armed: {nodes} reset themselves {seconds} s after the quorum is lost, and HA restarts their services elsewhere "
    "once there is quorum",
    fr="La HA est armée : {nodes} se réinitialisent {seconds} s après la perte du quorum, et la HA relance leurs services "
    "ailleurs dès qu'il y a quorum",
)
CLIMBS = Text(
    en="The number is not kept: it climbs again as nodes come back, and a reload of corosync.conf recomputes it",
    fr="Le nombre n'est pas conservé : il remonte au retour des nœuds, et recharger corosync.conf le recalcule",
)
