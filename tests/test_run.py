"""What a node's trace of a ticket proves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import NodeName
from bot.run import Fate, Outcome, Ticket, Trace, outcome, ticket_id

BOOT = "6e1f"
PVE01 = NodeName("pve01")


@pytest.mark.parametrize(
    ("result", "found"),
    [  # as systemd 252 wrote them
        ("success exited 0", Outcome(Fate.SUCCEEDED, 0)),
        ("success exited 0\n", Outcome(Fate.SUCCEEDED, 0)),
        ("exit-code exited 3", Outcome(Fate.FAILED, 3)),
        ("exit-code", Outcome(Fate.REFUSED)),
        ("exit-code  ", Outcome(Fate.REFUSED)),
        ("timeout killed TERM", Outcome(Fate.TIMED_OUT)),
        ("timeout killed KILL", Outcome(Fate.TIMED_OUT)),
        ("signal killed KILL", Outcome(Fate.FAILED)),
        ("core-dump dumped SEGV", Outcome(Fate.FAILED)),
        ("oom-kill killed KILL", Outcome(Fate.FAILED)),
        ("success", Outcome(Fate.UNKNOWN)),
        ("timeout", Outcome(Fate.UNKNOWN)),
        ("exit-code exited", Outcome(Fate.UNKNOWN)),
        ("exit-code exited EXEC", Outcome(Fate.UNKNOWN)),
        ("exit-code exited " + "9" * 5000, Outcome(Fate.UNKNOWN)),
        ("resources", Outcome(Fate.UNKNOWN)),
        ("exec-condition exited 1", Outcome(Fate.UNKNOWN)),
        ("garbage here and there", Outcome(Fate.UNKNOWN)),
    ],
)
@pytest.mark.parametrize("boot_id", [BOOT, "another"])
def test_a_result_that_was_written_says_it_whatever_else_is_seen(result: str, found: Outcome, boot_id: str) -> None:
    assert outcome(Trace(boot_id, spent=True, is_active=False, result=result), BOOT) == found


@pytest.mark.parametrize(
    ("boot_id", "spent", "is_active", "fate"),
    [
        (BOOT, True, True, Fate.ACTIVE),
        (BOOT, False, True, Fate.ACTIVE),  # queued, not begun
        (BOOT, True, False, Fate.UNKNOWN),  # burnt, nothing written
        (BOOT, False, False, Fate.NEVER),
        ("another", False, False, Fate.UNKNOWN),  # never "never ran" after a boot
        ("another", True, False, Fate.UNKNOWN),
        ("another", False, True, Fate.ACTIVE),
    ],
)
def test_without_a_result_only_a_whole_ticket_on_a_node_that_never_stopped_proves_anything(
    boot_id: str, fate: Fate, *, spent: bool, is_active: bool
) -> None:
    assert outcome(Trace(boot_id, spent, is_active, ""), BOOT) == Outcome(fate)


def test_who_does_not_know_when_it_was_started_never_says_never() -> None:
    assert outcome(Trace(BOOT, spent=False, is_active=False, result=""), "").fate is Fate.UNKNOWN


@given(st.text() | st.from_regex(r"[a-z-]{1,12}( (exited|killed|dumped) [A-Z0-9]{1,6})?", fullmatch=True))
def test_whatever_is_written_there_success_is_only_what_systemd_calls_so(result: str) -> None:
    found = outcome(Trace(BOOT, spent=True, is_active=False, result=result), BOOT)
    if found.fate is Fate.SUCCEEDED:
        assert result.strip().startswith("success ")


@pytest.mark.parametrize("id_", ["", "a b", "A", "../x", "a/b", "a$b", "a\n", "é", "x" * 61, "a;b", "a.b"])
def test_a_ticket_is_a_name_that_needs_no_quoting(id_: str) -> None:
    with pytest.raises(ValueError, match="not a ticket"):
        Ticket(id_, PVE01, ("true",), "", 60, "", 0)


def test_a_step_has_one_ticket_whoever_runs_it() -> None:
    assert ticket_id("abc-1", 2) == "abc-1-2"
    assert Ticket(ticket_id("abc-1", 2), PVE01, ("true",), "", 60, "", 0).id == "abc-1-2"
