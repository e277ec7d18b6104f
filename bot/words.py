"""The word and the mark of each state of a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.request import State
from bot.text import Text

NAMES: Mapping[State, Text] = {
    State.PENDING: Text(en="waiting for approval", fr="en attente d'approbation"),
    State.APPROVED: Text(en="approved, in line to run", fr="approuvée, en file d'attente"),
    State.RUNNING: Text(en="running", fr="en cours"),
    State.SUCCEEDED: Text(en="done", fr="faite"),
    State.FAILED: Text(en="failed", fr="échouée"),
    State.ABORTED: Text(en="stopped on the way", fr="arrêtée en route"),
    State.DENIED: Text(en="denied", fr="rejetée"),
    State.CANCELLED: Text(en="cancelled by the requester", fr="annulée par le demandeur"),
    State.EXPIRED: Text(en="expired", fr="expirée"),
    State.SUPERSEDED: Text(en="overtaken by other facts", fr="dépassée par les faits"),
    State.INDETERMINATE: Text(en="of unknown outcome", fr="d'issue inconnue"),
    State.RECONCILED: Text(en="settled by people", fr="tranchée par des personnes"),
    State.REFUSED: Text(en="refused by a check", fr="refusée par un contrôle"),
}
# Never colour or sign alone: the word stands beside it.
MARKS: Mapping[State, str] = {
    State.PENDING: "🟡",
    State.APPROVED: "🔵",
    State.RUNNING: "🔄",
    State.SUCCEEDED: "✅",
    State.FAILED: "❌",
    State.ABORTED: "🟠",
    State.DENIED: "🚫",
    State.CANCELLED: "↩️",
    State.EXPIRED: "⌛",
    State.SUPERSEDED: "🔀",
    State.INDETERMINATE: "❓",
    State.RECONCILED: "⚖️",
    State.REFUSED: "⛔",
}
