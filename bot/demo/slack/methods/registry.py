"""The Web API methods the local Slack has, by name."""

from __future__ import annotations

from collections.abc import Mapping

from bot.demo.slack.methods import chat, conversations, directory, files, session, views
from bot.demo.slack.methods.call import Method

METHODS: Mapping[str, Method] = {
    method.name: method
    for module in (chat, conversations, directory, files, session, views)
    for method in module.METHODS
}
