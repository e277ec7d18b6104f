"""`corosync-quorumtool -siH`, as real corosync printed it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Output, Unreadable
from bot.cluster.quorum import Member, QdeviceVotes, Quorum
from bot.names import NodeName
from tests.recorded import SITUATIONS, answers

COMMAND = " ".join(Quorum.ARGV)
PVE01 = NodeName("pve01")
ALL = [(name, output) for name in SITUATIONS for output in answers(name, COMMAND)]


def view(situation: str, node: str = "pve01"):
    found = next(Quorum.parse(output).view for output in answers(situation, COMMAND) if output.node == node)
    assert found is not None
    return found


@pytest.mark.parametrize(("situation", "output"), ALL, ids=[f"{s}-{o.node}" for s, o in ALL])
def test_every_recorded_answer_is_understood_and_its_votes_add_up(situation: str, output: Output) -> None:
    seen = Quorum.parse(output).view
    if seen is None:
        assert output.exit == 1
        return
    assert seen.quorate is (output.exit == 0)
    cast = seen.qdevice.cast if seen.qdevice else 0
    assert sum(member.votes for member in seen.members) + cast == seen.total
    assert seen.quorate is (seen.total >= seen.needed)


def test_five_healthy_nodes_are_five_members() -> None:
    seen = view("healthy-5")
    assert (seen.total, seen.expected, seen.highest, seen.needed, seen.flags) == (5, 5, 5, 3, ("Quorate",))
    assert seen.members[0] == Member(1, 1, "10.0.1.11", "", local=True)
    assert seen.member_ids == {1, 2, 3, 4, 5}


def test_exit_2_without_quorum_is_an_answer() -> None:
    seen = view("no-quorum")
    assert (seen.quorate, seen.total, seen.needed) == (False, 2, 3)


def test_a_stopped_corosync_is_an_answer_without_a_view() -> None:
    assert Quorum.parse(answers("corosync-stopped", COMMAND)[0]) == Quorum(None)


def test_the_qdevice_is_no_member_and_its_silence_is_seen() -> None:
    assert view("two-node-qdevice-healthy").qdevice == QdeviceVotes(1, 1)
    mute = view("two-node-qdevice-qnetd-down")
    assert mute.qdevice == QdeviceVotes(0, 1)
    assert [member.cell for member in mute.members] == ["A,NV,NMW", "A,NV,NMW"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Quorate: Yes\n<html>\n", "line 2: '<html>'"),
        ("Quorate:          Maybe\n", "Maybe"),
        ("", "no line 'Quorate'"),
    ],
)
def test_garbage_is_refused_and_named(text: str, named: str) -> None:
    with pytest.raises(Unreadable, match=named):
        Quorum.parse(Output(PVE01, 0, text))


def test_an_answer_that_was_cut_off_is_no_answer() -> None:
    whole = answers("healthy-3", COMMAND)[0]
    with pytest.raises(Unreadable, match="cut off"):
        Quorum.parse(Output(PVE01, 0, whole.stdout, truncated=True))


@given(st.text(), st.integers(0, 255))
def test_any_text_is_read_or_unreadable(text: str, exit_: int) -> None:
    with contextlib.suppress(Unreadable):
        Quorum.parse(Output(PVE01, exit_, text, text))
