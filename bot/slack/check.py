"""Does Slack let the bot do what it needs? Each finding says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.action import Finding, Level
from bot.slack.manifest import BOT_SCOPES
from bot.slack.settings import SlackSettings
from bot.slack.trouble import trouble
from bot.text import Text


def check(client: WebClient, settings: SlackSettings) -> list[Finding]:
    """Ask Slack; a method that fails is a finding, and what does not depend on it is asked all the same."""
    return [*_bot(client, settings), *_socket(client, settings)]


def _bot(client: WebClient, settings: SlackSettings) -> Iterator[Finding]:
    try:
        answer = client.auth_test()
    except FAILURES as error:
        yield _failed(error, NO_TOKEN, NO_TOKEN_FIX, client)
        return
    yield Finding(Level.GOOD, TOKEN.fill(bot=answer["user"], team=answer["team"]))
    yield _scopes(next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), ""))
    for channel in sorted(settings.channels):
        yield _channel(client, channel, bot=str(answer["user"]))
    for usergroup in sorted({id_ for group in settings.groups.values() for id_ in group.usergroups}):
        yield _usergroup(client, usergroup)


def _scopes(granted: str) -> Finding:
    missing = sorted(set(BOT_SCOPES) - {scope.strip() for scope in granted.split(",")})
    if missing:
        return _bad(NO_SCOPES.fill(scopes=", ".join(missing)), NO_SCOPES_FIX)
    return Finding(Level.GOOD, SCOPES_FINE)


def _socket(client: WebClient, settings: SlackSettings) -> Iterator[Finding]:
    if settings.app_token is None:
        return
    try:
        client.apps_connections_open(app_token=settings.app_token.reveal())
        yield Finding(Level.GOOD, SOCKET_FINE)
    except FAILURES as error:
        yield _failed(error, NO_SOCKET, NO_SOCKET_FIX, client)


def _channel(client: WebClient, id_: str, *, bot: str) -> Finding:
    try:
        channel: dict[str, Any] = client.conversations_info(channel=id_)["channel"]
    except FAILURES as error:
        return _failed(error, NO_CHANNEL.fill(channel=id_), NO_CHANNEL_FIX, client)
    name = f"#{channel.get('name', id_)}"
    if channel.get("is_archived"):
        return _bad(ARCHIVED.fill(channel=name), ARCHIVED_FIX)
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return _bad(SHARED.fill(channel=name), SHARED_FIX)
    if not channel.get("is_member"):
        return _bad(NOT_MEMBER.fill(channel=name), NOT_MEMBER_FIX.fill(bot=bot))
    return Finding(Level.GOOD, CHANNEL_FINE.fill(channel=name))


def _usergroup(client: WebClient, id_: str) -> Finding:
    try:
        users = client.usergroups_users_list(usergroup=id_)["users"]
    except FAILURES as error:
        return _failed(error, NO_GROUP.fill(group=id_), NO_GROUP_FIX, client)
    return Finding(Level.GOOD, GROUP_FINE.fill(group=id_, count=len(users)))


def _bad(text: Text, fix: Text) -> Finding:
    return Finding(Level.BAD, text, fix)


def _failed(error: Exception, text: Text, fix: Text, client: WebClient) -> Finding:
    """Slack says no under a status of 200: any other is no answer, and no reason to change a token or an id."""
    said = trouble(error)
    if said.status != 200:
        return _bad(NO_ANSWER.fill(url=client.base_url, reason=said.reason), NO_ANSWER_FIX)
    return _bad(text.fill(reason=said.reason), NO_SCOPES_FIX if said.reason == "missing_scope" else fix)


FAILURES = (SlackApiError, SlackClientError, OSError)
NO_ANSWER = Text(en="Slack does not answer at {url}: {reason}", fr="Slack ne répond pas à {url} : {reason}")
NO_ANSWER_FIX = Text(
    en="Let this machine reach it over HTTPS (firewall, HTTPS_PROXY), then check again",
    fr="Laissez cette machine l'atteindre en HTTPS (pare-feu, HTTPS_PROXY), puis vérifiez à nouveau",
)
TOKEN = Text(en="Slack knows the bot as {bot} in {team}", fr="Slack connaît le bot sous le nom {bot} dans {team}")
NO_TOKEN = Text(en="Slack does not take the bot token: {reason}", fr="Slack n'accepte pas le jeton du bot : {reason}")
NO_TOKEN_FIX = Text(
    en="Copy the Bot User OAuth Token (xoxb-…) of the installed app to where slack.bot_token points",
    fr="Copiez le Bot User OAuth Token (xoxb-…) de l'app installée là où pointe slack.bot_token",
)
SCOPES_FINE = Text(en="All scopes of the manifest are granted", fr="Toutes les permissions du manifeste sont accordées")
NO_SCOPES = Text(en="Scopes missing: {scopes}", fr="Permissions manquantes : {scopes}")
NO_SCOPES_FIX = Text(
    en="Put the manifest of this version into the app's settings and reinstall it: pve-cluster-bot manifest",
    fr="Mettez le manifeste de cette version dans les réglages de l'app et réinstallez-la : pve-cluster-bot manifest",
)
SOCKET_FINE = Text(en="Socket Mode can be opened", fr="Le Socket Mode peut être ouvert")
NO_SOCKET = Text(en="Socket Mode cannot be opened: {reason}", fr="Le Socket Mode ne peut pas être ouvert : {reason}")
NO_SOCKET_FIX = Text(
    en="Make an app-level token (xapp-…) with connections:write, and enable Socket Mode in the app's settings",
    fr="Créez un jeton d'app (xapp-…) avec connections:write, et activez le Socket Mode dans les réglages de l'app",
)
CHANNEL_FINE = Text(en="{channel}: the bot is in it", fr="{channel} : le bot y est")
NO_CHANNEL = Text(en="Channel {channel}: {reason}", fr="Canal {channel} : {reason}")
NO_CHANNEL_FIX = Text(
    en="Use the id from the channel's details (C…), and invite the bot if the channel is private",
    fr="Utilisez l'identifiant du canal (C…) et invitez le bot si le canal est privé",
)
ARCHIVED = Text(en="{channel} is archived", fr="{channel} est archivé")
ARCHIVED_FIX = Text(
    en="Unarchive it, or name another channel in the configuration",
    fr="Désarchivez-le, ou nommez un autre canal dans la configuration",
)
NOT_MEMBER = Text(en="The bot is not in {channel}", fr="Le bot n'est pas dans {channel}")
NOT_MEMBER_FIX = Text(en="Type /invite @{bot} there", fr="Tapez-y /invite @{bot}")
SHARED = Text(
    en="{channel} is shared with another organisation", fr="{channel} est partagé avec une autre organisation"
)
SHARED_FIX = Text(
    en="Choose a channel of your own: what is said of a cluster is not for others",
    fr="Choisissez un canal à vous : ce qui est dit d'un cluster ne regarde pas les autres",
)
GROUP_FINE = Text(en="User group {group}: {count} people", fr="Groupe {group} : {count} personnes")
NO_GROUP = Text(en="User group {group}: {reason}", fr="Groupe {group} : {reason}")
NO_GROUP_FIX = Text(
    en="Use the group's id (S…); without a paid Slack plan list the people in the configuration instead",
    fr="Utilisez l'identifiant du groupe (S…) ; sans abonnement Slack payant, nommez les personnes dans la configuration",
)
