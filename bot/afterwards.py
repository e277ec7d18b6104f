"""After a run its cluster is another one: what waits for approval there is looked at again, and superseded if overtaken.

Only outside of any lock: looking may take as long as a node lets it.
"""

from __future__ import annotations

import structlog

from bot.docket import Docket, Edit
from bot.propose import overtaken
from bot.request import Move, Moved, Request, State
from bot.text import Refused, Text
from bot.workflow import Workflow

log = structlog.get_logger()
MOST = 10_000


def look_at_waiting(docket: Docket, workflow: Workflow, cluster: str) -> None:
    """Raise nothing: what cannot be seen now is looked at before it runs."""
    for request in docket.find({State.PENDING}, cluster=cluster, limit=MOST):
        try:
            _look(docket, workflow, request)
        except Refused as reason:
            log.info("a waiting request could not be looked at", request=request.id, why=str(reason))
        except Exception:
            log.exception("a waiting request could not be looked at", request=request.id)


def _look(docket: Docket, workflow: Workflow, request: Request) -> None:
    again = workflow.look_again(request.plan, request.demand)
    if why := overtaken(request.plan, again.plan):
        docket.change(request.id, lambda now, _at_us: _superseded(now, why))


def _superseded(now: Request, why: Text) -> Edit | None:
    return Edit(moved=Moved(Move.SUPERSEDE, why)) if now.state is State.PENDING else None
