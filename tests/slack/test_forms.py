"""A form that is sent is never closed as if all were well when it is not: the reason stands in it, or comes right after."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.event import Kind
from bot.message import Asked
from bot.own_words import SAID_MAX
from bot.request import State
from bot.slack.forms import Meant
from bot.store import SqlInbox
from bot.store.not_recorded import BUSY, NotRecorded
from tests.slack.office import OPS, Office
from tests.slack.running import delivered

MUCH = "z" * 100_000
FILLED = {"typed": "pve-prod", "statement": "I pulled the plug"}
TOO_MUCH = f"That is 100000 characters long: {SAID_MAX} at most are kept"


@dataclass(frozen=True)
class Failing(SqlInbox):
    """In which nothing can be written while there is an error in *errors*."""

    errors: list[Exception] = field(default_factory=list)

    def put(self, *asked: Asked) -> int:
        if self.errors:
            raise self.errors[0]
        return super().put(*asked)


def failing(office: Office) -> list[Exception]:
    """The errors that stand in the way of what is written from now on."""
    office.inbox = inbox = Failing(office.engine, office.now_us)
    return inbox.errors


def sent(office: Office, kind: str, values: dict[str, str], user: str = "U0CAROL") -> dict[str, Any]:
    """A form as Slack would bring it, whatever its inputs allow."""
    request = office.request()
    return {
        "type": "view_submission",
        "team": {"id": "T0LOCAL"},
        "user": {"id": user, "team_id": "T0LOCAL"},
        "api_app_id": "A0PVEBOT",
        "trigger_id": "1.2.3",
        "view": {
            "id": "V1",
            "hash": "h",
            "type": "modal",
            "callback_id": f"form/{kind}",
            "private_metadata": Meant(request.id, request.plan_hash, request.plan.confirm, OPS).text,
            "state": {"values": {name: {name: {"value": value}} for name, value in values.items()}},
        },
    }


@pytest.mark.parametrize(
    ("kind", "values", "about"),
    [
        ("approve", FILLED | {"statement": MUCH}, "statement"),
        ("explain", {"reason": MUCH}, "reason"),
        ("break_glass", FILLED | {"reason": MUCH}, "reason"),
    ],
)
async def test_more_than_is_kept_is_said_in_the_form_and_stored_nowhere(
    glass_office: Office, transport: str, kind: str, values: dict[str, str], about: str
) -> None:
    office = glass_office
    async with office.open(transport):
        await office.asks("gear typed")
        ack = await delivered(office.slack, "interactive", sent(office, kind, values))
        await office.settle()
    assert ack.body is not None
    assert ack.body["errors"].keys() == {about}
    assert TOO_MUCH in ack.body["errors"][about]
    assert "zzz" not in json.dumps(office.events(), ensure_ascii=False)
    assert office.request().votes == ()


async def test_a_vote_that_is_refused_after_the_form_closed_is_told_to_who_sent_it(
    office: Office, transport: str
) -> None:
    async with office.open(transport):
        await office.asks("gear typed")
        for user, card in (("U0CAROL", office.card("D0CAROL")), ("U0BOB", office.card())):
            await office.clicks(user, "form/approve", card)
            await office.view(user)
        await office.types("requests cancel req1")
        for user in ("U0CAROL", "U0BOB"):
            before = len(office.whispers(user))
            await office.submits(user, FILLED)
            assert "req1" in office.events(Kind.VOTE_REFUSED)[-1]["request_id"]
            (told,) = office.whispers(user)[before:]
            assert ("Too late" in told) or ("Trop tard" in told)
    assert office.request().state is State.CANCELLED


async def test_a_database_that_is_busy_is_said_in_the_form_in_their_language_and_it_can_be_sent_again(
    office: Office, transport: str
) -> None:
    errors = failing(office)
    async with office.open(transport):
        await office.asks("gear typed")
        await office.clicks("U0BOB", "form/approve")
        await office.view("U0BOB")
        errors.append(NotRecorded(BUSY.fill(database="bot.db", reason="locked")))
        refused = await office.submits("U0BOB", FILLED)
        assert "rien n'est fait" in refused["errors"]["typed"]
        assert len(office.views("U0BOB")) == 1
        assert office.request().votes == ()
        errors.clear()
        assert (await office.submits("U0BOB", FILLED))["errors"] == {}
    assert (office.request().state, office.views("U0BOB")) == (State.APPROVED, [])


async def test_a_mistake_in_the_bot_takes_the_place_of_the_form(office: Office, transport: str) -> None:
    errors = failing(office)
    async with office.open(transport):
        await office.asks("gear typed")
        await office.clicks("U0CAROL", "form/approve")
        await office.view("U0CAROL")
        errors.append(KeyError("x"))
        with capture_logs():  # structlog's own default draws all variables, which takes its time
            await office.submits("U0CAROL", FILLED)
    (view,) = office.views("U0CAROL")
    assert view["title"]["text"] == "Nothing was done"
    assert "mistake in the bot" in json.dumps(view["blocks"])
    assert office.request().votes == ()


@pytest.mark.parametrize("kind", ["plan", "deny", "of another version"])
async def test_a_form_that_is_sent_to_nobody_is_refused_in_its_place(office: Office, transport: str, kind: str) -> None:
    async with office.open(transport):
        await office.asks()
        ack = await delivered(office.slack, "interactive", sent(office, kind, {}))
        await office.settle()
    assert ack.body is not None
    assert (ack.body["response_action"], ack.body["view"]["title"]["text"]) == ("update", "Nothing was done")
    assert office.request().state is State.PENDING
