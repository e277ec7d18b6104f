"""A process that appends: URL, how many."""

from __future__ import annotations

import sys
from itertools import count

from bot.event import Event, Kind
from bot.store import SqlLedger, open_engine


def main(url: str, many: int) -> None:
    engine = open_engine(url)
    clock = count(1)
    ledger = SqlLedger(engine, lambda: next(clock))
    for number in range(many):
        ledger.record(Event(Kind.BOT_STARTED, "bot", detail={"number": number}))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
