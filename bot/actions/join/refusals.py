"""Everything that forbids a `join`, whoever approves."""

from __future__ import annotations

from bot.text import Text

NOT_LISTED = Text(
    en="The configuration of this cluster has no node “{node}”: it has {known}",
    fr="La configuration de ce cluster n'a pas de nœud « {node} » : elle a {known}",
)
NEW_SILENT = Text(en="{node} does not answer: {why}", fr="{node} ne répond pas : {why}")
OTHER_HOST = Text(
    en="The host that answers as {node} is named {host}", fr="L'hôte qui répond comme {node} s'appelle {host}"
)
NO_CLUSTER = Text(
    en="None of the other nodes that answer is in a cluster: there is nothing to join",
    fr="Aucun des autres nœuds qui répondent n'est dans un cluster : il n'y a rien à rejoindre",
)
NOT_A_MEMBER = Text(
    en="{member} is neither the name nor an address of a configured member: those are {known}",
    fr="{member} n'est ni le nom ni une adresse d'un membre configuré : ce sont {known}",
)
MEMBER_SILENT = Text(
    en="{node}, which is to take the new node in, does not answer: {why}",
    fr="{node}, qui doit accueillir le nouveau nœud, ne répond pas : {why}",
)
NO_QUORUM = Text(
    en="{node} has no quorum, and without it a cluster takes nobody in",
    fr="{node} n'a pas le quorum, et sans lui un cluster n'accueille personne",
)
DISAGREE = Text(
    en="The members do not see the same ring: {views}", fr="Les membres ne voient pas le même anneau : {views}"
)
READ_ONLY = Text(
    en="/etc/pve cannot be written on {node} yet, although corosync has quorum",
    fr="/etc/pve n'accepte pas encore d'écriture sur {node}, alors que corosync a le quorum",
)
NAME_TAKEN = Text(
    en="The cluster {cluster} lists a node {node} already", fr="Le cluster {cluster} liste déjà un nœud {node}"
)
NAME_UNKNOWN = Text(
    en="{node} does not resolve its own name to any address", fr="{node} ne résout son propre nom en aucune adresse"
)
NAME_LOOPBACK = Text(
    en="{node} resolves its own name to {address}, which is a loopback address",
    fr="{node} résout son propre nom en {address}, une adresse de bouclage",
)
NAME_FOREIGN = Text(
    en="{node} resolves its own name to {address}, which it does not have",
    fr="{node} résout son propre nom en {address}, qu'il n'a pas",
)
HAS_GUESTS = Text(en="{node} has guests: {ids}", fr="{node} a des machines : {ids}")
NO_PMXCFS = Text(en="/etc/pve is not mounted on {node}", fr="/etc/pve n'est pas monté sur {node}")
HAS_CONF = Text(en="{node} has a corosync.conf already: {files}", fr="{node} a déjà un corosync.conf : {files}")
HAS_AUTHKEY = Text(
    en="{node} still has the key of a cluster: /etc/corosync/authkey",
    fr="{node} a encore la clé d'un cluster : /etc/corosync/authkey",
)
COROSYNC_RUNS = Text(en="corosync runs on {node}", fr="corosync tourne sur {node}")
OTHER_MAJOR = Text(
    en="{node} runs Proxmox VE {version}, {others}: not the same major version",
    fr="{node} est en Proxmox VE {version}, {others} : pas la même version majeure",
)
PORT_CLOSED = Text(
    en="{node} does not reach TCP port {port} of {member} ({address}): {how}",
    fr="{node} n'atteint pas le port TCP {port} de {member} ({address}) : {how}",
)
LINK_MISSING = Text(
    en="{node} has no address in {network}, the network of link {link}",
    fr="{node} n'a pas d'adresse dans {network}, le réseau du lien {link}",
)
LINK_AMBIGUOUS = Text(
    en="{node} has several addresses in {network}, the network of link {link}: {addresses}",
    fr="{node} a plusieurs adresses dans {network}, le réseau du lien {link} : {addresses}",
)
NETWORK_UNKNOWN = Text(
    en="{member} does not say in which network its address of link {link} lies",
    fr="{member} ne dit pas dans quel réseau est son adresse du lien {link}",
)
LINK_UNKNOWN = Text(
    en="The cluster has no link {link}: it has {links}", fr="Le cluster n'a pas de lien {link} : il a {links}"
)
ADDRESS_TAKEN = Text(
    en="{address} is the address of {other} in the cluster already", fr="{address} est déjà l'adresse de {other}"
)
QDEVICE = Text(
    en="The cluster has a QDevice (on {host}), and another number of nodes needs another set-up of it",
    fr="Le cluster a un QDevice (sur {host}), et un autre nombre de nœuds en demande une autre configuration",
)
ID_TAKEN = Text(en="{other} has the node id {id} already", fr="{other} a déjà l'identifiant de nœud {id}")
CLOCK = Text(
    en="The clocks of {node} and {other} are {seconds} s apart; a join allows for less than 1 s",
    fr="Les horloges de {node} et {other} diffèrent de {seconds} s ; une jonction en admet moins de 1 s",
)
BOT_KEY = Text(
    en="The bot's own key is not in the cluster's list: after the join it could not log in to {node} any more",
    fr="La clé du bot n'est pas dans la liste du cluster : après la jonction il ne pourrait plus se connecter à {node}",
)
SECOND_FACTOR = Text(
    en="root@pam has a second factor, which a join over the API cannot give without a terminal",
    fr="root@pam a un second facteur, qu'une jonction par l'API ne peut donner sans terminal",
)
NO_CERTIFICATE = Text(
    en="{member} has no certificate in /etc/pve, so nobody can say what its fingerprint is",
    fr="{member} n'a pas de certificat dans /etc/pve : personne ne peut dire quelle est son empreinte",
)
COPIES_DIFFER = Text(
    en="{member} and {other} do not have the same certificate of {member}: {fingerprint} and {copy}",
    fr="{member} et {other} n'ont pas le même certificat de {member} : {fingerprint} et {copy}",
)
WRONG_FINGERPRINT = Text(
    en="The fingerprint that was given is not that of {member}: given {given}; the cluster says {fingerprint}",
    fr="L'empreinte donnée n'est pas celle de {member} : donnée {given} ; le cluster dit {fingerprint}",
)
SERVES_OTHER = Text(
    en="What answers {node} on {address}:8006 shows another certificate than {member} has: {served}; the cluster says "
    "{fingerprint}",
    fr="Ce qui répond à {node} sur {address}:8006 montre un autre certificat que celui de {member} : {served} ; le cluster dit "
    "{fingerprint}",
)
NO_OWN_KEY = Text(
    en="root on {node} has no SSH key of its own (/root/.ssh/id_rsa)",
    fr="root sur {node} n'a pas de clé SSH (/root/.ssh/id_rsa)",
)
NO_HOST_KEY = Text(en="{member} has no SSH host key", fr="{member} n'a pas de clé d'hôte SSH")
NOT_KNOWN = Text(en="{node} does not say {what}: {why}", fr="{node} ne dit pas {what} : {why}")
