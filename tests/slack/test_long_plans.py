"""A plan longer than a message is whole in a file and in its form, or nobody is asked."""

from __future__ import annotations

from bot.card import Card
from bot.request import State
from bot.slack.hanging import Hanging
from tests.slack.gear import LONG
from tests.slack.hung import MINUTE_US
from tests.slack.office import OPS, Office


async def test_a_plan_longer_than_a_message_is_whole_in_a_file_in_the_thread(office: Office) -> None:
    async with office.open():
        await office.asks("gear long")
    files = [one for one in office.messages() if one.get("files")]
    (file,) = [one for one in files if one["channel"] == OPS]
    assert file["thread_ts"] == office.card()["ts"]
    content = office.slack.on_loop(lambda: [one.content for one in office.slack.workspace.files.values()])[0]
    assert content is not None
    for number in range(LONG):
        assert f"turn --by={number} 'a b'".encode() in content
    assert "form/approve" in office.buttons()
    assert "approve" not in office.buttons()


async def test_a_file_that_slack_did_not_take_is_sent_again_and_its_card_is_not(office: Office) -> None:
    async with office.open():
        office.hanging = NoFile(office.cards, office.docket, office.hanging.client, office.now_us)
        await office.asks("gear long")
        assert [one for one in office.messages() if one.get("files")] == []
        office.hanging = office.new_hanging()
        office.later_us += MINUTE_US
        await office.settle()
        await office.settle()
    said = [one for one in office.messages() if not one.get("ephemeral_to")]
    assert len([one for one in said if one.get("files")]) == 1
    assert len([one for one in said if not one.get("thread_ts")]) == 1


class NoFile(Hanging):
    """Slack does not take files now."""

    async def _attach(self, hung: Card, plan: str) -> None:
        raise TimeoutError


async def test_the_form_of_a_long_plan_shows_all_of_it_and_approves_it(office: Office, transport: str) -> None:
    async with office.open(transport):
        await office.asks("gear long")
        await office.clicks("U0CAROL", "form/approve")
        view = await office.view("U0CAROL")
        for number in range(LONG):
            assert f"turn --by={number} 'a b'" in str(view["blocks"])
        await office.submits("U0CAROL", {}, view)
    assert office.request().state is State.APPROVED


async def test_a_plan_longer_than_any_form_is_refused_before_anybody_is_asked(office: Office) -> None:
    async with office.open():
        assert "longer than anybody can be shown" in await office.types("gear huge")
    assert office.docket.get("req1") is None
