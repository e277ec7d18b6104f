"""What people do to a request in the model, and when there are enough of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.request import State
from tests.model.flow import APPROVE_BY, CLOSED, GROUPS, NEED, NONE, PERSON, RUN_WITHIN, Bugs, Flow, Next, Step


def enough(accounts: Iterable[str], bugs: Bugs = NONE) -> bool:
    """Whether distinct people, none of them the requester, fill both places."""
    people = {account if "accounts" in bugs else PERSON[account] for account in accounts}
    able = {p: GROUPS[PERSON[p]] | ({*NEED} if "self" in bugs else set()) for p in people if p != "r" or "self" in bugs}
    if "flat" in bugs:  # any one of the reviewers will do
        return bool(able)
    if "slots" in bugs:  # one person fills two places
        return {*NEED} <= set().union(*able.values())
    return any(NEED[0] in able[p] and NEED[1] in able[q] for p in able for q in able if p != q)


def present(flow: Flow, accounts: frozenset[str]) -> frozenset[str]:
    return accounts - {"m"} if flow.gone else accounts


def truly_enough(accounts: frozenset[str]) -> bool:
    """What must hold, whatever mistake the rules have."""
    return enough(accounts - {"x"})


def by_people(flow: Flow, bugs: Bugs) -> Iterator[Next]:
    yield from _approving(flow, bugs)
    if flow.state is State.PENDING and (flow.tick < APPROVE_BY):
        yield Step("denies", "b"), flow._replace(state=State.DENIED)
    if flow.state in {State.PENDING, State.APPROVED}:
        yield Step("cancels", "r"), flow._replace(state=State.CANCELLED)
    if flow.state is State.APPROVED:
        yield Step("stops", "a"), flow._replace(state=State.DENIED)
    if flow.state is State.RUNNING and flow.progress == "todo" and not flow.stopping:
        yield Step("stops", "a"), flow._replace(stopping=True)
    yield from _settling(flow)


def _approving(flow: Flow, bugs: Bugs) -> Iterator[Next]:
    late = "late" in bugs and flow.state in CLOSED
    if not (flow.state is State.PENDING or late) or (flow.tick >= APPROVE_BY and "noexpiry" not in bugs):
        return
    voted = {PERSON[account] for account in flow.votes}
    for account, person in PERSON.items():
        is_new = account not in flow.votes if "accounts" in bugs else person not in voted
        if is_new and _may_vote(account, flow, bugs):
            yield Step("approves", account), _counted(flow, account, bugs)


def _may_vote(account: str, flow: Flow, bugs: Bugs) -> bool:
    if account == "x":
        return "external" in bugs
    if account == "m" and flow.gone:
        return "deactivated" in bugs
    if PERSON[account] == "r":
        return "self" in bugs or ("accounts" in bugs and account == "r2")
    return True


def _counted(flow: Flow, account: str, bugs: Bugs) -> Flow:
    votes = flow.votes | {account}
    counted = votes if "deactivated" in bugs else present(flow, votes)
    if not enough(counted, bugs):
        return flow._replace(votes=votes)
    return flow._replace(votes=votes, state=State.APPROVED, run_by=flow.tick + RUN_WITHIN)


def _settling(flow: Flow) -> Iterator[Next]:
    if flow.state is State.INDETERMINATE:
        for account in sorted({"a", "b"} - flow.said):
            said = flow.said | {account}
            yield Step("says it did", account), flow._replace(said=said, state=_settled(said))


def _settled(said: frozenset[str]) -> State:
    return State.RECONCILED if enough(said) else State.INDETERMINATE
