"""/pve-cluster help: written from the actions themselves, and a few topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.action import Action, AnyVerb, Code, Json, Level, NoFacts, Report, Table, Verb
from bot.help_topics import TOPICS
from bot.known_words import NOT_YET, meant, not_yet
from bot.names import Topic
from bot.text import Refused, Text, same
from bot.usage import usage

_SLASH = "/pve-cluster"


@dataclass(frozen=True)
class Args:
    topic: Topic | None = None


def help_action(actions: Mapping[str, Action]) -> Action:
    """The action that explains *actions* and itself."""

    def report(args: Args, _facts: NoFacts, _after: NoFacts) -> Report:
        return explained({**actions, "help": itself}, args.topic)

    verb = Verb(name="help", summary=HELP_SUMMARY, args=Args, facts=NoFacts, report=report)
    itself = Action(name="help", summary=HELP_SUMMARY, verbs=(verb,), help=HELP_HELP.fill(topics=", ".join(TOPICS)))
    return itself


def with_help(actions: Mapping[str, Action]) -> dict[str, Action]:
    return {**actions, "help": help_action(actions)}


def explained(actions: Mapping[str, Action], topic: str | None) -> Report:
    """Raise `Refused`, with the nearest topic, if *topic* is none."""
    if topic is None:
        return _overview(actions)
    if topic in actions:
        return _action(actions[topic])
    if topic in TOPICS:
        title, drawing = TOPICS[topic]
        return Report(Level.NOTE, title, code=(Code(title, drawing),), next=(MORE,), data={"topic": topic})
    alias = meant([topic])
    if alias != [topic]:
        return explained(actions, alias[0])
    later = not_yet([topic])
    if later:
        raise Refused(later)
    known = [*actions, *TOPICS]
    near = get_close_matches(topic, known, n=1, cutoff=0.5)
    hint = DID_YOU_MEAN.fill(near=near[0]) if near else IT_HAS.fill(known=", ".join(known))
    raise Refused(NO_SUCH_TOPIC.fill(topic=topic, hint=hint))


def _overview(actions: Mapping[str, Action]) -> Report:
    rows = tuple(_line(action, verb) for action in actions.values() for verb in action.verbs)
    topics = tuple((f"{_SLASH} help {topic}", title) for topic, (title, _) in TOPICS.items())
    later = sorted({words[0] for words in NOT_YET} - set(actions))
    data: dict[str, Json] = {"actions": list[Json](actions), "topics": list[Json](TOPICS), "later": list[Json](later)}
    return Report(
        level=Level.NOTE,
        headline=OVERVIEW,
        pairs=((ANYWHERE, CLUSTER_OPTION), (LATER, ", ".join(later))),
        tables=(Table((TYPE, SHOWS), rows), Table((TYPE, EXPLAINS), topics)),
        next=(FIRST, EACH),
        data=data,
    )


def _line(action: Action, verb: AnyVerb) -> tuple[str, Text]:
    return f"{_SLASH} {usage(action, verb)}", action.summary if len(action.verbs) == 1 else verb.summary


def _action(action: Action) -> Report:
    rows = tuple((f"{_SLASH} {usage(action, verb)}", verb.summary) for verb in action.verbs)
    return Report(
        level=Level.NOTE,
        headline=ABOUT.fill(action=action.name, summary=action.summary),
        pairs=((WHAT_IT_DOES, action.help),) if action.help else (),
        tables=(Table((TYPE, SHOWS), rows),),
        next=(same(f"{_SLASH} {action.name}"), MORE) if action.name != "help" else (MORE,),
        data={"action": action.name, "verbs": [_verb_data(action, verb) for verb in action.verbs]},
    )


def _verb_data(action: Action, verb: AnyVerb) -> dict[str, Json]:
    return {"name": verb.name, "usage": usage(action, verb), "summary": verb.summary.to("en")}


OVERVIEW = Text(
    en="I look at Proxmox VE clusters and say how they are; what changes one is first asked of people",
    fr="Je regarde des clusters Proxmox VE et dis leur état ; ce qui en change un est d'abord demandé à des personnes",
)
HELP_SUMMARY = Text(
    en="This help, or that of one action or topic", fr="Cette aide, ou celle d'une action ou d'un sujet"
)
HELP_HELP = Text(
    en="--help after any action does the same. Topics: {topics}. Commands known from the shell are understood too: pvecm "
    "status, corosync-cfgtool -s, cat /etc/pve/corosync.conf …",
    fr="--help après une action fait de même. Sujets : {topics}. Les commandes connues du shell sont comprises aussi : pvecm "
    "status, corosync-cfgtool -s, cat /etc/pve/corosync.conf …",
)
TYPE = Text(en="Type", fr="Tapez")
SHOWS = Text(en="It shows", fr="Ce qui s'affiche")
EXPLAINS = Text(en="It explains", fr="Ce qui est expliqué")
ANYWHERE = Text(en="With any of them", fr="Avec chacune")
CLUSTER_OPTION = Text(
    en="--cluster NAME chooses the cluster; without it the channel's own, or the only one",
    fr="--cluster NOM choisit le cluster ; sans lui, celui du canal, ou le seul",
)
LATER = Text(en="Not in this version", fr="Pas dans cette version")
FIRST = Text(en="Start with /pve-cluster status", fr="Commencez par /pve-cluster status")
EACH = Text(en="More on one action: /pve-cluster help nodes", fr="Plus sur une action : /pve-cluster help nodes")
MORE = Text(en="All actions: /pve-cluster help", fr="Toutes les actions : /pve-cluster help")
ABOUT = Text(en="{action}: {summary}", fr="{action} : {summary}")
WHAT_IT_DOES = Text(en="Behind it", fr="Derrière")
NO_SUCH_TOPIC = Text(en="The help has nothing on “{topic}”. {hint}", fr="L'aide n'a rien sur « {topic} ». {hint}")
DID_YOU_MEAN = Text(en="Did you mean “{near}”?", fr="Vouliez-vous dire « {near} » ?")
IT_HAS = Text(en="It has: {known}", fr="Elle a : {known}")
