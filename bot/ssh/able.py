"""Whether changes can be run on a node: systemd-run, a directory that can be written, a clock that is nearly right."""

from __future__ import annotations

from collections.abc import Iterator

from bot.action import Output
from bot.run import KEPT
from bot.ssh.login import Login
from bot.text import Text

MOST_OFF_S = 30  # half of the time after which a node starts nothing that was sent (docs/adr/0004)
_SCRIPT = f"""command -v systemd-run >/dev/null || echo systemd-run
kept={KEPT}
[ -e "$kept" ] || kept=${{kept%/*}}
[ -w "$kept" ] || echo "$kept"
date +%s
"""
ABLE = ("sh", "-c", _SCRIPT)


def obstacles(login: Login, output: Output) -> Iterator[Text]:
    """What *output*, the answer to `ABLE`, says against it; nothing if changes can run."""
    *missing, clock = output.stdout.splitlines() or [""]
    if output.exit != 0 or not clock.isdecimal():
        yield NOT_SAID.fill(host=login.host, said=(output.stderr or output.stdout).strip()[:200])
        return
    for one in missing:
        yield (NO_FOLDER if one.startswith("/") else NO_PROGRAM).fill(host=login.host, what=one)
    if abs(off_s := int(clock[:12]) - (output.sent_at_us + output.took_us // 2) // 1_000_000) > MOST_OFF_S:
        yield (AHEAD if off_s > 0 else BEHIND).fill(host=login.host, seconds=abs(off_s))


NOT_SAID = Text(
    en="{host} does not say whether it can run changes: “{said}”",
    fr="{host} ne dit pas s'il peut exécuter : « {said} »",
)
NO_PROGRAM = Text(en="{host} has no {what}", fr="{host} n'a pas {what}")
NO_FOLDER = Text(en="{what} on {host} cannot be written", fr="{what} sur {host} n'est pas accessible en écriture")
AHEAD = Text(
    en="The clock of {host} is {seconds} s ahead of this machine's: it may refuse a change as too late",
    fr="L'horloge de {host} avance de {seconds} s sur celle d'ici : il peut refuser un changement comme trop tardif",
)
BEHIND = Text(
    en="The clock of {host} is {seconds} s behind this machine's: it may start a change that was given up",
    fr="L'horloge de {host} retarde de {seconds} s sur celle d'ici : il peut lancer un changement déjà abandonné",
)
