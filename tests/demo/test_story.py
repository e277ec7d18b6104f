"""The whole story on the demo: alice asks, bob approves, and three empty hosts become a cluster that loses a node and gets it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.asking import Card, ask, until
from tests.demo.running import Demo, running_demo

NEW = "C0NEW"
LINKS = "--link0 10.20.1.{n} --link1 10.20.2.{n}"
MEMBER = "10.20.0.11"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def done(demo: Demo, line: str, typed: str = "") -> Card:
    """Asked for by alice, approved by bob, done."""
    card = ask(demo, line, channel=NEW)
    if "approve" in card.buttons:
        card.click("U0BOB", "approve")
    else:
        assert card.send(card.open_form("U0BOB"), "U0BOB", typed, "I stand before it")["errors"] == {}
    card.becomes("done")
    return card


def status(demo: Demo) -> str:
    return demo.types("status", channel=NEW)


def test_a_cluster_is_built_loses_a_node_and_gets_it_back(demo: Demo) -> None:
    done(demo, f"create pve-new --node new01 {LINKS.format(n=11)}")
    done(demo, f"join {MEMBER} --node new02 --use_ssh")
    done(demo, f"join {MEMBER} --node new03 --use_ssh --ring0_addr 10.20.1.13 --ring1_addr 10.20.2.13")
    until(lambda: "has quorum: 3 of 3 votes" in status(demo) or None, lambda: status(demo))

    assert "new03 answers" in demo.types("remove new03", channel=NEW)
    demo.sim("node", node="new03", power="off")
    removed = done(demo, "remove new03", typed="new03")
    assert "has quorum: 2 of 2 votes" in status(demo)

    demo.sim("node", node="new03", power="on")
    done(demo, "reset new03", typed="new03")
    done(demo, "remove new03 --cleanup", typed="new03")
    done(demo, f"join {MEMBER} --node new03 --use_ssh")
    until(lambda: "has quorum: 3 of 3 votes" in status(demo) or None, lambda: status(demo))

    story = demo.shell("audit", "show", _id(removed)).stdout
    for words in ("request.created", "vote.recorded", "I stand before it", "pvecm delnode new03", "run.succeeded"):
        assert words in story


def _id(card: Card) -> str:
    return card.text.splitlines()[1].split(" · ")[0].split()[-1]
