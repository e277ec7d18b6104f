"""users.* and usergroups.*: who there is, and which groups they are in."""

from __future__ import annotations

from bot.demo.slack.methods.call import Call, Failed, Method
from bot.demo.slack.people import TEAM, Group, Object


def user(call: Call) -> Object:
    return {"user": call.person().shown(locale=call.flag("include_locale"))}


def users(call: Call) -> Object:
    part, more = call.page(list(call.workspace.people.values()))
    return {"members": [one.shown(locale=call.flag("include_locale")) for one in part]} | more


def groups(call: Call) -> Object:
    _paid(call)
    found = list(call.workspace.groups.values())
    return {"usergroups": [_shown(one, users=call.flag("include_users")) for one in found]}


def group_users(call: Call) -> Object:
    _paid(call)
    group = call.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise Failed("no_such_subteam")
    return {"users": list(group.users)}


def _paid(call: Call) -> None:
    if not call.workspace.paid:
        raise Failed("plan_upgrade_required")


def _shown(group: Group, *, users: bool) -> Object:
    shown: Object = {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return shown | ({"users": list(group.users)} if users else {})


METHODS = (
    Method("users.info", user, ("user",), ("users:read",), 100),
    Method("users.list", users, (), ("users:read",), 20),
    Method("usergroups.list", groups, (), ("usergroups:read",), 20),
    Method("usergroups.users.list", group_users, ("usergroup",), ("usergroups:read",), 20),
)
