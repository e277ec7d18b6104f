"""Whether root@pam has a second factor, which `pvecm add` can ask for only at a terminal. The factors stay where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from bot.action import Output, Unreadable

FILE = "/etc/pve/priv/tfa.cfg"
_ROOT = "root@pam"
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Tfa:
    """*root*: root@pam has one."""

    # Counted on the node: the file holds secrets. -w: of another user whose name ends so it says nothing.
    ARGV: ClassVar[tuple[str, ...]] = ("grep", "-c", "-w", "-F", _ROOT, FILE)

    root: bool

    @classmethod
    def parse(cls, output: Output) -> Self:
        if output.exit == 2 and "No such file or directory" in output.stderr:
            return cls(root=False)
        said = output.stdout.strip()
        # 1: no line, which is an answer (grep(1)).
        if output.exit not in {0, 1} or not _COUNT.fullmatch(said):
            raise Unreadable(f"exit {output.exit}, line 1: {(output.stderr or said).strip()[:200]!r}")
        return cls(root=int(said) > 0)
