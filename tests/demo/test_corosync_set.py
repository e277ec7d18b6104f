"""corosync set on the demo: the token changes on a live cluster, once two people want it."""

from collections.abc import Iterator

import pytest

from tests.demo.asking import ask
from tests.demo.running import Demo, running_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def test_while_a_node_is_off_nothing_is_changed(demo: Demo) -> None:
    said = demo.types("corosync set totem.token=5000")
    assert "pve04 is not in the ring" in said
    assert "pve04 does not say how its corosync is" in said


def test_the_token_is_changed_on_all_nodes(demo: Demo) -> None:
    demo.sim("node", node="pve04", power="on")
    card = ask(demo, "corosync set totem.token=5000")
    assert "+  token: 5000" in card.text
    assert "token 3250 → 5250 ms" in card.text
    card.click("U0BOB", "approve") if "approve" in card.buttons else card.send(card.open_form("U0BOB"), "U0BOB")
    card.becomes("done")
    shown = demo.types("corosync show")
    assert "5250" in shown
    assert "corosync.conf is in force on all nodes" in card.text
