"""What to do about what a check of `join` found, in words; and how a finding is made of it."""

from __future__ import annotations

from typing import Any

from bot.action import EachNode, Finding, Level
from bot.actions.join.refusals import NOT_KNOWN
from bot.names import NodeName
from bot.text import Text


def no(text: Text, fix: Text | None = None) -> Finding:
    return Finding(Level.BAD, text, fix, blocks=True)


def unknown(node: NodeName, asked: EachNode[Any], what: Text) -> list[Finding]:
    """No answer is no answer: nobody is joined on a guess."""
    return [no(NOT_KNOWN.fill(node=node, what=what, why=asked.silent[node]))] if node in asked.silent else []


LIST_IT = Text(
    en="Add it to the nodes of this cluster in config.toml, with its host key in known_hosts; it need be no member for that",
    fr="Ajoutez-le aux nœuds de ce cluster dans config.toml, avec sa clé d'hôte dans known_hosts ; pas besoin d'être membre",
)
REPAIR = Text(en="Repair the bot's way to {node} first", fr="Réparez d'abord l'accès du bot à {node}")
CHECK_CONFIG = Text(en="Check the nodes in config.toml", fr="Vérifiez les nœuds dans config.toml")
CREATE_FIRST = Text(
    en="/pve-cluster create NAME --node NODE makes one", fr="/pve-cluster create NOM --node NŒUD en fait un"
)
ANOTHER_MEMBER = Text(en="Repair it, or name another member", fr="Réparez-le, ou nommez un autre membre")
RESTORE = Text(
    en="Restore the quorum first: /pve-cluster expected", fr="Rétablissez d'abord le quorum : /pve-cluster expected"
)
ASK_AGAIN = Text(
    en="During a change that lasts seconds: ask again. If it stays: /pve-cluster links status",
    fr="Pendant un changement, cela dure quelques secondes : redemandez. Si cela dure : /pve-cluster links status",
)
WAIT = Text(en="That takes about 10 s: ask again", fr="Cela prend une dizaine de secondes : redemandez")
OTHER_NAME = Text(
    en="If that is an old one of the same name: /pve-cluster remove {node} first. Else give the new host another name, on it: "
    "hostnamectl set-hostname NAME, and the same in /etc/hosts",
    fr="Si c'en est un ancien du même nom : d'abord /pve-cluster remove {node}. Sinon donnez un autre nom au nouvel hôte, sur "
    "lui : hostnamectl set-hostname NOM, et de même dans /etc/hosts",
)
ETC_HOSTS = Text(
    en="On {node}, in /etc/hosts: take the name out of every line with 127. (127.0.1.1 is Debian's) or ::1, and add: {line}",
    fr="Sur {node}, dans /etc/hosts : ôtez le nom de toute ligne en 127. (127.0.1.1 vient de Debian) ou ::1, et ajoutez : {line}",
)
MOVE_GUESTS = Text(
    en="A node must be empty to join: back them up elsewhere, remove them, and restore them afterwards",
    fr="Un nœud doit être vide pour rejoindre un cluster : sauvegardez-les ailleurs, supprimez-les, et restaurez-les ensuite",
)
START_PMXCFS = Text(
    en="On {node}: systemctl start pve-cluster, then ask again",
    fr="Sur {node} : systemctl start pve-cluster, puis redemandez",
)
RESET = Text(
    en="If it is stuck in a cluster, or was removed from one: /pve-cluster reset {node}",
    fr="S'il est bloqué dans un cluster, ou en a été retiré : /pve-cluster reset {node}",
)
REMOVE_KEY = Text(
    en="Left by an older separation. On {node}: rm /etc/corosync/authkey",
    fr="Reste d'une séparation antérieure. Sur {node} : rm /etc/corosync/authkey",
)
STOP_COROSYNC = Text(
    en="On {node}: systemctl disable --now corosync", fr="Sur {node} : systemctl disable --now corosync"
)
UPGRADE = Text(
    en="Bring all of them to the same major version first", fr="Mettez d'abord tous à la même version majeure"
)
OPEN_PORT = Text(
    en="Open TCP {port} from {node} to {member} in the firewalls between them (Datacenter → Firewall, and outside)",
    fr="Ouvrez TCP {port} de {node} vers {member} dans les pare-feu entre eux (Datacenter → Firewall, et au-dehors)",
)
GIVE_LINK = Text(
    en="Give the node an address there, or name the address to use: --link{link} IP",
    fr="Donnez au nœud une adresse dans ce réseau, ou nommez celle à employer : --link{link} IP",
)
SAME_LINKS = Text(
    en="All nodes have the same links: leave this one out", fr="Tous les nœuds ont les mêmes liens : retirez celui-ci"
)
FREE_ADDRESS = Text(en="Two nodes cannot share one", fr="Deux nœuds ne peuvent la partager")
DEVICE_FIRST = Text(
    en="On a member, while all nodes are online: pvecm qdevice remove. Then join, and set it up anew only if the number of nodes "
    "is even: pvecm qdevice setup {host}",
    fr="Sur un membre, tous les nœuds étant en ligne : pvecm qdevice remove. Puis joignez, et ne le remettez que si le nombre de "
    "nœuds est pair : pvecm qdevice setup {host}",
)
OTHER_ID = Text(en="Leave --nodeid out: a free one is taken", fr="Retirez --nodeid : un libre sera pris")
SET_CLOCK = Text(
    en="On both: chronyc tracking; systemctl restart chrony",
    fr="Sur les deux : chronyc tracking ; systemctl restart chrony",
)
ADD_KEY = Text(
    en="On {member}, as one line at the end of /root/.ssh/authorized_keys: {key}",
    fr="Sur {member}, en une ligne à la fin de /root/.ssh/authorized_keys : {key}",
)
USE_SSH = Text(en="Join over SSH instead: add --use_ssh", fr="Joignez plutôt par SSH : ajoutez --use_ssh")
UPDATECERTS = Text(
    en="On {member}: pvecm updatecerts -f; systemctl restart pveproxy",
    fr="Sur {member} : pvecm updatecerts -f ; systemctl restart pveproxy",
)
LEAVE_OUT = Text(
    en="Leave --fingerprint out: the bot takes it from the cluster itself. It is the one of the node's certificate, not of the CA",
    fr="Retirez --fingerprint : le bot la prend dans le cluster même. C'est celle du certificat du nœud, pas de la CA",
)
SOMEBODY_BETWEEN = Text(
    en="Either pveproxy shows an old one (on {member}: systemctl restart pveproxy), or another host answers there",
    fr="Soit pveproxy en montre un ancien (sur {member} : systemctl restart pveproxy), soit un autre hôte y répond",
)
MAKE_KEY = Text(
    en="On {node}: ssh-keygen -t rsa -b 4096 -N '' -f /root/.ssh/id_rsa",
    fr="Sur {node} : ssh-keygen -t rsa -b 4096 -N '' -f /root/.ssh/id_rsa",
)
WHICH_GUESTS = Text(en="which guests it has", fr="quelles machines il a")
WHAT_IS_LEFT = Text(en="what is left there of a cluster", fr="ce qui y reste d'un cluster")
ITS_ADDRESSES = Text(en="which addresses it has", fr="quelles adresses il a")
ITS_NAME = Text(en="what it makes of its own name", fr="en quoi il résout son propre nom")
ITS_COROSYNC = Text(en="whether its corosync runs", fr="si son corosync tourne")
ITS_VERSION = Text(en="which version of Proxmox VE it runs", fr="sa version de Proxmox VE")
ITS_CLOCK = Text(en="what time it is there", fr="l'heure qu'il y est")
ITS_KEYS = Text(en="whose keys may log in there", fr="quelles clés peuvent s'y connecter")
ITS_OWN_KEY = Text(en="which SSH key root has there", fr="quelle clé SSH root y a")
ITS_HOST_KEYS = Text(en="which host keys it has", fr="quelles clés d'hôte il a")
ITS_CERTIFICATE = Text(en="which certificate it has", fr="quel certificat il a")
WHAT_IS_SERVED = Text(en="which certificate it is shown", fr="quel certificat lui est montré")
SECOND_FACTORS = Text(en="whether root@pam has a second factor", fr="si root@pam a un second facteur")
ITS_WAY = Text(en="what it reaches of the cluster", fr="ce qu'il atteint du cluster")
