"""What people are told when a node does not answer: what happened first, then what to do."""

from __future__ import annotations

import errno
import socket

from bot.action import Unreachable
from bot.ssh.login import Login
from bot.text import Text, same


def unreachable(text: Text, login: Login, **values: object) -> Unreachable:
    """The sentence with the login's own values filled in."""
    known_hosts = same(str(login.known_hosts)) if login.known_hosts else KNOWN_HOSTS_FILE
    own = {"host": login.host, "port": login.port, "user": login.user, "key": login.key, "known_hosts": known_hosts}
    return Unreachable(text.fill(**own, **values))


def not_connected(error: OSError, login: Login) -> Unreachable:
    """Tell apart why a TCP connection did not come about."""
    limit = f"{login.connect_timeout_s:g}"
    if isinstance(error, socket.gaierror):
        return unreachable(NO_SUCH_HOST, login)
    if isinstance(error, ConnectionRefusedError):
        return unreachable(REFUSED, login)
    if isinstance(error, TimeoutError):
        return unreachable(TIMED_OUT, login, limit=limit)
    if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}:
        return unreachable(NO_ROUTE, login)
    return unreachable(NOT_CONNECTED, login, error=error)


KNOWN_HOSTS_FILE = Text(en="your known_hosts file", fr="votre fichier known_hosts")
NO_SUCH_HOST = Text(
    en="The name {host} does not resolve: correct the node's host in the configuration, or the DNS",
    fr="Le nom {host} n'est pas résolu : corrigez l'hôte du nœud dans la configuration, ou le DNS",
)
REFUSED = Text(
    en="{host} refuses connections on port {port}: check that sshd runs there, and the port",
    fr="{host} refuse les connexions sur le port {port} : vérifiez que sshd y tourne, et le port",
)
TIMED_OUT = Text(
    en="{host} port {port} did not answer within {limit} s: check that the node is on, and the firewall",
    fr="{host} port {port} n'a pas répondu en {limit} s : vérifiez que le nœud est allumé, et le pare-feu",
)
NO_ROUTE = Text(
    en="There is no route to {host}: check that the node is on, and the network between",
    fr="Aucune route vers {host} : vérifiez que le nœud est allumé, et le réseau entre les deux",
)
NOT_CONNECTED = Text(
    en="No connection to {host} port {port}: {error}", fr="Pas de connexion à {host} port {port} : {error}"
)
SILENT = Text(
    en="{host} port {port} took the connection but the SSH handshake did not end within {limit} s: "
    "look at sshd and the load on the node",
    fr="{host} port {port} a accepté la connexion mais l'échange SSH n'a pas abouti en {limit} s : "
    "regardez sshd et la charge du nœud",
)
NOT_SSH = Text(
    en="{host} port {port} does not speak SSH as expected ({error}): check the port, and sshd's log on the node",
    fr="{host} port {port} ne parle pas SSH comme attendu ({error}) : vérifiez le port, et le journal de sshd",
)
LOGIN_REFUSED = Text(
    en="{host} refuses the login of {user} with the key {key}: add its public half to {user}'s authorized_keys there",
    fr="{host} refuse la connexion de {user} avec la clé {key} : "
    "ajoutez sa moitié publique à authorized_keys de {user} sur place",
)
LOGIN_TOO_SLOW = Text(
    en="{host} did not decide on the login of {user} within {limit} s: look at sshd and PAM on the node",
    fr="{host} n'a pas tranché la connexion de {user} en {limit} s : regardez sshd et PAM sur le nœud",
)
KEY_UNUSABLE = Text(
    en="The SSH key {key} cannot be used ({error}): name a readable private key without passphrase",
    fr="La clé SSH {key} est inutilisable ({error}) : indiquez une clé privée lisible, sans phrase de passe",
)
KNOWN_HOSTS_UNREADABLE = Text(
    en="The file {known_hosts} cannot be read ({error}): correct its path or its rights",
    fr="Le fichier {known_hosts} est illisible ({error}) : corrigez son chemin ou ses droits",
)
SUDO_REFUSED = Text(
    en="sudo on {host} refuses {user}: “{error}”. Allow it without a password in sudoers(5)",
    fr="sudo sur {host} refuse {user} : « {error} ». Autorisez-le sans mot de passe dans sudoers(5)",
)
LOST = Text(
    en="The connection to {host} was lost while it was being asked: ask again, and look at the node if it recurs",
    fr="La connexion à {host} a été perdue pendant la question : redemandez, et regardez le nœud si cela se répète",
)
NO_SESSION = Text(
    en="{host} refuses to open another session: raise MaxSessions in its sshd_config, or look at its log",
    fr="{host} refuse d'ouvrir une session de plus : augmentez MaxSessions dans son sshd_config, ou voyez son journal",
)
TOO_LATE = Text(
    en="`{command}` did not finish within {limit} s on {host}: look at the load and the storage of the node",
    fr="`{command}` ne s'est pas terminée en {limit} s sur {host} : regardez la charge et le stockage du nœud",
)
SIGNALLED = Text(
    en="`{command}` was ended on {host} before it could say how it went: look at the node's journal",
    fr="`{command}` a été interrompue sur {host} sans pouvoir dire son résultat : regardez le journal du nœud",
)
CLOSED = Text(
    en="{host} was not asked: the bot is stopping; ask again when it is back",
    fr="{host} n'a pas été interrogé : le bot s'arrête ; redemandez à son retour",
)
OTHER_HOST = Text(
    en="{host} shows the host key {offered}, approved was {expected}: nothing was sent",
    fr="{host} présente la clé d'hôte {offered}, {expected} était approuvée : rien n'a été envoyé",
)
