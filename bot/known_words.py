"""Words that people know from the shell, and what the bot knows but cannot do in this version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.text import Text

# What reads: the first words typed → what they are here. The longest match counts; what follows stays.
ALIASES: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("pvecm", "status"): ("status",),
    ("pvecm", "nodes"): ("nodes",),
    ("pvecm", "expected"): ("expected",),
    ("pvecm", "create"): ("create",),
    ("pvecm", "add"): ("join",),
    ("pvecm", "delnode"): ("remove",),
    ("pvecm", "qdevice"): ("qdevice",),
    ("pvecm", "updatecerts"): ("certs", "update"),
    ("pvecm",): ("help",),
    ("corosync-quorumtool",): ("status",),
    ("corosync-quorumtool", "-s"): ("status",),
    ("corosync-quorumtool", "-sih"): ("status",),
    ("corosync-quorumtool", "-l"): ("nodes",),
    ("corosync-quorumtool", "-e"): ("expected",),
    ("corosync-cfgtool",): ("links", "status"),
    ("corosync-cfgtool", "-s"): ("links", "status"),
    ("corosync-cfgtool", "-n"): ("links", "status"),
    ("corosync-cfgtool", "-r"): ("corosync", "reload"),  # typed -R
    ("corosync-cfgtool", "-c"): ("corosync", "lint"),  # no such option; what people want of it
    ("corosync", "-t"): ("corosync", "lint"),
    ("corosync-qdevice-tool",): ("qdevice", "status"),
    ("corosync-qdevice-tool", "-s"): ("qdevice", "status"),
    ("corosync-qdevice-tool", "-sv"): ("qdevice", "status"),
    ("cat", "/etc/pve/corosync.conf"): ("corosync", "show"),
    ("cat", "/etc/corosync/corosync.conf"): ("corosync", "show"),
    ("journalctl", "-u", "corosync"): ("corosync", "log"),
    ("journalctl", "-u", "corosync", "-f"): ("corosync", "log"),
    ("systemctl", "restart", "corosync"): ("corosync", "restart"),
    ("pvenode", "cert", "info"): ("certs", "status"),
    ("quorum",): ("status",),
    ("node",): ("nodes",),
    ("members",): ("nodes",),
    ("link",): ("links",),
    ("rings",): ("links",),
    ("cert",): ("certs",),
    ("certificates",): ("certs",),
    ("delnode",): ("remove",),
    ("add",): ("join",),
    ("delete",): ("remove",),
    ("updatecerts",): ("certs", "update"),
    ("--wizard",): ("wizard",),
    ("-wizard",): ("wizard",),
}
# What pvecm took until 2019 (Proxmox VE 5), and notes still say.
OLD_OPTIONS: Mapping[str, str] = {f"--ring{n}-addr": f"--link{n}" for n in range(8)}
_LONGEST = max(map(len, ALIASES))


def meant(words: Sequence[str]) -> list[str]:
    """The words of this grammar for *words*; those that are no alias come back as they are."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        found = ALIASES.get(tuple(word.lower() for word in words[:length]))
        if found:
            return [*found, *words[length:]]
    return list(words)


_BY_HAND = Text(
    en="Until then it is done on the node itself",
    fr="D'ici là, cela se fait sur le nœud lui-même",
)
_LOOK = Text(en="To look: /pve-cluster {command}", fr="Pour regarder : /pve-cluster {command}")


_RELOADS = Text(
    en="`corosync-cfgtool -R` shows nothing: it reloads corosync.conf on the whole cluster at once. To look at the links: "
    "/pve-cluster links status",
    fr="`corosync-cfgtool -R` ne montre rien : il recharge corosync.conf sur tout le cluster d'un coup. Pour regarder les "
    "liens : /pve-cluster links status",
)


def _look(command: str) -> Text:
    return _LOOK.fill(command=command)


# What this version cannot change yet: known, refused plainly, with what can be done instead.
NOT_YET: Mapping[tuple[str, ...], Text] = {
    ("wizard",): _look("help architecture"),
    ("evacuate",): _look("nodes"),
    ("maintenance",): _look("status"),
    ("ha",): _look("status"),
    ("diagnose",): _look("status"),
    ("audit",): _BY_HAND,
    ("qdevice", "setup"): _look("qdevice status"),
    ("qdevice", "remove"): _look("qdevice status"),
    ("certs", "update"): _look("certs status"),
    ("certs", "renew"): _look("certs status"),
    ("certs", "acme"): _look("certs status"),
    ("certs", "renew-ca"): _look("certs status"),
    ("certs", "backup"): _look("certs status"),
    ("corosync", "edit"): _look("corosync lint"),
    ("corosync", "start"): _look("status"),
    ("corosync", "stop"): _look("status"),
    ("corosync", "restart"): _look("status"),
    ("corosync", "reload"): _RELOADS,
    ("links", "add"): _look("links status"),
    ("links", "remove"): _look("links status"),
    ("links", "test"): _look("links status"),
    ("links", "priority"): _look("links status"),
}


def not_yet(words: Sequence[str]) -> Text | None:
    """Why *words* cannot be done in this version, or None if they are not among what will be."""
    short = tuple(word.lower() for word in words[:2])
    for known in (short, short[:1]):
        if known in NOT_YET:
            name = " ".join(words[: len(known)])
            return NOT_IN_THIS_VERSION.fill(name=name, instead=NOT_YET[known])
    return None


NOT_IN_THIS_VERSION = Text(
    en="“{name}” is not in this version. {instead}",
    fr="« {name} » n'est pas dans cette version. {instead}",
)
