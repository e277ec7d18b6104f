"""What people hear of what they do to a request: that it counts, or why not. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.people import Standing
from bot.text import Text

NOT_A_MEMBER: Mapping[Standing, Text] = {
    Standing.GUEST: Text(
        en="{name} is a guest in this workspace: only full members decide",
        fr="{name} est un invité de cet espace de travail : seuls les membres à part entière décident",
    ),
    Standing.INVITED: Text(
        en="{name} has not joined this workspace yet: accept the invitation first",
        fr="{name} n'a pas encore rejoint cet espace de travail : acceptez d'abord l'invitation",
    ),
    Standing.BOT: Text(
        en="{name} is a bot: only people decide", fr="{name} est un bot : seules des personnes décident"
    ),
    Standing.DEACTIVATED: Text(en="The account of {name} is deactivated", fr="Le compte de {name} est désactivé"),
    Standing.EXTERNAL: Text(
        en="{name} belongs to another organisation: only our own members decide",
        fr="{name} appartient à une autre organisation : seuls nos propres membres décident",
    ),
    Standing.OPERATOR: Text(
        en="At the shell nobody can prove who they are to Slack: {name}, decide in Slack",
        fr="Au shell, personne ne prouve à Slack qui il est : {name}, décidez dans Slack",
    ),
    Standing.UNMAPPED: Text(
        en="The login {name} is not in [people] of the configuration, so it may only read",
        fr="Le compte système {name} n'est pas dans [people] de la configuration : il peut seulement lire",
    ),
}
BECAUSE = Text(en=": {reason}", fr=" : {reason}")
COUNTED = Text(en="Your vote is counted", fr="Votre voix est comptée")
DENIED = Text(en="Denied: it will not run", fr="Rejetée : elle ne sera pas exécutée")
DENIED_BY = Text(en="Denied by {name} ({account}){because}", fr="Rejetée par {name} ({account}){because}")
EXPLAINED = Text(en="Your reason is recorded", fr="Votre raison est enregistrée")
CANCELLED = Text(en="Cancelled: it will not run", fr="Annulée : elle ne sera pas exécutée")
CANCELLED_BY = Text(en="Cancelled by {name} ({account}){because}", fr="Annulée par {name} ({account}){because}")
STOPPED = Text(en="Stopped: nothing of it was started", fr="Arrêtée : rien n'en a été lancé")
STOPPED_BY = Text(en="Stopped by {name} ({account}){because}", fr="Arrêtée par {name} ({account}){because}")
STOPPING = Text(
    en="It stops before its next step; the step that runs now cannot be called back",
    fr="Elle s'arrête avant l'étape suivante ; l'étape en cours ne peut être rappelée",
)
BROKEN = Text(
    en="Glass broken: it runs now, and everybody was told", fr="Bris de glace : elle s'exécute, et tous sont avertis"
)
BROKEN_BY = Text(en="Break-glass by {name} ({account}){because}", fr="Bris de glace par {name} ({account}){because}")
REVIEWED = Text(en="Reviewed: break-glass can be used again", fr="Examiné : le bris de glace peut resservir")
DID = Text(en="It did run, say {names}", fr="Elle a bien été exécutée, disent {names}")
DID_NOT = Text(en="It did not run, say {names}", fr="Elle n'a pas été exécutée, disent {names}")
OWN = Text(
    en="Someone else must approve your request, whichever account you use",
    fr="Quelqu'un d'autre doit approuver votre demande, quel que soit votre compte",
)
NOT_ELIGIBLE = Text(en="This takes: {groups}", fr="Il faut pour cela : {groups}")
ALREADY = Text(en="You have said so already: it counts once", fr="Vous l'avez déjà dit : cela compte une fois")
NOT_YOURS = Text(en="Only who asked for it can cancel it", fr="Seul son demandeur peut l'annuler")
NOT_YOUR_DENIAL = Text(en="Only who denied it can say why", fr="Seul qui l'a rejetée peut dire pourquoi")
TOO_LATE = Text(en="Too late: this request is {state}", fr="Trop tard : cette demande est {state}")
RUNNING_NOW = Text(en="Too late: it is running", fr="Trop tard : elle est en cours")
UNKNOWN_NOW = Text(
    en="It was started and its outcome is not known: look at the node, then say whether it did",
    fr="Elle a été lancée et son issue n'est pas connue : regardez le nœud, puis dites si elle a eu lieu",
)
NO_RETURN = Text(
    en="Its last step has been started: there is no way back",
    fr="Sa dernière étape est lancée : il n'y a plus de retour",
)
OTHER_PLAN = Text(
    en="What you were shown is not this plan: open its card again with /pve-cluster requests",
    fr="Ce qui vous a été montré n'est pas ce plan : rouvrez sa carte avec /pve-cluster requests",
)
TYPE_IT = Text(en="Type “{word}” to confirm", fr="Tapez « {word} » pour confirmer")
STATE_IT = Text(en="An answer is needed: {question}", fr="Il faut une réponse : {question}")
NOT_NOW = Text(
    en="This may be approved and run only at: {hours}", fr="Ceci ne s'approuve et ne s'exécute que : {hours}"
)
NO_GLASS = Text(en="Break-glass is not configured", fr="Le bris de glace n'est pas configuré")
NOT_FOR_YOU = Text(
    en="Break-glass is for requesters who are members of {group}, on their own request",
    fr="Le bris de glace est pour les demandeurs membres de {group}, sur leur propre demande",
)
UNREVIEWED = Text(
    en="The last break-glass ({id}) waits for its review: no other one until then",
    fr="Le dernier bris de glace ({id}) attend son examen : pas d'autre d'ici là",
)
GLASS_REASON = Text(en="Break-glass needs a reason", fr="Le bris de glace exige une raison")
NOTHING_TO_REVIEW = Text(en="There is nothing to review here", fr="Il n'y a rien à examiner ici")
REVIEWED_BY = Text(en="Already reviewed by {name}", fr="Déjà examiné par {name}")
