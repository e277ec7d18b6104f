"""/pve-cluster corosync: the file, the timeouts that really hold, what is wrong with it, and the log."""

from __future__ import annotations

from dataclasses import replace

from bot.action import Action, NoArgs, Verb
from bot.actions.corosync import setting, told_set
from bot.actions.corosync.check_set import check
from bot.cluster import corosync_log_report, corosync_show, corosync_verdict
from bot.cluster.conf_rewrite import Facts
from bot.planned import planned
from bot.text import Text

SHOW = Verb(
    name="show",
    summary=Text(
        en="Show the file, the timeouts in force, and nodes whose copy differs",
        fr="Afficher le fichier, les délais en vigueur et les nœuds dont la copie diffère",
    ),
    args=NoArgs,
    facts=corosync_show.Facts,
    report=corosync_show.report,
)
LINT = Verb(
    name="lint",
    summary=Text(
        en="Find what is wrong with the file, beyond what corosync checks",
        fr="Trouver ce qui ne va pas dans le fichier, au-delà de ce que corosync vérifie",
    ),
    args=NoArgs,
    facts=corosync_verdict.Facts,
    report=corosync_verdict.report,
)
LOG = Verb(
    name="log",
    summary=Text(
        en="Show the last lines of corosync's log, explained",
        fr="Afficher et expliquer les dernières lignes du journal de corosync",
    ),
    args=corosync_log_report.Args,
    facts=corosync_log_report.Facts,
    report=corosync_log_report.report,
    on=corosync_log_report.on,
)
SET = Verb(
    name="set",
    summary=Text(
        en="Change settings of the file on all nodes at once, and go back if it does not hold; needs approval",
        fr="Changer des réglages du fichier sur tous les nœuds, et revenir s'il ne tient pas ; demande approbation",
    ),
    args=setting.Args,
    facts=Facts,
    further=setting.further,
    report=told_set.report,
    change=replace(planned(setting, check), settle_s=told_set.SETTLE_S, left=told_set.left),
)
HELP = Text(
    en="`show` reads /etc/pve/corosync.conf and /etc/corosync/corosync.conf on every node, and asks the running corosync "
    "(`corosync-cmapctl`) what it really uses. The default token is 3000 ms since corosync 3.1, not 1000, plus a "
    "coefficient of 650 ms (125 in clusters made since pve-cluster 9.1) for each node from the third on.\n"
    "`lint` reads the same files: `corosync -t` accepts far too much, so it is not relied upon. There is no "
    "`corosync-cfgtool -c`. `log` reads `journalctl -u corosync`.\n"
    "Beware: saving /etc/pve/corosync.conf applies it at once on all nodes, even if it is wrong; each change needs a "
    "greater config_version; a restart of corosync is rarely needed. Change the token only, leave out `consensus` "
    "(1.2 × the effective token by itself), and do not copy `join`, `max_messages` or retransmits from old examples. "
    "`corosync-cfgtool -R` does not show rings: it reloads the file on the whole cluster.\n"
    "`set` tries the new file with corosync on every node, puts it in place under pvecm's own lock with the next version, looks "
    "whether it holds, and goes back by itself if not. Approvers see the diff and the effective timeouts.",
    fr="`show` lit /etc/pve/corosync.conf et /etc/corosync/corosync.conf sur chaque nœud, et demande au corosync en marche "
    "(`corosync-cmapctl`) ce qu'il utilise vraiment. Le token par défaut est de 3000 ms depuis corosync 3.1, pas 1000, "
    "plus un coefficient de 650 ms (125 dans les clusters créés depuis pve-cluster 9.1) par nœud à partir du troisième.\n"
    "`lint` lit les mêmes fichiers : `corosync -t` accepte beaucoup trop, on ne s'y fie pas. `corosync-cfgtool -c` "
    "n'existe pas. `log` lit `journalctl -u corosync`.\n"
    "Attention : enregistrer /etc/pve/corosync.conf l'applique aussitôt sur tous les nœuds, même faux ; chaque "
    "modification demande un config_version plus grand ; redémarrer corosync est rarement nécessaire. Ne changez que le "
    "token, n'écrivez pas `consensus` (1,2 × le token effectif, de lui-même), et ne recopiez pas `join`, `max_messages` "
    "ni les retransmissions d'anciens exemples. `corosync-cfgtool -R` ne montre pas les anneaux : il recharge le fichier "
    "sur tout le cluster.\n"
    "`set` essaie le nouveau fichier avec corosync sur chaque nœud, le met en place sous le verrou même de pvecm avec la version "
    "suivante, regarde s'il tient, et revient de lui-même sinon. Les approbateurs voient le diff et les délais effectifs.",
)

ACTION = Action(
    name="corosync",
    summary=Text(en="corosync's file, timeouts and log", fr="Le fichier, les délais et le journal de corosync"),
    verbs=(SHOW, LINT, LOG, SET),
    help=HELP,
)
