"""Six processes, two hundred approved requests: each is executed once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.docket import Edit
from bot.request import Move, Moved, Request, State, Verdict, Vote
from tests.chaos.race import races
from tests.dispatch.office import BOB, office

CLUSTERS = tuple("abcdefghij")
PROCESSES, REQUESTS = 6, 200
HOUR_US = 3_600_000_000


def approved(now: Request, at_us: int) -> Edit:
    """By Bob, as the bot writes it down."""
    times = {"approved_us": at_us, "not_before_us": at_us, "execute_by_us": at_us + HOUR_US}
    vote = Vote(Verdict.APPROVE, BOB, "bob", "bob", now.plan_hash, at_us, "button")
    return Edit("T1/bob", Moved(Move.APPROVE, fields=times), vote=vote)


def test_six_processes_execute_two_hundred_approved_requests_once_each(tmp_path: Path, url: str) -> None:
    with office(tmp_path, url, CLUSTERS) as one:
        ids = [one.asked(CLUSTERS[number % len(CLUSTERS)]) for number in range(REQUESTS)]
        for id_ in ids:
            one.docket.change(id_, approved)
        for racer in [one.starts(races) for _ in range(PROCESSES)]:
            assert racer.ends(120) == 0
        assert Counter(one.request(id_).state for id_ in ids) == {State.SUCCEEDED: REQUESTS}
        sent = Counter(ticket for name in CLUSTERS for ticket in one.task.nodes(name).sent())
        assert sent == Counter(f"{id_}-{step}" for id_ in ids for step in (0, 1))
