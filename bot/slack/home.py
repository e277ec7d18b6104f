"""The App Home: what the bot is, and what to type first. Pure."""

from __future__ import annotations

from bot.action import Json
from bot.command_line import SLASH
from bot.text import Language, Text


def home(language: Language) -> dict[str, Json]:
    """A view for views.publish."""
    lines = "\n".join(f"{SLASH} {words}" for words in FIRST)
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": TITLE.to(language)}},
            {"type": "section", "text": {"type": "plain_text", "text": WHAT.to(language)}},
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": lines}]}],
            },
        ],
    }


FIRST = ("status", "nodes", "links", "certs", "help")
TITLE = Text(en="Proxmox VE clusters", fr="Clusters Proxmox VE")
WHAT = Text(
    en="I look at your clusters' nodes and say what I see: quorum, links, certificates, corosync. "
    "In a channel, type what follows; --cluster NAME says which cluster, where the channel does not:",
    fr="Je regarde les nœuds de vos clusters et je dis ce que je vois : quorum, liens, certificats, corosync. "
    "Dans un canal, tapez ce qui suit ; --cluster NOM dit quel cluster, si le canal ne le dit pas :",
)
