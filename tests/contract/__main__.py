"""Write down what real nodes answer in each situation: `python -m tests.contract`, as root. The recording the tests hold to."""

from __future__ import annotations

import json
import time

from bot.demo.cluster.situation import Layout
from bot.look import Nodes
from tests.contract import worlds
from tests.contract.agreed import ANSWERS, Plain, ask
from tests.contract.situations import CASES, Case
from tests.lab.lab import Lab

STEADY_S = 10


def main() -> None:
    recorded: dict[str, Plain] = {}
    layouts = dict.fromkeys(case.simulated.layout for case in CASES.values())
    for number, layout in enumerate(layouts):
        with Lab(f"record-{number}") as lab:
            worlds.boot(lab, layout)
            recorded |= {name: _recorded(lab, case) for name, case in _cases(layout).items()}
    ANSWERS.parent.mkdir(exist_ok=True)
    ANSWERS.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


def _cases(layout: Layout) -> dict[str, Case]:
    return {name: case for name, case in CASES.items() if case.simulated.layout == layout}


def _recorded(lab: Lab, case: Case) -> Plain:
    case.enter(lab)
    with worlds.real(lab) as nodes:
        found = _steady(nodes)
    case.leave(lab)
    return found


def _steady(nodes: Nodes) -> Plain:
    """What they say once they have said the same for some seconds."""
    before, since = ask(nodes), time.monotonic()
    while time.monotonic() - since < STEADY_S:
        now = ask(nodes)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(1)
    return before


if __name__ == "__main__":
    main()
