"""The database: what arrived, what must be sent, and the ledger of everything that happened."""

from bot.store.cards import SqlCards
from bot.store.clock import behind_us
from bot.store.docket import Approved, SqlDocket, illegible
from bot.store.engine import open_engine
from bot.store.inbox import SqlInbox, free_claims
from bot.store.ledger import Row, SqlLedger, Verdict
from bot.store.migrate import AtHead, Behind, Empty, Unknown, ready_engine, require_head, state, upgrade
from bot.store.not_recorded import NotRecorded
from bot.store.outbox import SqlOutbox
from bot.store.sole import Sole, Taken

__all__ = [
    "Approved",
    "AtHead",
    "Behind",
    "Empty",
    "NotRecorded",
    "Row",
    "Sole",
    "SqlCards",
    "SqlDocket",
    "SqlInbox",
    "SqlLedger",
    "SqlOutbox",
    "Taken",
    "Unknown",
    "Verdict",
    "behind_us",
    "free_claims",
    "illegible",
    "open_engine",
    "ready_engine",
    "require_head",
    "state",
    "upgrade",
]
