"""The two Slack clients: asynchronous for what runs on the event loop, synchronous for worker threads."""

from __future__ import annotations

import os

from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.settings import SlackSettings

TIMEOUT_S = 8
# Either pair in the environment makes Bolt an OAuth app, which this is not.
FOREIGN = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")


def async_client(settings: SlackSettings) -> AsyncWebClient:
    """Without retries: the default one posts a message again when only the answer to it was lost."""
    return AsyncWebClient(settings.bot_token.reveal(), base_url=settings.base_url, timeout=TIMEOUT_S, retry_handlers=[])


def sync_client(settings: SlackSettings) -> WebClient:
    """For asking only, so that waiting as Slack says and asking again does no harm."""
    retry: list[RetryHandler] = [RateLimitErrorRetryHandler(max_retry_count=1)]
    return WebClient(settings.bot_token.reveal(), base_url=settings.base_url, timeout=TIMEOUT_S, retry_handlers=retry)


def new_app(settings: SlackSettings, client: AsyncWebClient) -> AsyncApp:
    """A Bolt app that takes nothing from the environment. Over Socket Mode there is no signature to check."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    secret = settings.signing_secret
    return AsyncApp(
        client=client,
        signing_secret=secret.reveal() if secret else None,
        request_verification_enabled=secret is not None,
    )
