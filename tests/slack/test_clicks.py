"""People decide on cards: each press is one vote or none, and one clear sentence, over either transport."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.demand import Slot
from bot.demo.slack.server import LocalSlack
from bot.event import Kind
from bot.policy import Rule
from bot.request import State, Verdict
from tests.slack.office import OPS, Office

VOTE = "Your vote is counted"


async def test_a_second_person_approves_with_one_press(office: Office, transport: str) -> None:
    async with office.open(transport):
        assert await office.asks() == "req1"
        assert VOTE in await office.told("U0CAROL", "approve")
    assert office.request().state is State.APPROVED
    (vote,) = office.request().said(Verdict.APPROVE)
    assert (str(vote.account), vote.plan_hash) == ("T0LOCAL/U0CAROL", office.request().plan_hash)


async def test_who_asked_cannot_approve_and_hears_why_and_it_is_recorded(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        assert "Someone else must approve your request" in await office.told("U0ALICE", "approve")
    assert office.request().state is State.PENDING
    (refused,) = office.events(Kind.VOTE_REFUSED)
    assert refused["actor"] == "T0LOCAL/U0ALICE"
    assert refused["detail"]["deed"] == "approve"
    assert "Someone else" in refused["detail"]["why"]


async def test_what_must_be_typed_is_approved_in_a_form_only(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks("gear typed")
        assert "approve" not in office.buttons()
        await office.clicks("U0CAROL", "form/approve")
        wrong = await office.submits("U0CAROL", {"typed": "pve-prob", "statement": "I pulled the plug"})
        assert wrong["errors"] == {"typed": "Type exactly: pve-prod"}
        assert office.request().state is State.PENDING
        right = await office.submits("U0CAROL", {"typed": " pve-prod ", "statement": "I pulled the plug"})
    assert (right["errors"], office.views("U0CAROL")) == ({}, [])
    (vote,) = office.request().votes
    assert (vote.typed, vote.statement, vote.via) == ("pve-prod", "I pulled the plug", "modal")
    assert office.request().state is State.APPROVED
    assert "I pulled the plug" in str(office.card()["blocks"])


async def test_a_form_is_in_the_language_of_who_opens_it(office: Office) -> None:
    async with office.open():
        await office.asks("gear typed")
        await office.clicks("U0BOB", "form/approve")
        view = await office.view("U0BOB")
        assert view["title"]["text"] == "Approuver"
        assert "Tourner l'engrenage" in str(view["blocks"])
        assert "Comment le savez-vous" in str(view["blocks"])
        wrong = await office.submits("U0BOB", {"typed": "x", "statement": "y"}, view)
        assert wrong["errors"] == {"typed": "Tapez exactement : pve-prod"}


async def test_denying_is_one_press_and_its_reason_comes_after(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        assert "Denied: it will not run" in await office.told("U0CAROL", "deny")
        assert office.request().state is State.DENIED
        await office.submits("U0CAROL", {"reason": "The gear is hot"})
    assert office.request().why is not None
    assert "The gear is hot" in str(office.card()["blocks"])
    assert "form/explain" in office.buttons()


async def test_who_may_not_deny_is_not_asked_why(office: Office) -> None:
    async with office.open():
        await office.asks()
        assert "This takes" in await office.told("U0ALICE", "deny")
        await office.told("U0CAROL", "deny")
        await office.submits("U0CAROL", {"reason": "hot"})
        assert "Only who denied it can say why" in await office.told("U0ALICE", "form/explain")
    assert office.views("U0ALICE") == []


async def test_only_who_asked_takes_it_back(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        assert "Only who asked for it can cancel it" in await office.told("U0CAROL", "cancel")
        assert "Cancelled" in await office.told("U0ALICE", "cancel")
    assert office.request().state is State.CANCELLED
    assert office.buttons() == []


@pytest.mark.parametrize("user", ["U0ALICE", "U0CAROL"])
async def test_an_approved_request_is_stopped_before_it_runs(office: Office, user: str, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        await office.told("U0CAROL", "approve")
        assert "Stopped: nothing of it was started" in await office.told(user, "stop")
    assert office.request().state is State.DENIED


async def test_without_break_glass_in_the_configuration_there_is_no_such_button(office: Office) -> None:
    async with office.open():
        await office.asks()
    assert "form/break_glass" not in office.buttons()


async def test_glass_is_broken_in_a_form_tells_everybody_and_is_reviewed_by_another(
    glass_office: Office, transport: str
) -> None:
    office = glass_office
    async with office.open(transport):
        await office.asks()
        await office.clicks("U0ALICE", "form/break_glass")
        await office.submits("U0ALICE", {"reason": "Everything burns"})
        assert office.request().state is State.APPROVED
        assert office.request().by_glass
        assert "BREAK-GLASS: alice" in office.card("C0GENERAL")["text"]
        assert any("BREAK-GLASS" in one["text"] for one in office.messages() if one.get("thread_ts"))
        await office.told("U0ALICE", "cancel")
        assert "review" in office.buttons()
        assert "Reviewed" not in await office.told("U0ALICE", "review")
        assert "Reviewed" in await office.told("U0CAROL", "review")
    assert office.request().reviewed_by == "carol"
    assert "review" not in office.buttons()


async def test_who_is_not_of_the_group_breaks_no_glass_and_fills_in_no_form(glass_office: Office) -> None:
    async with glass_office.open():
        await glass_office.asks(user="U0CAROL")
        assert "Break-glass is for requesters" in await glass_office.told("U0CAROL", "form/break_glass")
    assert glass_office.views("U0CAROL") == []
    assert glass_office.request().state is State.PENDING
    assert "members of glass" in glass_office.events(Kind.VOTE_REFUSED)[-1]["detail"]["why"]


@pytest.mark.parametrize("ended", ["expired", "superseded"])
async def test_what_ran_out_of_time_is_asked_for_again_with_one_press_and_planned_anew(
    office: Office, ended: str, transport: str
) -> None:
    async with office.open(transport):
        await office.asks()
        office.end(ended)
        await office.settle()
        office.nodes.number = 8
        answer = await office.told("U0CAROL", "again")
        assert "Request req2 waits for approval" in answer
    new = office.request("req2")
    assert (new.state, str(new.requester)) == (State.PENDING, "T0LOCAL/U0CAROL")
    assert new.plan.rests_on == {"number": 8}
    assert office.request().plan.rests_on == {"number": 7}


@pytest.mark.parametrize(("deed", "did"), [("did", True), ("did_not", False)])
async def test_an_unknown_outcome_is_settled_by_people(office: Office, deed: str, *, did: bool, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        office.lose()
        await office.settle()
        assert office.buttons() == ["did", "did_not"]
        assert "This takes" in await office.told("U0ALICE", deed)
        assert VOTE in await office.told("U0CAROL", deed)
    assert (office.request().state, office.request().did) == (State.RECONCILED, did)


async def test_who_may_not_approve_fills_in_no_form_and_hears_why_and_it_is_recorded(office: Office) -> None:
    async with office.open():
        await office.asks("gear typed")
        assert "Someone else must approve your request" in await office.told("U0ALICE", "form/approve")
    assert office.views("U0ALICE") == []
    assert "Someone else" in office.events(Kind.VOTE_REFUSED)[0]["detail"]["why"]


async def test_a_blank_answer_is_said_in_the_form_which_stays(office: Office) -> None:
    async with office.open():
        await office.asks("gear typed")
        await office.clicks("U0CAROL", "form/approve")
        blank = await office.submits("U0CAROL", {"typed": "pve-prod", "statement": " \n"})
        assert blank["errors"] == {"statement": "An answer is needed here"}
        assert len(office.views("U0CAROL")) == 1
    assert office.events(Kind.VOTE_REFUSED) == []


async def test_a_vote_where_another_organisation_reads_by_now_is_refused_at_once(
    office: Office, transport: str
) -> None:
    """That it was not shared a moment ago is remembered elsewhere, not here."""
    async with office.open(transport):
        await office.asks()
        office.channel(OPS, is_ext_shared=True)
        assert "is shared with another organisation" in await office.told("U0CAROL", "approve")
        assert office.request().state is State.PENDING
        assert VOTE in await office.told("U0CAROL", "approve", office.card("D0CAROL"))
    (refused,) = office.events(Kind.VOTE_REFUSED)
    assert (refused["actor"], refused["request_id"]) == ("T0LOCAL/U0CAROL", "req1")
    assert "shared with another organisation" in refused["detail"]["why"]


async def test_a_vote_under_another_policy_tells_all_that_it_must_be_asked_for_again(
    office: Office, local_slack: LocalSlack, threads: ThreadPoolExecutor
) -> None:
    """Another bot on the same database was started with it since."""
    stricter = Office(local_slack, office.engine, threads, rules=(Rule(approvals=(Slot("ops", 2),)),))
    async with office.open():
        await office.asks()
    stricter.later_us = office.later_us
    async with stricter.open():
        assert "policy" in await stricter.told("U0CAROL", "approve")
        assert "overtaken by other facts" in stricter.card()["text"]
        assert "again" in stricter.buttons()
    assert (stricter.request().state, stricter.request().votes) == (State.SUPERSEDED, ())
