"""Nobody floods the channel: what waits already is not asked twice, and not more than a handful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.request import Request
from bot.text import Refused
from bot.waiting import MOST, require_room
from tests.asking import plan, request


def waiting(number: int) -> list[Request]:
    return [request(id=f"r{n}", made=replace(plan(), line=f"expected {n + 2}")) for n in range(number)]


def test_there_is_room_for_a_handful() -> None:
    require_room(waiting(MOST - 1), plan())


def test_one_more_is_refused() -> None:
    with pytest.raises(Refused, match=f"{MOST} of your requests wait"):
        require_room(waiting(MOST), plan())


def test_the_same_is_not_asked_twice_and_the_card_is_named() -> None:
    with pytest.raises(Refused, match="requests abc-1"):
        require_room([request(made=plan())], plan())


def test_the_same_for_another_cluster_is_not_the_same() -> None:
    require_room([request(made=plan())], replace(plan(), cluster="test"))
