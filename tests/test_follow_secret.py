"""A secret goes to its node once, with the start; whoever only follows the step needs none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.names import Secret
from bot.request import Progress, Request
from bot.text import Refused, same
from tests.test_follow import DONE, WHOLE, FakeNode, follower, started


def with_secret() -> Request:
    asked = started()
    steps = tuple(replace(step, secret="file:pw") for step in asked.plan.steps)
    return replace(asked, plan_text=replace(asked.plan, steps=steps).text)


def missing(_reference: str) -> Secret:
    raise Refused(same("file:pw holds no secret"))


def test_a_secret_goes_with_the_start_alone() -> None:
    node = FakeNode({0: WHOLE}, burns=[True])
    follower(node).start(with_secret(), 0)
    follower(node).follow(with_secret(), 0, lambda _said: None)
    assert [ticket.secret and ticket.secret.reveal() for ticket in node.tickets] == ["file:pw"]
    assert [ticket.secret for ticket in node.burnt] == [None]


def test_a_secret_that_is_gone_is_said_before_the_step_begins_and_keeps_nobody_from_following_it() -> None:
    node = FakeNode({0: DONE})
    with pytest.raises(Refused, match="holds no secret"):
        follower(node, missing).boot_id(with_secret(), 0)
    assert follower(node, missing).follow(with_secret(), 0, lambda _said: None).progress is Progress.DONE
