"""What is told after `corosync set`: what every node runs now; and, where it broke off, which file is in force."""

from __future__ import annotations

from bot.action import Code, Finding, Json, Level, Report, Table
from bot.actions.corosync.setting import Args, rewrite
from bot.cluster.conf_copies import config_version
from bot.cluster.conf_rewrite import Facts
from bot.cluster.corosync_document import BadCorosyncConf
from bot.names import NodeName
from bot.text import Refused, Text, same

SETTLE_S = 20


def report(args: Args, _before: Facts, after: Facts) -> Report:
    if after.views.best is None:
        return Report(Level.UNKNOWN, NOT_SEEN, data=_data(after))
    late, version = lagging(after), config_version(after.text)
    if not after.views.best.quorate:
        level, text = Level.BAD, NO_QUORUM_NOW
    elif not _says(args, after):
        level, text = Level.BAD, NOT_THERE
    elif late:
        level, text = Level.WARNING, NOT_EVERYWHERE
    else:
        level, text = Level.GOOD, EVERYWHERE
    values = {"settings": ", ".join(args.setting), "version": version, "nodes": ", ".join(late)}
    return Report(level, text.fill(**values), tables=(_table(after),), next=(SHOW,), data=_data(after))


def left(args: Args, before: Facts, after: Facts, _number: int) -> Report:
    """The script goes back by itself; it may have been ended before that."""
    if not after.text or after.views.best is None:
        return Report(Level.UNKNOWN, NOT_SEEN, data=_data(after))
    text, level = _standing(args, before, after)
    findings = (Finding(Level.BAD, LATE.fill(nodes=", ".join(late))),) if (late := lagging(after)) else ()
    code = (Code(TO_COPY, "ls -l /var/lib/pve-cluster-bot/corosync.conf-* /etc/pve/corosync.conf.bak"),)
    headline = text.fill(version=config_version(after.text))
    return Report(
        level, headline, findings=findings, tables=(_table(after),), code=code, next=(SHOW,), data=_data(after)
    )


def _standing(args: Args, before: Facts, after: Facts) -> tuple[Text, Level]:
    if after.text == before.text:
        return UNCHANGED, Level.WARNING
    if _says(args, after):
        return IN_PLACE, Level.BAD
    return WENT_BACK, Level.WARNING


def lagging(facts: Facts) -> list[NodeName]:
    """The members whose corosync runs another version than the file that most nodes have, or does not run."""
    version = config_version(facts.text)
    return sorted(node for node in facts.views.ids if _loaded(facts, node) != version)


def _loaded(facts: Facts, node: NodeName) -> int | None:
    own = facts.loaded.by_node.get(node)
    return own.version if own else None


def _says(args: Args, facts: Facts) -> bool:
    """Whether the file says already what was to be set."""
    try:
        return rewrite(args, facts).is_the_same
    except (Refused, BadCorosyncConf):
        return False


def _table(facts: Facts) -> Table:
    rows = tuple(
        (node, _version(facts, node), _ms(facts, node, "token"), _ms(facts, node, "consensus"))
        for node in facts.views.ids
    )
    return Table((NODE, RUNS, TOKEN, CONSENSUS), rows)


def _version(facts: Facts, node: NodeName) -> str:
    loaded = _loaded(facts, node)
    return "–" if loaded is None else str(loaded)


def _ms(facts: Facts, node: NodeName, key: str) -> str:
    own = facts.running.by_node.get(node)
    return str((own.totem or {}).get(key, "–")) if own else "–"


def _data(facts: Facts) -> dict[str, Json]:
    return {
        "version": config_version(facts.text) if facts.text else None,
        "loaded": {node: _loaded(facts, node) for node in facts.views.ids},
        "quorate": facts.views.best.quorate if facts.views.best else None,
    }


SHOW = same("/pve-cluster corosync show")
NODE = Text(en="Node", fr="Nœud")
RUNS = Text(en="Runs version", fr="Version utilisée")
TOKEN = Text(en="Token (ms)", fr="Token (ms)")
CONSENSUS = Text(en="Consensus (ms)", fr="Consensus (ms)")
EVERYWHERE = Text(
    en="{settings}: version {version} of corosync.conf is in force on all nodes",
    fr="{settings} : la version {version} de corosync.conf est en vigueur sur tous les nœuds",
)
NOT_EVERYWHERE = Text(
    en="{settings}: version {version} is in the file, but not yet in force on {nodes}",
    fr="{settings} : la version {version} est dans le fichier, mais pas encore en vigueur sur {nodes}",
)
NOT_THERE = Text(
    en="The file, in version {version}, does not say {settings}: somebody changed it after this",
    fr="Le fichier, en version {version}, ne dit pas {settings} : quelqu'un l'a changé après ceci",
)
NO_QUORUM_NOW = Text(
    en="The quorum is lost after {settings}; the file has version {version}",
    fr="Le quorum est perdu après {settings} ; le fichier a la version {version}",
)
NOT_SEEN = Text(
    en="No node can say which corosync.conf is in force now",
    fr="Aucun nœud ne peut dire quel corosync.conf est en vigueur",
)
UNCHANGED = Text(
    en="Nothing was changed: the old file is in its place, version {version}",
    fr="Rien n'a été changé : l'ancien fichier est à sa place, version {version}",
)
WENT_BACK = Text(
    en="The change did not hold: the old content is back, as version {version}",
    fr="Le changement n'a pas tenu : l'ancien contenu est revenu, en version {version}",
)
IN_PLACE = Text(
    en="The new file is in its place as version {version}, and nobody looked whether it holds",
    fr="Le nouveau fichier est en place en version {version}, et personne n'a regardé s'il tient",
)
LATE = Text(
    en="These do not run the version of the file: {nodes}", fr="Ceux-ci n'utilisent pas la version du fichier : {nodes}"
)
TO_COPY = Text(
    en="The old file, to look at on the node of the step", fr="L'ancien fichier, à regarder sur le nœud de l'étape"
)
