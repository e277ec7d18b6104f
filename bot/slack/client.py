"""The two Slack clients: asynchronous for what runs on the event loop, synchronous for worker threads."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.settings import SlackSettings

TIMEOUT_S = 8
# The first two make Bolt an OAuth app, which this is not; the others would mix with what the configuration says.
FOREIGN = (
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def async_client(settings: SlackSettings) -> AsyncWebClient:
    """Without retries: the default one posts a message again when only the answer to it was lost."""
    client = AsyncWebClient(
        settings.bot_token.reveal(), base_url=settings.base_url, timeout=TIMEOUT_S, retry_handlers=[]
    )
    client.proxy = proxy_for(settings.base_url)
    return client


def sync_client(settings: SlackSettings) -> WebClient:
    """For asking only, so that waiting as Slack says and asking again does no harm."""
    retry: list[RetryHandler] = [RateLimitErrorRetryHandler(max_retry_count=1)]
    client = WebClient(settings.bot_token.reveal(), base_url=settings.base_url, timeout=TIMEOUT_S, retry_handlers=retry)
    client.proxy = proxy_for(settings.base_url)
    return client


def proxy_for(url: str) -> str | None:
    """The environment's proxy, unless NO_PROXY names the host: the SDK takes it for every host, also this one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return None if host in LOOPBACK or proxy_bypass(host) else getproxies().get(parts.scheme)


def new_app(settings: SlackSettings, client: AsyncWebClient) -> AsyncApp:
    """A Bolt app that takes nothing from the environment. Over Socket Mode there is no signature to check."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    secret = settings.signing_secret
    token = settings.bot_token.reveal()

    async def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        """Bolt's own asks auth.test before the first command: an ack would wait for the Web API, or fail with it."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token)

    return AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=secret.reveal() if secret else "",
        request_verification_enabled=secret is not None,
        raise_error_for_unhandled_request=True,  # to be acknowledged all the same
    )
