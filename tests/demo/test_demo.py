"""The demo as a newcomer uses it: Slack, the nodes, and the shell beside it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.demo.running import Demo, running_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def all_on(demo: Demo) -> Iterator[Demo]:
    """The first screen again, whatever a test did."""
    yield demo
    for host in ("pve01", "pve02", "pve03", "qnetd"):
        demo.sim("node", node=host, power="on")
        demo.sim("link", node="pve01", link=0, up=True)
    demo.sim("node", node="pve04", power="off")


def test_the_first_screen_is_the_one_of_the_reference(demo: Demo) -> None:
    told = demo.types("status")
    assert "4 of 5 votes" in told
    assert "pve04" in told
    assert "🟡 offline" in told
    assert "survives 1 more failure" in told


@pytest.mark.parametrize("channel", ["C0OPS", "C0GENERAL", "D0ALICE"])
def test_the_first_cluster_is_meant_wherever_no_channel_says_another(demo: Demo, channel: str) -> None:
    demo.sim("open_home", user="U0ALICE")
    assert "4 of 5 votes" in demo.types("status", channel=channel)


@pytest.mark.parametrize(("line", "channel"), [("status", "C0NEW"), ("status --cluster pve-new", "C0OPS")])
def test_the_hosts_of_the_second_cluster_are_in_none_yet(demo: Demo, line: str, channel: str) -> None:
    told = demo.types(line, channel=channel)
    assert "the nodes that answered stand alone" in told
    assert "pve-new" in told


def test_the_page_has_every_host_with_its_switches_by_cluster(demo: Demo) -> None:
    nodes = demo.sim("state")["cluster"]["nodes"]
    links = {"0": True, "1": True}
    assert [(one["name"], one["cluster"], one["links"]) for one in nodes] == [
        *((f"pve0{n}", "pve-prod", links) for n in range(1, 5)),
        ("qnetd", "pve-prod", {}),
        *((f"new0{n}", "pve-new", links) for n in range(1, 4)),
    ]


def test_the_hosts_of_the_second_cluster_can_be_switched_too(demo: Demo) -> None:
    demo.sim("node", node="new03", power="off")
    state = demo.sim("link", node="new02", link=1, up=False)["cluster"]["nodes"]
    shown = {one["name"]: (one["power"], one["links"].get("1")) for one in state}
    assert (shown["new03"], shown["new02"]) == (("off", True), ("on", False))
    assert "new03 gave no answer" in demo.types("status", channel="C0NEW")
    demo.sim("node", node="new03", power="on")
    demo.sim("link", node="new02", link=1, up=True)


def test_a_host_of_no_cluster_cannot_be_switched(demo: Demo) -> None:
    with pytest.raises(HTTPError, match="400"):
        demo.sim("link", node="new09", link=0, up=False)


def test_the_same_over_signed_http(tmp_path: Path) -> None:
    with running_demo(tmp_path, "--http") as other:
        assert "4 of 5 votes" in other.types("status")


def test_requests_are_listed_though_no_node_knows_of_them(demo: Demo) -> None:
    assert "Requests that are not over: 0" in demo.types("requests")


def test_losing_the_quorum_is_told_and_so_is_its_return(all_on: Demo) -> None:
    for host in ("pve02", "pve03", "qnetd"):
        all_on.sim("node", node=host, power="off")
    assert "no quorum" in all_on.types("status").lower()
    for host in ("pve02", "pve03", "qnetd"):
        all_on.sim("node", node=host, power="on")
    assert "4 of 5 votes" in all_on.types("status")


def test_a_node_that_hangs_does_not_keep_the_others_from_answering(all_on: Demo) -> None:
    all_on.sim("node", node="pve02", power="hang")
    answer = all_on.sim("slash", user="U0ALICE", channel="C0OPS", text="status", wait_s=25)
    told = answer["messages"][0]["text"]
    assert "pve02 gave no answer" in told
    assert "3" in told.splitlines()[0]


def test_a_cut_link_shows_in_links(all_on: Demo) -> None:
    all_on.sim("link", node="pve01", link=0, up=False)
    assert "disconnected" in all_on.types("links")
    assert "4 of 5 votes" in all_on.types("status")


READS = (
    "status",
    "nodes",
    "expected",
    "qdevice",
    "links",
    "certs",
    "corosync show",
    "corosync lint",
    "corosync log",
    "help",
)


@pytest.mark.parametrize("action", READS)
def test_every_reading_action_answers_in_both_languages(demo: Demo, action: str) -> None:
    english, french = demo.types(action), demo.types(action, user="U0BOB")
    last = demo.ask("audit", "list", "--json", "--kind", "command.answered", "--limit", "1")["events"][0]
    assert last["action"] == action.split(maxsplit=1)[0]
    assert english != french


@pytest.mark.parametrize(
    ("user", "word"),
    [("U0DAVE", "guest"), ("U0SAM", "guest"), ("U0ERIN", "another organisation"), ("U0FRANK", "deactivated")],
)
def test_who_may_not_use_it_is_told_why(demo: Demo, user: str, word: str) -> None:
    assert word in demo.types("status", user=user)


@pytest.mark.parametrize(
    "line",
    [
        "stauts",
        "status; rm -rf /",
        "nodes pve01;reboot",
        "nodes $(reboot)",
        'nodes "pve01',
        "nodes 😀",
        "nodes \u202e10evp",
        "x" * 100_000,
        "status --colour",
    ],
)
def test_nonsense_gets_a_short_answer_and_reaches_no_node(demo: Demo, line: str) -> None:
    told = demo.types(line)
    assert 0 < len(told) < 1500
    assert "Traceback" not in told
    last = json.loads(demo.shell("audit", "list", "--json", "--kind", "command.refused", "--limit", "1").stdout)
    assert last["events"][0]["detail"]["outputs"] == []


def test_what_a_phone_makes_of_a_command_is_understood(demo: Demo) -> None:
    assert "4 of 5 votes" in demo.types("status —cluster “pve-prod”")


def test_do_answers_through_the_same_door(demo: Demo) -> None:
    answer = demo.ask("do", "--json", "--", "status")
    assert answer["ok"]
    assert answer["cluster"] == "pve-prod"
    assert answer["data"]
    said = demo.shell("do", "--", "status")
    assert said.returncode == 0
    assert "4 of 5 votes" in said.stdout


def test_do_says_by_its_exit_code_how_it_ended(demo: Demo) -> None:
    assert demo.shell("do", "--", "stauts").returncode == 1
    assert demo.shell("do", "--cluster", "nope", "--", "status").returncode == 1
    assert demo.shell("do", "--colour").returncode == 2


def test_the_ledger_has_every_command_with_who_and_how_long(demo: Demo) -> None:
    demo.types("status", user="U0CAROL")
    events = demo.ask("audit", "list", "--json", "--actor", "T0LOCAL/U0CAROL")["events"]
    assert [event["kind"] for event in events][-2:] == ["command.received", "command.answered"]
    detail = events[-1]["detail"]
    assert detail["took_us"] > 0
    assert detail["channel"] == "C0OPS"
    assert {len(output["sha256"]) for output in detail["outputs"] if output["exit"] is not None} == {64}


def test_reading_the_ledger_is_in_the_ledger(demo: Demo) -> None:
    demo.shell("audit", "list")
    assert demo.ask("audit", "list", "--json", "--kind", "audit.read")["events"]


def test_one_event_is_shown_whole(demo: Demo) -> None:
    shown = demo.ask("audit", "show", "1", "--json")
    assert shown["kind"] == "ledger.started"
    assert demo.shell("audit", "show", "999999").returncode == 1


def test_check_finds_all_but_the_node_that_is_off_in_order(demo: Demo) -> None:
    checked = demo.shell("check", "--json")
    bad = [one for one in json.loads(checked.stdout)["findings"] if one["level"] == "bad"]
    assert checked.returncode == 1
    assert len(bad) == 1
    assert "refuses connections" in bad[0]["text"]
    assert demo.shell("check", "--slack").returncode == 0


def test_the_database_is_at_this_version(demo: Demo) -> None:
    assert demo.shell("db", "check").returncode == 0


def test_no_token_is_in_what_it_prints_or_records(demo: Demo) -> None:
    secrets = [(demo.folder / name).read_text() for name in ("bot_token", "app_token", "signing_secret")]
    written = demo.shell("check").stdout + demo.shell("audit", "list", "--json", "--limit", "1000").stdout
    assert not [secret for secret in secrets if secret in written]


def test_a_demo_that_ended_leaves_no_page_address_behind(tmp_path: Path) -> None:
    with running_demo(tmp_path):
        pass
    assert not (tmp_path / "demo.json").exists()


def test_a_second_demo_in_the_same_directory_is_the_same_cluster(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        first.types("status")
    with running_demo(tmp_path) as second:
        assert "4 of 5 votes" in second.types("status")
        kinds = [event["kind"] for event in second.ask("audit", "list", "--json", "--limit", "1000")["events"]]
    assert kinds.count("bot.started") == 2
    assert kinds.count("bot.stopped") == 1


def test_a_directory_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    """It knew one cluster, kept otherwise who was separated, and had no host key for the new hosts."""
    with running_demo(tmp_path):
        pass
    (tmp_path / "nodes-new.json").unlink(missing_ok=True)
    for name in ("host_keys.json", "node_ports.json"):
        kept = json.loads((tmp_path / name).read_text())
        (tmp_path / name).write_text(json.dumps({node: one for node, one in kept.items() if node.startswith("pve")}))
    nodes = json.loads((tmp_path / "nodes.json").read_text()) if (tmp_path / "nodes.json").exists() else {}
    old = {"power": [["pve04", "on"]], "cut": [], "stopped": [], "forced": [], "masked": [], "changes": 3}
    nodes = {"boots": {}, "tickets": {}, **nodes, "situation": {**old, "separated": ["pve04"]}}
    (tmp_path / "nodes.json").write_text(json.dumps(nodes))
    with running_demo(tmp_path) as demo:
        assert "pve04 answers, but corosync does not run there" in demo.types("status")
        assert "stand alone" in demo.types("status", channel="C0NEW")
