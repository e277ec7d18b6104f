"""The database: what arrived, what must be sent, and the ledger of everything that happened."""

from bot.store.cards import SqlCards
from bot.store.docket import SqlDocket
from bot.store.engine import open_engine
from bot.store.inbox import SqlInbox
from bot.store.ledger import Row, SqlLedger, Verdict
from bot.store.migrate import AtHead, Behind, Empty, Unknown, ready_engine, require_head, state, upgrade
from bot.store.not_recorded import NotRecorded
from bot.store.outbox import SqlOutbox

__all__ = [
    "AtHead",
    "Behind",
    "Empty",
    "NotRecorded",
    "Row",
    "SqlCards",
    "SqlDocket",
    "SqlInbox",
    "SqlLedger",
    "SqlOutbox",
    "Unknown",
    "Verdict",
    "open_engine",
    "ready_engine",
    "require_head",
    "state",
    "upgrade",
]
