"""What a worker of the model does, one act at a time, and the invariants that a run can go against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.request import State
from tests.model.flow import MOST_CLAIMS, MOST_CRASHES, At, Bugs, Flow, Next, Node, Step, Worker
from tests.model.people import enough, present, truly_enough

IDLE = Worker()
ENDS = {"done": State.RUNNING, "failed": State.FAILED, "refused": State.ABORTED, "unknown": State.INDETERMINATE}
TRACED = {
    Node.DONE: "done",
    Node.FAILED: "failed",
    Node.REFUSED: "refused",
    Node.LOST: "unknown",
    Node.BURNT: "unknown",
}


def by_workers(flow: Flow, bugs: Bugs) -> Iterator[Next]:
    for number, worker in enumerate(flow.workers):
        if worker.at is not At.IDLE:
            yield Step(worker.at, str(number)), _ACTS[worker.at](flow, number, worker, bugs)
            if flow.crashes < MOST_CRASHES:
                yield Step("crashes", str(number)), _set(flow._replace(crashes=flow.crashes + 1), number, IDLE)
        elif flow.state is State.APPROVED or ("abandon" not in bugs and _can_take_over(flow)):
            yield Step("looks", str(number)), _look(flow, number, bugs)
    if "retry" in bugs and flow.crashes and flow.state is State.RUNNING and _all_idle(flow):
        yield Step("re-queues"), flow._replace(state=State.APPROVED, progress="todo", node=Node.WHOLE)


def _can_take_over(flow: Flow) -> bool:
    """A dead worker cannot be told from a slow one. Bounded: beyond MOST_CLAIMS only if nobody has it any more."""
    return flow.state is State.RUNNING and (flow.fence < MOST_CLAIMS or _all_idle(flow))


def _all_idle(flow: Flow) -> bool:
    return all(worker.at is At.IDLE for worker in flow.workers)


def _set(flow: Flow, number: int, worker: Worker) -> Flow:
    workers = list(flow.workers)
    workers[number] = worker
    return flow._replace(workers=tuple(workers))


def _look(flow: Flow, number: int, bugs: Bugs) -> Flow:
    """Read the request; if it was approved, ask who its approvers are now, and look at the cluster again."""
    if flow.state is State.RUNNING:
        return _set(flow, number, Worker(At.CLAIM, flow.fence))
    voters = present(flow, flow.votes)
    if not (enough(voters, bugs) or "norevalidate" in bugs) or (flow.changed and "norecheck" not in bugs):
        return _set(flow, number, Worker(At.SUPERSEDE, flow.fence))
    return _set(flow, number, Worker(At.CLAIM, flow.fence, valid=truly_enough(voters)))


def _supersede(flow: Flow, number: int, worker: Worker, _bugs: Bugs) -> Flow:
    is_same = flow.state is State.APPROVED and flow.fence == worker.fence
    return _set(flow._replace(state=State.SUPERSEDED) if is_same else flow, number, IDLE)


def _claim(flow: Flow, number: int, worker: Worker, bugs: Bugs) -> Flow:
    late = flow.state is State.APPROVED and flow.tick >= flow.run_by
    if late and "noexpiry" not in bugs:
        return _set(flow._replace(state=State.EXPIRED), number, IDLE)
    is_same = flow.state in {State.APPROVED, State.RUNNING} and flow.fence == worker.fence
    if not is_same and "rmw" not in bugs:
        return _set(flow, number, IDLE)
    flaw = flow.flaw or ("I6" if late else "") or ("" if worker.valid else "I3")
    claimed = flow._replace(state=State.RUNNING, fence=flow.fence + 1, flaw=flaw)
    return _set(claimed, number, worker._replace(at=_after_claim(flow, bugs), fence=claimed.fence))


def _after_claim(flow: Flow, bugs: Bugs) -> At:
    if flow.progress == "started":
        return At.RECORD if "guess" in bugs else At.START if "again" in bugs else At.FOLLOW
    if flow.progress == "done":
        return At.TELL
    return At.START if "noledger" in bugs else At.BEGIN


def _is_mine(flow: Flow, worker: Worker) -> bool:
    return flow.state is State.RUNNING and flow.fence == worker.fence


def _begin(flow: Flow, number: int, worker: Worker, bugs: Bugs) -> Flow:
    if not _is_mine(flow, worker):
        return _set(flow, number, IDLE)
    if flow.stopping:
        return _set(flow._replace(state=State.ABORTED), number, IDLE)
    begun = flow._replace(progress="started", rebooted=False)
    return _set(begun, number, worker._replace(at=At.START))


def _start(flow: Flow, number: int, worker: Worker, bugs: Bugs) -> Flow:
    """Ticket, guard and command are one remote step."""
    flow = _set(flow, number, worker._replace(at=At.FOLLOW))
    if flow.node is not Node.WHOLE and not bugs & {"again", "noticket"}:
        return flow
    if flow.changed and not bugs & {"norecheck", "botrecheck"}:
        return flow._replace(node=Node.REFUSED)
    return flow._replace(node=Node.ACTIVE, runs=flow.runs + 1, broken=flow.broken or _broken_by_running(flow))


def _broken_by_running(flow: Flow) -> str:
    wrongs = {
        "I1": flow.runs > 0,
        "I2": not truly_enough(flow.votes),
        "I3": flow.flaw == "I3",
        "I4": flow.changed,
        "I5": flow.closed,
        "I6": flow.flaw == "I6",
        "I8": flow.state is not State.RUNNING,
        "I7": flow.progress != "started",
    }
    return next((name for name, is_wrong in wrongs.items() if is_wrong), "")


def _follow(flow: Flow, number: int, worker: Worker, bugs: Bugs) -> Flow:
    if flow.node is Node.ACTIVE:
        return flow
    if flow.node is not Node.WHOLE:
        return _set(flow, number, worker._replace(at=At.RECORD, found=TRACED[flow.node]))
    found = "unknown" if flow.rebooted else "refused"
    if "zombie" in bugs or ("reboot" in bugs and flow.rebooted):  # marks it without burning
        return _set(flow, number, worker._replace(at=At.RECORD, found="unknown"))
    if "early" in bugs:
        is_mine = _is_mine(flow, worker)
        flow = flow._replace(state=State.INDETERMINATE) if is_mine else flow
    return _set(flow, number, worker._replace(at=At.BURN, found=found))


def _burn(flow: Flow, number: int, worker: Worker, _bugs: Bugs) -> Flow:
    if flow.node is not Node.WHOLE:
        return _set(flow, number, worker._replace(at=At.FOLLOW, found=""))
    return _set(flow._replace(node=Node.BURNT), number, worker._replace(at=At.RECORD))


def _record(flow: Flow, number: int, worker: Worker, bugs: Bugs) -> Flow:
    if not (_is_mine(flow, worker) or ("nofence" in bugs and flow.state is State.RUNNING)):
        return _set(flow, number, IDLE)
    found = worker.found or "refused"
    is_done = found == "done"
    flow = flow._replace(progress=found, state=ENDS[found])
    return _set(flow, number, worker._replace(at=At.TELL) if is_done else IDLE)


def _tell(flow: Flow, number: int, worker: Worker, _bugs: Bugs) -> Flow:
    return _set(flow._replace(state=State.SUCCEEDED) if _is_mine(flow, worker) else flow, number, IDLE)


Act = Callable[[Flow, int, Worker, Bugs], Flow]
_ACTS: Mapping[At, Act] = {
    At.SUPERSEDE: _supersede,
    At.CLAIM: _claim,
    At.BEGIN: _begin,
    At.START: _start,
    At.FOLLOW: _follow,
    At.BURN: _burn,
    At.RECORD: _record,
    At.TELL: _tell,
}
