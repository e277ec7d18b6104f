"""reset on the demo: a node that is stuck alone is separated, and stands alone afterwards."""

from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from tests.demo.asking import Card, ask, until
from tests.demo.running import Demo, running_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """pve04, which has no guests, is on; all its links are cut."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        running.sim("node", node="pve04", power="on")
        for link in (0, 1):
            running.sim("link", node="pve04", link=link, up=False)
        yield running


def test_a_node_with_guests_is_not_separated(demo: Demo) -> None:
    assert "guests" in demo.types("reset pve02")


def test_a_stuck_node_is_separated_after_its_name_was_typed(demo: Demo) -> None:
    card: Card = ask(demo, "reset pve04")
    form = card.open_form("U0BOB")
    assert card.send(form, "U0BOB", typed="pve-prod")["errors"].keys() == {"typed"}
    card.send(form, "U0BOB", typed="pve04")
    done = card.becomes("done")
    assert "stands alone; 5 keys may log in again" in done
    assert "pvecm delnode pve04" in until(lambda: card.thread or None)[-1]
    assert "pve04 answers, but corosync does not run there" in demo.types("status")


def test_a_plan_too_long_for_a_message_is_whole_in_a_file_of_its_thread(demo: Demo) -> None:
    files = until(lambda: [one for one in demo.sim("state")["files"] if one["channel"] == "C0OPS"] or None)
    assert "rm -f /etc/pve/corosync.conf" in demo.read(f"file/{files[0]['id']}")
    with pytest.raises(HTTPError, match="403"):
        demo.read(f"file/{files[0]['id']}", token="wrong")
