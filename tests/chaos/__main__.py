"""`make chaos`: all that CI draws from, at length. An hour or more; it ends with the first thing that must never be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import upgrade
from bot.wiring import now_us
from tests.chaos.ground import simulated
from tests.chaos.kill import killed_at
from tests.chaos.lab import killed_in, office_in
from tests.chaos.points import POINTS
from tests.chaos.real import real
from tests.chaos.served import POINTS as SERVED
from tests.chaos.served import killed_in_serve
from tests.chaos.torture import Plan, tortured
from tests.lab.lab import Lab
from tests.lab.requirements import why_not
from tests.store.postgres import Server, running


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    words.add_argument("--times", type=int, default=20, help="a bot is killed so often at each point")
    words.add_argument(
        "--serve-times", type=int, default=3, help="the whole of `serve` is killed so often at each point"
    )
    words.add_argument("--seeds", type=int, default=5, help="so many tortures on each database")
    words.add_argument("--for-s", type=float, default=120, help="seconds that each torture takes")
    words.add_argument("--seed", type=int, default=1, help="the first of the seeds")
    asked = words.parse_args()
    with running() as server:
        _tortures(server, range(asked.seed, asked.seed + asked.seeds), asked.for_s)
        _kills(server, asked.times)
        _kills_of_serve(server, asked.serve_times)
    _kills_in_lab(asked.times, asked.serve_times)


def _tortures(server: Server, seeds: range, for_s: float) -> None:
    for seed in seeds:
        with _folder() as folder:
            done = tortured(Plan(seed, for_s, replicas=1), folder, _sqlite(folder))
            _say(f"torture {seed}, SQLite, one bot: {dict(done)}")
        with _folder() as folder:
            done = tortured(Plan(seed, for_s, replicas=3, crash=server.crash), folder, _postgres(server, f"t{seed}"))
            _say(f"torture {seed}, PostgreSQL, three bots: {dict(done)}")


def _kills(server: Server, times: int) -> None:
    for point in POINTS:
        for number in range(times):
            with _folder() as folder:
                killed_at(point, folder, _sqlite(folder))
            with _folder() as folder:
                killed_at(point, folder, _postgres(server, f"k{POINTS.index(point)}_{number}"))
        _say(f"killed {times} times {point}, on each database")


def _kills_of_serve(server: Server, times: int) -> None:
    """On PostgreSQL at some points only: until the next bot takes over, a minute passes."""
    for point in SERVED:
        for transport in ("socket", "http"):
            for _ in range(times):
                with _folder() as folder, simulated(folder) as ground:
                    killed_in_serve(point, folder, _sqlite(folder), ground, transport)
        _say(f"killed serve {times} times {point}, over each transport")
    for number, point in enumerate(SERVED[:: max(1, len(SERVED) // (4 * times))]):
        with _folder() as folder, simulated(folder) as ground:
            killed_in_serve(point, folder, _postgres(server, f"s{number}"), ground)
        _say(f"killed serve {point}, on PostgreSQL")


def _kills_in_lab(times: int, serve_times: int) -> None:
    if reason := why_not():
        _say(f"the lab cannot run here: {reason}")
        return
    with Lab("bot-chaos") as lab:
        lab.up(1, links=1)
        for point in POINTS:
            for _ in range(times):
                with _folder() as folder, office_in(lab, folder) as one:
                    killed_in(one, lab, point)
            _say(f"killed {times} times {point}, with a real node")
    with Lab("bot-chaos") as lab:
        lab.up(2, links=1, token=1000)
        for point in SERVED:
            for _ in range(serve_times):
                with _folder() as folder, real(lab, folder) as ground:
                    killed_in_serve(point, folder, _sqlite(folder), ground)
            _say(f"killed serve {serve_times} times {point}, with real nodes")


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="chaos-") as name:
        yield Path(name)


def _sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder}/bot.db"
    upgrade(url, now_us)
    return url


def _postgres(server: Server, name: str) -> str:
    url = server.new(name)
    upgrade(url, now_us)
    return url


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
