"""The QDevice column of `pvecm status` in words: `A,V,NMW` and its relatives."""

from __future__ import annotations

from bot.text import Text

REGISTERED = {
    "A": Text(en="its daemon is alive", fr="son démon répond"),
    "NA": Text(en="its daemon does not answer corosync", fr="son démon ne répond pas à corosync"),
}
VOTE = {
    "V": Text(en="it gives its vote", fr="il donne sa voix"),
    "NV": Text(
        en="it gives no vote (qnetd unreachable, or the vote went to the other side)",
        fr="il ne donne pas de voix (qnetd injoignable, ou voix donnée à l'autre côté)",
    ),
}
MASTER_WINS = {
    "MW": Text(en="its side always wins", fr="son côté gagne toujours"),
    "NMW": Text(en="no side is preferred", fr="aucun côté n'est préféré"),
}
NOT_REGISTERED = Text(
    en="not registered: corosync-qdevice does not run there", fr="non enregistré : corosync-qdevice n'y tourne pas"
)
NO_CELL = Text(en="nothing is said of a QDevice there", fr="rien n'y est dit d'un QDevice")
ALL_THREE = Text(en="{cell}: {alive}, {vote}, {wins}", fr="{cell} : {alive}, {vote}, {wins}")
NAMED = Text(en="{cell}: {words}", fr="{cell} : {words}")


def in_words(cell: str) -> Text:
    """*cell* is one that `Quorum` read, or ""."""
    if not cell:
        return NO_CELL
    if cell == "NR":
        return NAMED.fill(cell=cell, words=NOT_REGISTERED)
    alive, vote, wins = cell.split(",")
    return ALL_THREE.fill(cell=cell, alive=REGISTERED[alive], vote=VOTE[vote], wins=MASTER_WINS[wins])
