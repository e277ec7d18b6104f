"""/pve-cluster requests: what the bot keeps is listed, opened again, cancelled, denied and stopped by word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from bot.command_line import parse
from bot.demo.slack.server import LocalSlack
from bot.event import Kind
from bot.help import with_help
from bot.policy import RISKS, Rule
from bot.request import State
from bot.requests_action import ACTION, DEEDS, SHOWN_MAX, listed
from tests.asking import request
from tests.slack.office import Office
from tests.store.filed import filed
from tests.test_help import shown


async def test_the_lists_are_of_what_is_open_what_waits_and_ones_own(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        await office.asks("gear typed", "U0CAROL")
        await office.told("U0CAROL", "approve", office.card("D0CAROL"))
        await office.asks("gear long")
        await office.types("requests cancel req3")
        everything = await office.types("requests")
        waiting = await office.types("requests pending")
        mine = await office.types("requests mine")
    assert "Requests that are not over: 2" in everything
    assert "approved, in line to run" in everything
    assert "Requests that wait for approval: 1" in waiting
    assert "req2" in waiting
    assert "req1" not in waiting
    assert "Your requests: 2" in mine
    assert "cancelled by the requester" in mine


async def test_each_reads_the_list_in_their_language(office: Office) -> None:
    async with office.open():
        await office.asks()
        assert "Demandes non terminées : 1" in await office.types("requests", "U0BOB")


async def test_a_request_is_denied_by_word_with_its_reason(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        assert "Denied" in await office.types('requests deny req1 --reason "the gear is hot!"', "U0CAROL")
    request = office.request()
    assert (request.state, request.ended_by) == (State.DENIED, "T0LOCAL/U0CAROL")
    assert "the gear is hot!" in office.card()["text"]


@pytest.mark.parametrize("quoted", ["“l’engrenage est brûlé”", "‘l’engrenage est brûlé’", "« l’engrenage est brûlé »"])
async def test_a_reason_is_quoted_as_keyboards_quote_it(office: Office, quoted: str, transport: str) -> None:
    async with office.open(transport):
        await office.asks()
        assert "Denied" in await office.types(f"requests deny req1 —reason {quoted}", "U0CAROL")
    assert "l’engrenage est brûlé" in office.card()["text"]


async def test_words_are_judged_as_presses_are_and_recorded_as_words(office: Office) -> None:
    async with office.open():
        await office.asks()
        refused = [
            ("requests cancel req1", "U0CAROL", "Only who asked for it can cancel it"),
            ("requests deny req1", "U0ALICE", "This takes"),
            ("requests stop req1", "U0CAROL", "Too late: this request is waiting for approval"),
            ("requests stop req1", "U0DAVE", "is a guest"),
            ("requests cancel req9", "U0ALICE", "There is no request req9"),
        ]
        for line, user, why in refused:
            assert why in await office.types(line, user)
    assert office.request().state is State.PENDING
    recorded = office.events(Kind.VOTE_REFUSED)
    assert {one["detail"]["via"] for one in recorded} == {"slash"}
    assert len(recorded) == len(refused) - 1  # a guest is not let in at all


async def test_an_approved_request_is_stopped_by_word(office: Office) -> None:
    async with office.open():
        await office.asks()
        await office.told("U0CAROL", "approve")
        assert "Stopped" in await office.types("requests stop REQ1", "U0BOB") or office.request().state is State.DENIED
    assert office.request().state is State.DENIED


async def test_nothing_is_approved_by_word(office: Office) -> None:
    async with office.open():
        await office.asks()
        said = await office.types("requests approve req1", "U0CAROL")
        assert "one word too many" in said
    assert office.request().state is State.PENDING


async def test_a_request_that_there_is_not_is_said_so(office: Office) -> None:
    async with office.open():
        assert "There is no request nosuch" in await office.types("requests nosuch")
        assert "is not the number of a request" in await office.types("requests ../etc")


async def test_no_node_is_asked_for_what_the_bot_keeps(office: Office) -> None:
    async with office.open():
        await office.asks()
        office.nodes.asked.clear()
        for line in ("requests", "requests req1", "requests mine", "requests cancel req1"):
            await office.types(line)
    assert office.nodes.asked == []


async def test_who_may_not_read_of_a_cluster_sees_none_of_its_requests(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor
) -> None:
    """Nor do they open one; those of a cluster that no rule closes are listed all the same."""
    only_glass = Rule(actions=frozenset({"requests"}), clusters=frozenset({"pve-prod"}), groups=frozenset({"glass"}))
    office = Office(local_slack, engine, threads, rules=(only_glass,))
    async with office.open():
        await office.asks()
        filed(engine, "other", cluster="pve-test", person="T0LOCAL/U0CAROL")
        cards = len(office.messages("D0CAROL"))
        for words in ("requests", "requests pending"):
            listing = await office.types(words, "U0CAROL")
            assert "req1" not in listing
            assert "other" in listing
            assert "Those of pve-prod are not shown to you. “requests” is for members of: glass" in listing
        assert "is for members of: glass" in await office.types("requests req1", "U0CAROL")
        assert len(office.messages("D0CAROL")) == cards
        assert "not shown" not in await office.types("requests", "U0ALICE")
        assert "Request req1" in await office.types("requests req1", "U0ALICE")


async def test_a_rule_for_everything_on_a_cluster_closes_its_requests_too(
    local_slack: LocalSlack, engine: Engine, threads: ThreadPoolExecutor
) -> None:
    rule = Rule(clusters=frozenset({"pve-prod"}), groups=frozenset({"glass"}))
    office = Office(local_slack, engine, threads, rules=(rule,))
    async with office.open():
        await office.asks()
        assert "Requests that are not over: 0" in await office.types("requests", "U0CAROL")
        assert "is for members of: glass" in await office.types("requests req1", "U0CAROL")


def test_every_verb_is_for_everybody_and_has_its_help_in_both_languages() -> None:
    assert {(ACTION.name, verb.name) for verb in ACTION.verbs} <= RISKS.keys()
    assert DEEDS.keys() == {verb.name for verb in ACTION.verbs} - {"list"}
    actions = with_help({ACTION.name: ACTION})
    command = parse("requests --help", actions)
    report = command.verb.report(command.args, None, None)
    for verb in ("cancel ID", "deny ID", "stop ID", "requests [list] [WHICH]"):
        assert verb in shown(report, "fr")


def test_more_than_are_shown_are_not_counted_as_if_that_were_all() -> None:
    many = [request(id=f"r{n}") for n in range(SHOWN_MAX + 1)]
    for found, count in ((many, "50+"), (many[1:], "50")):
        report = listed(found, None)
        assert report.headline.to("en") == f"Requests that are not over: {count}"
        assert len(report.tables[0].rows) == SHOWN_MAX
