"""What is told after a `join`: of one that worked, and of each half-finished state, with the next safe command."""

from __future__ import annotations

import json

import pytest

from bot.action import Level, Report
from bot.actions.join.left import HEADLINES, State, left
from bot.actions.join.report import report
from bot.cluster.leftovers import FILES
from bot.text import same
from tests.actions import joining_node as node
from tests.actions.joining_node import CONF, NEW, OVER_API, OVER_SSH, Said, args, failing, look
from tests.recorded import answers, members

TAG = "pve-cluster-bot join pve04"
CONF_OF_FOUR = CONF.replace(
    "}\n\nquorum {",
    "  node {\n    name: pve04\n    nodeid: 4\n    quorum_votes: 1\n    ring0_addr: 10.0.1.14\n    ring1_addr: 10.0.2.14\n  }\n"
    "}\n\nquorum {",
).replace("config_version: 1", "config_version: 2")
IDS = {f"pve0{n}": n for n in range(1, 5)}
HEAD = "==> /proc/sys/kernel/hostname <==\npve04\n"


def view(node_id: int, ids: range, expected: int = 4) -> str:
    """What corosync on one node says, of a ring of these."""
    needed = expected // 2 + 1
    is_quorate = len(ids) >= needed
    text = answers(node.SITUATION, node.QUORUM)[0].stdout.partition("    Nodeid")[0]
    for old, new in (
        ("Nodes:            3", f"Nodes:            {len(ids)}"),
        ("0x00000001", f"0x{node_id:08x}"),
        ("Quorate:          Yes", f"Quorate:          {'Yes' if is_quorate else 'No'}"),
        ("Expected votes:   3", f"Expected votes:   {expected}"),
        ("Highest expected: 3", f"Highest expected: {expected}"),
        ("Total votes:      3", f"Total votes:      {len(ids)}"),
        ("Quorum:           2", f"Quorum:           {needed}"),
    ):
        assert old in text
        text = text.replace(old, new)
    rows = "".join(f"0x{id_:08x}          1 10.0.1.1{id_}\n" for id_ in ids)
    return f"{text}    Nodeid      Votes Name\n{rows}"


def listed(ring: range = range(1, 4)) -> dict[tuple[str, str], node.Answer]:
    """The three members list the new one."""
    found: dict[tuple[str, str], node.Answer] = {}
    for n in (1, 2, 3):
        name = f"pve0{n}"
        found[name, "cat /etc/pve/corosync.conf"] = CONF_OF_FOUR
        found[name, node.QUORUM] = view(n, ring)
        found[name, node.MEMBERS] = members(name, IDS, quorate=True, online=tuple(IDS), version=2)
    return found


def begun(conf: str = CONF_OF_FOUR) -> dict[tuple[str, str], node.Answer]:
    return {
        (NEW, node.IDENTITY): f"{HEAD}\n==> /etc/corosync/corosync.conf <==\n{conf}",
        (NEW, "cat /etc/pve/corosync.conf"): conf,
        (NEW, node.QUORUM): view(4, range(4, 5)),
    }


def joined() -> dict[tuple[str, str], node.Answer]:
    ring = range(1, 5)
    own = {(NEW, node.QUORUM): view(4, ring), (NEW, node.MEMBERS): members(NEW, IDS, quorate=True, online=tuple(IDS))}
    return {**listed(ring), **begun(), **own}


NO_CERTIFICATE = failing("head: cannot open '/etc/pve/local/pve-ssl.pem' for reading: No such file or directory")
STATES: dict[State, Said] = {
    State.NOTHING: {},
    State.KEY: {
        (NEW, node.LEFTOVERS): failing(
            "".join(f"ls: cannot access '{path}': No such file or directory\n" for path in FILES[1:]),
            2,
            f"{FILES[0]}\n",
        )
    },
    State.LISTED: listed(),
    State.WAITING: {**listed(), **begun()},
    State.STRANGER: begun(),
    State.BARE: {**joined(), (NEW, node.CERTIFICATES): NO_CERTIFICATE},
    State.JOINED: joined(),
    State.UNSEEN: {**listed(), (NEW, "*"): same("no login"), (NEW, node.IDENTITY): same("no login")},
}


def told(more: Said, line: str = OVER_API, number: int = 0) -> Report:
    return left(args(line), look(), look(more, line), number)


def texts(made: Report) -> list[str]:
    return [found.text.to("en") for found in made.findings]


def test_each_state_has_its_case_and_its_words() -> None:
    assert STATES.keys() == {*State} == HEADLINES.keys()


def test_what_is_left_there_and_not_seen_is_not_made_up() -> None:
    made = told({(NEW, node.LEFTOVERS): same("no login")})
    assert made.data["state"] == State.UNSEEN.value


@pytest.mark.parametrize("state", STATES)
def test_each_half_finished_state_is_recognised(state: State) -> None:
    made = told(_silenced(STATES[state]))
    assert made.data["state"] == state.value
    assert made.headline.to("en") == HEADLINES[state].fill(node=NEW, cluster="pve-lab").to("en")
    assert made.next
    assert all(found.text.to("en") != found.text.to("fr") for found in made.findings)


def _silenced(more: Said) -> Said:
    """Of a node that does not answer, nothing does."""
    silent = {asked: same("no login") for asked in node.said() if asked[0] == NEW} if (NEW, "*") in more else {}
    return {**more, **silent}


@pytest.mark.parametrize(
    ("state", "following"),
    [
        (State.NOTHING, ["join pve01 --node pve04 …"]),
        (State.LISTED, ["remove pve04", "join pve01 --node pve04 …"]),
        (State.WAITING, ["corosync log pve04", "reset pve04", "remove pve04", "join pve01 --node pve04 …"]),
        (State.STRANGER, ["reset pve04", "join pve01 --node pve04 …"]),
    ],
)
def test_the_next_commands_are_named_in_their_order(state: State, following: list[str]) -> None:
    assert [each.to("en").removeprefix("/pve-cluster ") for each in told(STATES[state]).next] == following


def test_waiting_for_quorum_is_explained_by_both_sides_and_the_ports() -> None:
    found = texts(told(STATES[State.WAITING]))
    assert "pve-lab has quorum: 3 of 4 votes, 3 in the ring" in found
    assert "pve04 has no quorum: 1 of 4 votes, 3 needed, 1 in the ring" in found
    assert any("UDP 5405, UDP 5406 does not pass between pve04 and the members" in text for text in found)


def test_a_cluster_that_lost_its_quorum_by_the_new_vote_is_restored_first() -> None:
    """Two of three members, and a fourth that is expected."""
    lost = {**listed(range(1, 3)), ("pve03", "*"): same("off")}
    lost |= {asked: same("off") for asked in node.said() if asked[0] == "pve03"}
    made = told({**lost, **begun()})
    assert "/pve-cluster expected 2" in [each.to("en") for each in made.next]
    assert any("The cluster itself has no quorum now" in text for text in texts(made))


def test_a_member_without_certificate_is_mended_by_a_command_to_copy() -> None:
    made = told(STATES[State.BARE])
    assert [(code.title.to("en"), code.lines) for code in made.code] == [
        ("To type on pve04", "pvecm updatecerts -f && systemctl restart pveproxy pvedaemon")
    ]


def test_the_trust_that_is_left_is_told_as_the_member_says_it() -> None:
    trust = f'restrict,from="10.0.1.14",expiry-time="209912312359" {node.key("pve04").rpartition(" ")[0]} {TAG}'
    with_it = {("pve01", node.LOGINS): node.logins(f"{node.BOT} bot", trust)}
    assert any("ends by itself within the hour" in text for text in texts(told(with_it, OVER_SSH, 2)))
    assert not any("within the hour" in text for text in texts(told({}, OVER_SSH, 2)))
    unseen = {("pve01", node.LOGINS): same("timed out")}
    assert any("within the hour" in text for text in texts(told(unseen, OVER_SSH, 2)))
    assert not any("within the hour" in text for text in texts(told(unseen, OVER_SSH, 0)))


# Where it worked


def test_a_member_that_everybody_sees_is_good_news() -> None:
    made = report(args(), look(), look(joined()))
    assert (made.level, made.headline.to("en")) == (
        Level.GOOD,
        "pve04 is a member of pve-lab: 4 of 4 votes, seen by every node that answers, on every link",
    )


@pytest.mark.parametrize(
    ("more", "level", "missing"),
    [
        ({("pve02", node.QUORUM): view(2, range(1, 4))}, Level.BAD, "pve02 does not see pve04 in a ring with quorum"),
        ({(NEW, node.QUORUM): same("no login")}, Level.BAD, "corosync does not run on pve04"),
        (
            {(NEW, node.MEMBERS): members(NEW, IDS, quorate=False)},
            Level.WARNING,
            "/etc/pve cannot be written on pve04 yet",
        ),
        (
            {(NEW, node.LOGINS): node.logins(node.key("pve01"))},
            Level.WARNING,
            "The bot's key is not in the list on pve04: it could not log in anew",
        ),
        ({(NEW, node.CERTIFICATES): NO_CERTIFICATE}, Level.WARNING, "pve04 has no certificate yet"),
    ],
)
def test_what_is_missing_is_said(more: Said, level: Level, missing: str) -> None:
    made = report(args(), look(), look({**joined(), **more}))
    assert (made.level, texts(made)) == (level, [missing])


def test_a_link_that_is_not_connected_is_said() -> None:
    """Link 1, as the new node sees it to one of the others."""
    keys = ("latency_ave", "latency_max", "latency_samples", "mtu", "down_count", "tx_total_errors")
    stats = "stats.knet.node2.link1.connected (u8) = 0\nstats.knet.node2.link1.enabled (u8) = 1\n" + "".join(
        f"stats.knet.node2.link1.{key} (u32) = 1\n" for key in keys
    )
    made = report(args(), look(), look({**joined(), (NEW, "corosync-cmapctl -m stats stats.knet"): stats}))
    assert (made.level, texts(made)) == (Level.WARNING, ["Link 1 between pve04 and pve02 is not connected"])


def test_a_node_that_is_not_listed_is_no_member() -> None:
    made = report(args(), look(), look())
    assert made.level is Level.BAD
    assert "pve-lab does not list pve04" in texts(made)


def test_nobody_that_answers_is_no_failure_but_unknown() -> None:
    silent = {(name, node.QUORUM): same("off") for name in IDS}
    assert report(args(), look(), look(silent)).level is Level.UNKNOWN


def test_the_report_is_data_for_programs_too() -> None:
    json.dumps(dict(report(args(), look(), look(joined())).data))
    json.dumps(dict(told({}).data))
