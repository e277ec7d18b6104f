"""Rules for the links of a corosync.conf: every node has every link, and every link its interface section."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from bot.action import Level
from bot.cluster.corosync_conf import addresses
from bot.cluster.corosync_document import Section
from bot.cluster.flaw import Flaw, Rule
from bot.names import shortened
from bot.text import Text

_HIGHEST_LINK = 7


def different_links(root: Section) -> Iterator[Flaw]:
    links = _links(root)
    for node in root.sections("nodelist", "node"):
        missing = [str(link) for link in links if link not in addresses(node)]
        if missing:
            what = MISSING.fill(name=shortened(node.get("name", "?")), links=", ".join(missing))
            yield Flaw("different-links", node.line, Level.BAD, what, MISSING_FIX)


def link_too_high(root: Section) -> Iterator[Flaw]:
    for node in root.sections("nodelist", "node"):
        for link in addresses(node):
            if link > _HIGHEST_LINK:
                setting = node.setting(f"ring{link}_addr")
                line = setting.line if setting else node.line
                yield Flaw("link-too-high", line, Level.BAD, TOO_HIGH.fill(link=link), TOO_HIGH_FIX)


def one_link(root: Section) -> Iterator[Flaw]:
    nodes = list(root.sections("nodelist", "node"))
    if len(nodes) > 1 and len(_links(root)) == 1:
        yield Flaw("one-link", nodes[0].line, Level.NOTE, ONE_LINK, ONE_LINK_FIX)


def mixed_families(root: Section) -> Iterator[Flaw]:
    for link in _links(root):
        first: int | None = None
        for node in root.sections("nodelist", "node"):
            family = _family(addresses(node).get(link, ""))
            first = first or family
            if family and family != first:
                setting = node.setting(f"ring{link}_addr")
                line = setting.line if setting else node.line
                yield Flaw("mixed-families", line, Level.BAD, MIXED.fill(link=link), MIXED_FIX)


def no_interface(root: Section) -> Iterator[Flaw]:
    sections = _interfaces(root)
    numbers = {section.get("linknumber", "0") for section in sections}
    for link in _links(root):
        if sections and str(link) not in numbers:
            what, fix = NO_INTERFACE.fill(link=link), NO_INTERFACE_FIX.fill(link=link)
            yield Flaw("no-interface", sections[-1].line, Level.BAD, what, fix)


def no_linknumber(root: Section) -> Iterator[Flaw]:
    for section in _interfaces(root):
        if section.setting("linknumber") is None:
            yield Flaw("no-linknumber", section.line, Level.WARNING, NO_NUMBER, NO_NUMBER_FIX)


def same_linknumber(root: Section) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for section in _interfaces(root):
        link = section.get("linknumber", "0")
        if link in seen:
            what = SAME_NUMBER.fill(link=shortened(link), line=seen[link])
            yield Flaw("same-linknumber", section.line, Level.BAD, what, SAME_NUMBER_FIX)
        seen.setdefault(link, section.line)


def unused_interface(root: Section) -> Iterator[Flaw]:
    links = {str(link) for link in _links(root)}
    for section in _interfaces(root):
        link = section.get("linknumber", "0")
        if links and link not in links:
            fix = UNUSED_FIX.fill(link=shortened(link))
            yield Flaw("unused-interface", section.line, Level.WARNING, UNUSED.fill(link=shortened(link)), fix)


def priority_on_one_link(root: Section) -> Iterator[Flaw]:
    for section in _interfaces(root):
        setting = section.setting("knet_link_priority")
        if setting is not None and len(_links(root)) == 1:
            yield Flaw("priority-on-one-link", setting.line, Level.NOTE, LONE_PRIORITY, LONE_PRIORITY_FIX)


def _interfaces(root: Section) -> list[Section]:
    return list(root.sections("totem", "interface"))


def _links(root: Section) -> list[int]:
    return sorted({link for node in root.sections("nodelist", "node") for link in addresses(node)})


def _family(value: str) -> int | None:
    try:
        return ip_address(value).version
    except ValueError:
        return None


MISSING = Text(
    en="{name} has no address on link {links}, which other nodes have: corosync refuses the file",
    fr="{name} n'a pas d'adresse sur le lien {links}, que d'autres nœuds ont : corosync refuse le fichier",
)
MISSING_FIX = Text(
    en="Give every node a `ringN_addr` for every link", fr="Donnez à chaque nœud un `ringN_addr` pour chaque lien"
)
TOO_HIGH = Text(en="there is no link {link}: 7 is the last", fr="il n'y a pas de lien {link} : 7 est le dernier")
TOO_HIGH_FIX = Text(en="Use ring0_addr to ring7_addr", fr="Utilisez ring0_addr à ring7_addr")
ONE_LINK = Text(
    en="there is one link only: if its network fails, the cluster falls apart, and with HA its nodes reset",
    fr="il n'y a qu'un lien : si son réseau tombe, le cluster se défait, et avec HA ses nœuds redémarrent",
)
ONE_LINK_FIX = Text(
    en="Add `ring1_addr` to every node and `interface {{ linknumber: 1 }}` to totem; it is applied live, without a restart",
    fr="Ajoutez `ring1_addr` à chaque nœud et `interface {{ linknumber: 1 }}` à totem ; c'est appliqué à chaud, sans redémarrage",
)
MIXED = Text(
    en="link {link} mixes IPv4 and IPv6: corosync refuses the file",
    fr="le lien {link} mêle IPv4 et IPv6 : corosync refuse le fichier",
)
MIXED_FIX = Text(en="Use one family on each link", fr="Utilisez une seule famille par lien")
NO_INTERFACE = Text(
    en="link {link} has no interface section: Proxmox VE then refuses every later join",
    fr="le lien {link} n'a pas de section interface : Proxmox VE refuse alors tout ajout de nœud",
)
NO_INTERFACE_FIX = Text(
    en="Add `interface {{ linknumber: {link} }}` to totem", fr="Ajoutez `interface {{ linknumber: {link} }}` à totem"
)
NO_NUMBER = Text(
    en="an interface section has no `linknumber`: corosync takes it for link 0",
    fr="une section interface n'a pas de `linknumber` : corosync la prend pour le lien 0",
)
NO_NUMBER_FIX = Text(en="Write its `linknumber`", fr="Écrivez son `linknumber`")
SAME_NUMBER = Text(
    en="link {link} already has an interface section in line {line}",
    fr="le lien {link} a déjà une section interface ligne {line}",
)
SAME_NUMBER_FIX = Text(en="Merge the two sections", fr="Réunissez les deux sections")
UNUSED = Text(
    en="there is an interface section for link {link}, on which no node has an address",
    fr="une section interface existe pour le lien {link}, où aucun nœud n'a d'adresse",
)
UNUSED_FIX = Text(
    en="Add `ring{link}_addr` to every node or remove the section",
    fr="Ajoutez `ring{link}_addr` à chaque nœud ou supprimez la section",
)
LONE_PRIORITY = Text(
    en="a priority means nothing with one link (with several, the higher number wins)",
    fr="une priorité ne signifie rien avec un seul lien (avec plusieurs, le plus grand nombre l'emporte)",
)
LONE_PRIORITY_FIX = Text(en="Remove `knet_link_priority`", fr="Supprimez `knet_link_priority`")

RULES: tuple[Rule, ...] = (
    different_links,
    link_too_high,
    one_link,
    mixed_families,
    no_interface,
    no_linknumber,
    same_linknumber,
    unused_interface,
    priority_on_one_link,
)
