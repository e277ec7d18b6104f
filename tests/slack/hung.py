"""What hangs in the channels of an office, and what may befall it."""

from __future__ import annotations

from tests.slack.office import OPS, Office, Seen

MINUTE_US = 60_000_000


def shown(office: Office, channel: str = OPS) -> str:
    return str(office.card(channel)["blocks"])


class Nothing:
    async def hang_due(self) -> bool:
        return False


def delete(office: Office, card: Seen) -> None:
    workspace = office.slack.workspace

    def gone() -> None:
        found = workspace.find(card["channel"], card["ts"])
        assert found is not None
        workspace.remove(found)

    office.slack.on_loop(gone)
