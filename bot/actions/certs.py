"""/pve-cluster certs: every node's certificates, how long they last, and which one its web server shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.action import Action, EachNode, Finding, Json, Level, NoArgs, Report, Table, Verb
from bot.cluster.certificates import CA, CUSTOM, Certificate, Certificates
from bot.cluster.certificates import NODE as OWN
from bot.cluster.silence import silent
from bot.cluster.worst import worst_of
from bot.names import NodeName
from bot.text import Text, counted, same

SOON_DAYS, URGENT_DAYS = 30, 14  # Proxmox VE renews its own 14 days before the end, ACME's 30 days (pveupdate)


@dataclass(frozen=True)
class Facts:
    certificates: EachNode[Certificates]


def report(_args: NoArgs, facts: Facts, _after: Facts) -> Report:
    by_node = facts.certificates.by_node
    findings = (*_findings(by_node), *(silent(node, why) for node, why in facts.certificates.silent.items()))
    level = worst_of((finding.level for finding in findings), answered=bool(by_node))
    return Report(
        level,
        _headline(level, by_node),
        findings=findings,
        tables=(_table(by_node), _fingerprints(by_node)) if by_node else (),
        next=(same("/pve-cluster nodes"), same("/pve-cluster help certs")),
        data={
            "nodes": {node: [_data(c, found) for c in found.by_file.values()] for node, found in by_node.items()},
            "silent": {node: why.to("en") for node, why in facts.certificates.silent.items()},
        },
    )


def _findings(by_node: Mapping[NodeName, Certificates]) -> Iterator[Finding]:
    for node, found in by_node.items():
        for certificate in found.by_file.values():
            if certificate.file != CA:
                yield from _ending(node, certificate, found)
        if found.served is None:
            yield Finding(Level.BAD, NONE_SERVED.fill(node=node), NONE_SERVED_FIX.fill(node=node))
    yield from _authorities(by_node)


def _ending(node: NodeName, certificate: Certificate, found: Certificates) -> Iterator[Finding]:
    """The CA is the cluster's, not the node's on which it was read, and is renewed in another way."""
    days = found.days_left(certificate)
    if days < SOON_DAYS:
        expired, ending = (CA_EXPIRED, CA_ENDING) if certificate.file == CA else (EXPIRED, ENDING)
        level = Level.BAD if days < URGENT_DAYS else Level.WARNING
        said = (expired if days < 0 else ending).fill(node=node, file=certificate.file, days=_days(abs(days)))
        yield Finding(level, said, FIXES[certificate.file].fill(node=node))


def _authorities(by_node: Mapping[NodeName, Certificates]) -> Iterator[Finding]:
    """The cluster's CA is one file in /etc/pve: that nodes see different ones means that they are not in one cluster."""
    seen = {found.by_file[CA].fingerprint for found in by_node.values() if CA in found.by_file}
    if len(seen) > 1:
        yield Finding(Level.BAD, DIFFERENT_CA, DIFFERENT_CA_FIX)
    once = {found.by_file[CA].fingerprint: (node, found) for node, found in by_node.items() if CA in found.by_file}
    for node, found in once.values():
        yield from _ending(node, found.by_file[CA], found)


def _days(days: int) -> Text:
    return counted(days, en=("day", "days"), fr=("jour", "jours"))


def _headline(level: Level, by_node: Mapping[NodeName, Certificates]) -> Text:
    if level is Level.UNKNOWN:
        return NOBODY
    left = [found.days_left(c) for found in by_node.values() for c in found.by_file.values()]
    return (ALL_GOOD if level is Level.GOOD else NOT_ALL_GOOD).fill(
        days=_days(min(left, default=0)), nodes=_nodes(len(by_node))
    )


def _nodes(nodes: int) -> Text:
    return counted(nodes, en=("node", "nodes"), fr=("nœud", "nœuds"))


def _table(by_node: Mapping[NodeName, Certificates]) -> Table:
    rows = tuple(
        (
            node,
            certificate.file,
            certificate.issuer,
            _day(certificate.not_after_us),
            str(found.days_left(certificate)),
            SERVED if certificate is found.served else same(""),
        )
        for node, found in by_node.items()
        for certificate in found.by_file.values()
    )
    return Table((NODE, FILE, ISSUER, UNTIL, DAYS, PVEPROXY), rows)


def _fingerprints(by_node: Mapping[NodeName, Certificates]) -> Table:
    rows = tuple((node, found.served.fingerprint) for node, found in by_node.items() if found.served)
    return Table((NODE, FINGERPRINT), rows, FOR_A_JOIN)


def _data(certificate: Certificate, found: Certificates) -> Json:
    return {
        "file": certificate.file,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_after_us": certificate.not_after_us,
        "days_left": found.days_left(certificate),
        "fingerprint": certificate.fingerprint,
        "names": [*certificate.names],
        "served": certificate is found.served,
    }


def _day(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, tz=UTC).strftime("%Y-%m-%d")


ALL_GOOD = Text(
    en="All certificates are in order; the first ends in {days} ({nodes})",
    fr="Tous les certificats sont en ordre ; le premier expire dans {days} ({nodes})",
)
NOT_ALL_GOOD = Text(
    en="Not all certificates are in order; the first ends in {days} ({nodes})",
    fr="Tous les certificats ne sont pas en ordre ; le premier expire dans {days} ({nodes})",
)
NOBODY = Text(en="The certificates are unknown: no node answered", fr="Certificats inconnus : aucun nœud n'a répondu")
EXPIRED = Text(en="{node}: {file} expired {days} ago", fr="{node} : {file} a expiré il y a {days}")
ENDING = Text(en="{node}: {file} ends in {days}", fr="{node} : {file} expire dans {days}")
CA_EXPIRED = Text(
    en="The cluster's CA ({file}) expired {days} ago", fr="La CA du cluster ({file}) a expiré il y a {days}"
)
CA_ENDING = Text(en="The cluster's CA ({file}) ends in {days}", fr="La CA du cluster ({file}) expire dans {days}")
OWN_FIX = Text(
    en="On {node}: pvecm updatecerts --force, then systemctl reload-or-restart pveproxy. It is renewed by itself 14 days "
    "before the end where pve-daily-update.timer runs",
    fr="Sur {node} : pvecm updatecerts --force, puis systemctl reload-or-restart pveproxy. Il se renouvelle seul 14 jours "
    "avant la fin là où pve-daily-update.timer tourne",
)
CUSTOM_FIX = Text(
    en="Renew it where it came from: pvecm never touches pveproxy-ssl.pem. For ACME: pvenode acme cert renew",
    fr="Renouvelez-le là d'où il vient : pvecm ne touche jamais à pveproxy-ssl.pem. Pour ACME : pvenode acme cert renew",
)
CA_FIX = Text(
    en="Nothing renews it by itself, and updatecerts keeps one that exists. With quorum, move /etc/pve/pve-root-ca.pem and "
    "/etc/pve/priv/pve-root-ca.key away; then on each node pvecm updatecerts --force and systemctl reload-or-restart "
    "pveproxy. Every fingerprint changes",
    fr="Rien ne la renouvelle d'elle-même, et updatecerts garde celle qui existe. Avec quorum, déplacez "
    "/etc/pve/pve-root-ca.pem et /etc/pve/priv/pve-root-ca.key ; puis sur chaque nœud pvecm updatecerts --force et "
    "systemctl reload-or-restart pveproxy. Toutes les empreintes changent",
)
FIXES = {CA: CA_FIX, CUSTOM: CUSTOM_FIX, OWN: OWN_FIX}
NONE_SERVED = Text(
    en="{node} has no certificate for its web server", fr="{node} n'a aucun certificat pour son serveur web"
)
NONE_SERVED_FIX = Text(
    en="On {node}, with quorum: pvecm updatecerts --force", fr="Sur {node}, avec quorum : pvecm updatecerts --force"
)
DIFFERENT_CA = Text(
    en="The nodes do not have the same CA: they do not see the same /etc/pve",
    fr="Les nœuds n'ont pas la même CA : ils ne voient pas le même /etc/pve",
)
DIFFERENT_CA_FIX = Text(en="Look at /pve-cluster status first", fr="Regardez d'abord /pve-cluster status")
NODE = Text(en="Node", fr="Nœud")
FILE = Text(en="File", fr="Fichier")
ISSUER = Text(en="Issuer", fr="Émetteur")
UNTIL = Text(en="Until (UTC)", fr="Jusqu'au (UTC)")
DAYS = Text(en="Days left", fr="Jours restants")
PVEPROXY = Text(en="pveproxy", fr="pveproxy")
SERVED = Text(en="shows this one", fr="montre celui-ci")
FINGERPRINT = Text(en="SHA-256 fingerprint", fr="Empreinte SHA-256")
FOR_A_JOIN = Text(
    en="What pvecm add --fingerprint needs, by the node that is joined",
    fr="Ce que demande pvecm add --fingerprint, selon le nœud rejoint",
)

ACTION = Action(
    name="certs",
    summary=Text(
        en="Certificates: who signed them, how long they last",
        fr="Certificats : signés par qui, valables combien de temps",
    ),
    verbs=(
        Verb(
            name="status",
            summary=Text(
                en="Every node's certificates, and the one shown",
                fr="Les certificats de chaque nœud, et celui qui est montré",
            ),
            args=NoArgs,
            facts=Facts,
            report=report,
        ),
    ),
    help=Text(
        en="Reads pve-root-ca.pem, pve-ssl.pem and pveproxy-ssl.pem on each node. pveproxy shows pveproxy-ssl.pem where it "
        "exists (your own or ACME's), else pve-ssl.pem; the fingerprint that a join needs is the one of the certificate "
        "shown, not of the CA, and not of SSH. It changes with every renewal: take it fresh. `pvecm updatecerts` works on "
        "one node, and without --force leaves a certificate alone, even an expired one. There is no `pvenode acme cert "
        "list`: it is `pvenode cert info`.",
        fr="Lit pve-root-ca.pem, pve-ssl.pem et pveproxy-ssl.pem sur chaque nœud. pveproxy montre pveproxy-ssl.pem s'il "
        "existe (le vôtre ou celui d'ACME), sinon pve-ssl.pem ; l'empreinte demandée pour rejoindre est celle du certificat "
        "montré, pas de la CA, ni de SSH. Elle change à chaque renouvellement : relisez-la. `pvecm updatecerts` agit sur un "
        "seul nœud et, sans --force, ne touche pas à un certificat, même expiré. `pvenode acme cert list` n'existe pas : "
        "c'est `pvenode cert info`.",
    ),
)
