"""Rules for the totem section of a corosync.conf: its version, its protection, its timeouts."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Level
from bot.cluster.corosync_conf import timeouts
from bot.cluster.corosync_document import Section, Setting
from bot.cluster.flaw import Flaw, Rule, line_of
from bot.text import Text

LOWEST_TOKEN_MS, HIGHEST_TOKEN_MS = 1000, 20_000
WATCHDOG_MS = 60_000  # CLIENT_WATCHDOG_TIMEOUT of watchdog-mux: then a node with HA guests resets itself
_LOWEST_MS = 30
_CARGO = {"join": 50, "max_messages": 17, "token_retransmits_before_loss_const": 4}


def totem_version(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "version")
    if setting is None or setting.value != "2":
        yield Flaw("totem-version", line_of(root, setting, "totem"), Level.BAD, VERSION, VERSION_FIX)


def config_version(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "config_version")
    if setting is None:
        yield Flaw("config-version", line_of(root, None, "totem"), Level.BAD, NO_CONFIG_VERSION, CONFIG_VERSION_FIX)
    elif not _ms(setting):
        yield Flaw("config-version", setting.line, Level.BAD, CONFIG_VERSION, CONFIG_VERSION_FIX)


def cluster_name(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "cluster_name")
    if setting is None:
        yield Flaw("cluster-name", line_of(root, None, "totem"), Level.WARNING, NO_NAME, NO_NAME_FIX)
    elif len(setting.value) > 15:
        yield Flaw("cluster-name", setting.line, Level.WARNING, LONG_NAME, NO_NAME_FIX)


def secauth(root: Section) -> Iterator[Flaw]:
    setting, cipher = root.last("totem", "secauth"), root.last("totem", "crypto_cipher")
    protected = cipher is not None and cipher.value != "none"
    if not protected and (setting is None or setting.value != "on"):
        yield Flaw("secauth", line_of(root, setting, "totem"), Level.WARNING, SECAUTH, SECAUTH_FIX)


def transport(root: Section) -> Iterator[Flaw]:
    setting, auth = root.last("totem", "transport"), root.last("totem", "secauth")
    if setting is not None and setting.value in ("udp", "udpu"):
        refused = auth is not None and auth.value == "on"
        level = Level.BAD if refused else Level.WARNING
        yield Flaw("transport", setting.line, level, TRANSPORT.fill(name=setting.value), TRANSPORT_FIX)


def link_mode(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "link_mode")
    if setting is not None and setting.value in ("active", "rr"):
        yield Flaw("link-mode", setting.line, Level.NOTE, LINK_MODE.fill(mode=setting.value), LINK_MODE_FIX)


def unlisted_ips(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "block_unlisted_ips")
    if setting is not None and setting.value == "no":
        yield Flaw("unlisted-ips", setting.line, Level.WARNING, UNLISTED, UNLISTED_FIX)


def token_range(root: Section) -> Iterator[Flaw]:
    setting = root.last("totem", "token")
    if setting is None or setting.whole is None:
        return
    if _ms(setting) == 0:
        yield Flaw("token-range", setting.line, Level.WARNING, TOKEN_ZERO, TOKEN_FIX)
    elif not LOWEST_TOKEN_MS <= _ms(setting) <= HIGHEST_TOKEN_MS:
        yield Flaw("token-range", setting.line, Level.BAD, TOKEN.fill(ms=_ms(setting)), TOKEN_FIX)


def consensus(root: Section) -> Iterator[Flaw]:
    setting, times = root.last("totem", "consensus"), timeouts(root)
    least = times.effective_token_ms * 6 // 5
    if setting is not None and _ms(setting) and times.consensus_ms < least:
        what = CONSENSUS.fill(ms=times.consensus_ms, token=times.effective_token_ms, least=least)
        yield Flaw("consensus", setting.line, Level.BAD, what, CONSENSUS_FIX.fill(least=least))


def consensus_below_join(root: Section) -> Iterator[Flaw]:
    setting, times = root.last("totem", "join"), timeouts(root)
    if setting is not None and _ms(setting) > times.consensus_ms:
        what = BELOW_JOIN.fill(join=_ms(setting), consensus=times.consensus_ms)
        yield Flaw("consensus-below-join", setting.line, Level.BAD, what, CARGO_FIX.fill(key="join"))


def watchdog(root: Section) -> Iterator[Flaw]:
    times = timeouts(root)
    total = times.effective_token_ms + times.consensus_ms
    if total > WATCHDOG_MS // 2:
        level = Level.BAD if total > WATCHDOG_MS * 5 // 6 else Level.WARNING
        setting = root.last("totem", "token") or root.last("totem", "consensus")
        what = WATCHDOG.fill(token=times.effective_token_ms, consensus=times.consensus_ms, total=total)
        yield Flaw("watchdog", line_of(root, setting, "totem"), level, what, WATCHDOG_FIX)


def cargo(root: Section) -> Iterator[Flaw]:
    for key, default in _CARGO.items():
        setting = root.last("totem", key)
        if setting is not None and setting.whole is not None and _ms(setting) != default:
            what = CARGO.fill(key=key, value=setting.value, default=default)
            yield Flaw("cargo", setting.line, Level.WARNING, what, CARGO_FIX.fill(key=key))


def too_many_retransmits(root: Section) -> Iterator[Flaw]:
    """Corosync divides the token by the retransmits and refuses less than 30 ms each (totemconfig.c)."""
    setting = root.last("totem", "token_retransmits_before_loss_const")
    if setting is None or setting.whole is None or root.last("totem", "token_retransmit"):
        return
    token = timeouts(root).effective_token_ms
    if 10 * token < _LOWEST_MS * (10 * setting.whole + 2):
        what = TOO_MANY_RETRANSMITS.fill(n=setting.value, token=token, least=_LOWEST_MS)
        yield Flaw("too-many-retransmits", setting.line, Level.BAD, what, CARGO_FIX.fill(key=setting.key))


def too_short(root: Section) -> Iterator[Flaw]:
    for key in ("join", "consensus", "token_retransmit", "hold", "merge", "downcheck"):
        setting = root.last("totem", key)
        if setting is not None and setting.whole is not None and 0 < _ms(setting) < _LOWEST_MS:
            what = TOO_SHORT.fill(key=key, ms=_ms(setting), least=_LOWEST_MS)
            yield Flaw("too-short", setting.line, Level.BAD, what, CARGO_FIX.fill(key=key))


def _ms(setting: Setting) -> int:
    return setting.whole or 0


VERSION = Text(
    en="totem's `version` is not 2: corosync refuses to start",
    fr="le `version` de totem n'est pas 2 : corosync refuse de démarrer",
)
VERSION_FIX = Text(en="Write `version: 2` in totem", fr="Écrivez `version: 2` dans totem")
NO_CONFIG_VERSION = Text(
    en="`config_version` is missing: nodes cannot tell which file is newer, and Proxmox VE ignores the change",
    fr="`config_version` manque : les nœuds ne savent pas quel fichier est le plus récent, et Proxmox VE ignore la modification",
)
CONFIG_VERSION = Text(
    en="`config_version` is no whole number above 0: corosync aborts or Proxmox VE ignores the file",
    fr="`config_version` n'est pas un entier supérieur à 0 : corosync s'arrête ou Proxmox VE ignore le fichier",
)
CONFIG_VERSION_FIX = Text(
    en="Set `config_version` to the current one plus 1", fr="Mettez dans `config_version` la version actuelle plus 1"
)
NO_NAME = Text(en="the cluster has no `cluster_name`", fr="le cluster n'a pas de `cluster_name`")
LONG_NAME = Text(en="`cluster_name` is longer than 15 characters", fr="`cluster_name` dépasse 15 caractères")
NO_NAME_FIX = Text(
    en="Keep the name given at creation: it cannot be changed on a running cluster",
    fr="Gardez le nom donné à la création : il ne se change pas sur un cluster en marche",
)
SECAUTH = Text(
    en="cluster traffic is neither encrypted nor authenticated",
    fr="le trafic du cluster n'est ni chiffré ni authentifié",
)
SECAUTH_FIX = Text(en="Write `secauth: on` in totem", fr="Écrivez `secauth: on` dans totem")
TRANSPORT = Text(
    en="transport {name} has one link and no encryption; with `secauth: on` corosync refuses to start",
    fr="le transport {name} n'a qu'un lien et pas de chiffrement ; avec `secauth: on`, corosync refuse de démarrer",
)
TRANSPORT_FIX = Text(
    en="Remove the line: knet is the default and the one Proxmox VE supports",
    fr="Supprimez la ligne : knet est le défaut et le seul que Proxmox VE prend en charge",
)
LINK_MODE = Text(
    en="link mode {mode} is not the one Proxmox VE uses, and takes effect only after a restart of corosync",
    fr="le mode de lien {mode} n'est pas celui de Proxmox VE et ne prend effet qu'au redémarrage de corosync",
)
LINK_MODE_FIX = Text(en="Write `link_mode: passive`", fr="Écrivez `link_mode: passive`")
UNLISTED = Text(
    en="with `block_unlisted_ips: no` a removed node that comes back is heard again",
    fr="avec `block_unlisted_ips: no`, un nœud retiré qui revient est de nouveau entendu",
)
UNLISTED_FIX = Text(en="Remove the line: yes is the default", fr="Supprimez la ligne : yes est le défaut")
TOKEN = Text(
    en="token is {ms} ms: below 1000 a busy network tears the cluster apart, above 20000 a failure goes unnoticed too long",
    fr="token vaut {ms} ms : sous 1000 un réseau chargé disloque le cluster, au-dessus de 20000 une panne passe trop longtemps inaperçue",
)
TOKEN_ZERO = Text(en="`token: 0` means the default, 3000 ms", fr="`token: 0` signifie la valeur par défaut, 3000 ms")
TOKEN_FIX = Text(
    en="Remove the line (3000 ms is the default since corosync 3.1, not 1000) or choose 1000 to 20000 ms",
    fr="Supprimez la ligne (3000 ms est le défaut depuis corosync 3.1, pas 1000) ou choisissez de 1000 à 20000 ms",
)
CONSENSUS = Text(
    en="consensus is {ms} ms, below {least} = 1.2 × the effective token of {token} ms; corosync does not check it",
    fr="consensus vaut {ms} ms, moins que {least} = 1,2 × le token effectif de {token} ms ; corosync ne le vérifie pas",
)
CONSENSUS_FIX = Text(
    en="Remove `consensus`, corosync then takes {least} ms by itself",
    fr="Supprimez `consensus`, corosync prend alors {least} ms de lui-même",
)
BELOW_JOIN = Text(
    en="join ({join} ms) is longer than consensus ({consensus} ms): corosync refuses to start",
    fr="join ({join} ms) dépasse consensus ({consensus} ms) : corosync refuse de démarrer",
)
WATCHDOG = Text(
    en="token {token} + consensus {consensus} = {total} ms to notice a failure, and the HA watchdog resets nodes at 60000",
    fr="token {token} + consensus {consensus} = {total} ms pour constater une panne, et le watchdog HA redémarre les nœuds à 60000",
)
WATCHDOG_FIX = Text(
    en="Set `token_coefficient: 125` (Proxmox VE's own for new clusters) or a shorter token",
    fr="Mettez `token_coefficient: 125` (celui de Proxmox VE pour les nouveaux clusters) ou un token plus court",
)
CARGO = Text(
    en="`{key}` is {value} instead of {default}: it is copied from old examples and cures no slow network",
    fr="`{key}` vaut {value} au lieu de {default} : recopié d'anciens exemples, il ne soigne aucun réseau lent",
)
CARGO_FIX = Text(
    en="Remove `{key}`; if the network is slow, change `token` only",
    fr="Supprimez `{key}` ; si le réseau est lent, ne changez que `token`",
)
TOO_SHORT = Text(
    en="`{key}` is {ms} ms: corosync refuses less than {least}",
    fr="`{key}` vaut {ms} ms : corosync refuse moins de {least}",
)
TOO_MANY_RETRANSMITS = Text(
    en="{n} retransmits within the token of {token} ms leave less than {least} ms for each: corosync refuses to start",
    fr="{n} retransmissions dans le token de {token} ms laissent moins de {least} ms à chacune : corosync refuse de démarrer",
)

RULES: tuple[Rule, ...] = (
    totem_version,
    config_version,
    cluster_name,
    secauth,
    transport,
    link_mode,
    unlisted_ips,
    token_range,
    consensus,
    consensus_below_join,
    watchdog,
    cargo,
    too_many_retransmits,
    too_short,
)
