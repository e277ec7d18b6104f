"""A second person: from the question on the first screen to a cluster that has quorum again, over both transports."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest

from bot.demo.slack.people import PEOPLE
from tests.demo.asking import Card, ask, cards, is_public, kinds, lose_quorum, messages, tickets, told, until
from tests.demo.running import Demo, running_demo

STORY = [
    "request.created",
    "vote.refused",
    "vote.recorded",
    "request.approved",
    "run.claimed",
    "run.started",
    "run.finished",
    "run.succeeded",
]


@pytest.fixture(scope="module", params=["socket", "http"])
def any_demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    options = ["--http"] if request.param == "http" else []
    with running_demo(tmp_path_factory.mktemp("demo"), *options) as running:
        yield running


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def card(demo: Demo) -> Iterator[Card]:
    """Alice has asked on a cluster that has no quorum. Afterwards nothing of hers waits: the same is not asked twice."""
    lose_quorum(demo)
    asked = ask(demo)
    yield asked
    if "form/approve" in asked.buttons:
        asked.click("U0ALICE", "cancel")
        asked.becomes("cancelled by the requester")


@contextmanager
def cooling_down(folder: Path) -> Iterator[Demo]:
    """A demo whose policy lets a minute pass between the approval and the run."""
    (folder / "policy.toml").write_text('[[policy]]\nrisks = ["destructive"]\ncooldown_min = 1\n')
    with running_demo(folder) as demo:
        yield demo


def cooled_down(demo: Demo) -> None:
    """As if that minute had passed."""
    with closing(sqlite3.connect(demo.folder / "bot.db")) as database, database:
        database.execute("UPDATE request SET not_before_us = 0")


def test_on_the_first_screen_a_number_below_the_votes_is_refused_and_nobody_is_asked(any_demo: Demo) -> None:
    said = any_demo.types("expected 3")
    assert "corosync refuses 3: it is below the 4 votes that are present" in said
    assert not [one for one in messages(any_demo) if is_public(one)]
    assert "request.refused" in kinds(any_demo)
    assert "request.created" not in kinds(any_demo)


def test_alice_asks_bob_approves_and_the_cluster_has_quorum(any_demo: Demo) -> None:
    lose_quorum(any_demo)
    assert "expected 1" in any_demo.types("expected").splitlines()[0]
    card = ask(any_demo)
    assert "waiting for approval" in card.text
    card.click("U0ALICE", "form/approve")
    assert "Someone else must approve" in until(lambda: _refusal(any_demo, "U0ALICE"))
    form = card.open_form("U0BOB")
    assert card.send(form, "U0BOB", typed="pve-prd")["errors"].keys() == {"typed"}
    assert card.send(form, "U0BOB", statement="Pulled\nall the plugs")["errors"] == {}
    done = card.becomes("done")
    assert "bob" in done
    assert "Pulled\nall the plugs" in done
    assert not card.buttons
    assert "has quorum: 1 of 1 votes" in any_demo.types("status")
    assert [kind for kind in kinds(any_demo) if kind in STORY] == STORY


def test_the_report_hangs_in_the_thread_and_the_ledger_is_whole(card: Card) -> None:
    card.approve("U0CAROL")
    card.becomes("done")
    assert "Quorum: 1" in until(lambda: card.thread or None)[-1]
    findings = card.demo.ask("check", "--json")["findings"]
    assert [one["level"] for one in findings if one["part"] == "ledger"] == ["good"]


def test_those_who_can_approve_are_told_directly_and_nobody_else(card: Card) -> None:
    at = card.text.splitlines()[1].split(" · ")[0].split()[-1]
    direct = lambda: {m["channel"] for m in messages(card.demo) if at in _words(m) and m["channel"] != "C0OPS"}  # noqa: E731 - one use
    assert until(lambda: direct() if len(direct()) == 2 else None) == {"D0BOB", "D0CAROL"}


def test_a_denial_stands_at_once_and_its_reason_follows(card: Card) -> None:
    form = card.click("U0BOB", "deny")["views"][-1]
    card.becomes("denied")
    card.demo.sim("submit", user="U0BOB", view_id=form["id"], values={"reason": "pve02 still blinks"})
    until(lambda: "pve02 still blinks" in card.text or None, lambda: card.text)
    assert "form/approve" not in card.buttons


def test_only_the_requester_cancels(card: Card) -> None:
    card.click("U0BOB", "cancel")
    assert "waiting for approval" in card.text
    card.click("U0ALICE", "cancel")
    card.becomes("cancelled by the requester")


def test_a_double_click_cancels_once(card: Card) -> None:
    def press(_: int) -> None:
        with suppress(HTTPError):  # the button is gone by then
            card.click("U0ALICE", "cancel")

    before = kinds(card.demo).count("request.cancelled")
    with ThreadPoolExecutor(2) as fingers:
        list(fingers.map(press, range(2)))
    card.becomes("cancelled by the requester")
    assert kinds(card.demo).count("request.cancelled") == before + 1


def test_two_who_approve_at_once_run_it_once(card: Card) -> None:
    before = kinds(card.demo).count("run.started")
    forms = {user: card.open_form(user) for user in ("U0BOB", "U0CAROL")}
    for user, form in forms.items():
        assert card.send(form, user)["errors"] == {}
    card.becomes("done")
    assert kinds(card.demo).count("run.started") == before + 1


def test_what_is_approved_can_be_stopped_and_then_never_runs(tmp_path: Path) -> None:
    with cooling_down(tmp_path) as demo:
        lose_quorum(demo)
        card = ask(demo)
        card.approve("U0BOB")
        until(lambda: "stop" in card.buttons or None, lambda: card.text)
        card.click("U0CAROL", "stop")
        until(lambda: "request.denied" in kinds(demo) or None, lambda: card.text)
        until(lambda: None if "stop" in card.buttons else True, lambda: card.text)
        cooled_down(demo)
        assert "has no quorum" in demo.types("status")
        assert tickets(demo) == {}


@pytest.mark.parametrize(
    ("user", "word"), [("U0DAVE", "guest"), ("U0SAM", "guest"), ("U0ERIN", "organisation"), ("U0FRANK", "deactivated")]
)
def test_guests_strangers_and_former_members_do_not_count(card: Card, user: str, word: str) -> None:
    assert card.click(user, "form/approve")["views"] == []
    assert word in until(lambda: _refused_vote(card.demo, user))
    assert "waiting for approval" in card.text


def test_an_approval_survives_a_kill_and_runs_exactly_once(tmp_path: Path) -> None:
    with cooling_down(tmp_path) as first:
        lose_quorum(first)
        card = ask(first)
        card.approve("U0BOB")
        until(lambda: "stop" in card.buttons or None, lambda: card.text)
        assert tickets(first) == {}
        first.kill()
    cooled_down(first)
    with running_demo(tmp_path) as second:
        Card(second, card.ts).becomes("done")
        assert kinds(second).count("run.started") == 1
        assert [ticket["result"] for ticket in tickets(second).values()] == ["success exited 0"]
        assert len(cards(second)) == 1


def test_a_card_from_before_a_kill_can_still_be_approved(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        lose_quorum(first)
        card = ask(first)
        first.kill()
    with running_demo(tmp_path) as second:
        old = Card(second, card.ts)
        old.approve("U0BOB")
        old.becomes("done")


def _refusal(demo: Demo, user: str) -> str | None:
    said = told(demo, user)
    return said if "must approve" in said else None


def _refused_vote(demo: Demo, user: str) -> str | None:
    found = demo.ask("audit", "list", "--json", "--kind", "vote.refused", "--actor", _account(user))["events"]
    return str(found[-1]["detail"]["why"]) if found else None


def _account(user: str) -> str:
    return next(f"{one.team_id}/{one.id}" for one in PEOPLE if one.id == user)


def _words(message: dict[str, object]) -> str:
    return str(message["blocks"]) + str(message["text"])
