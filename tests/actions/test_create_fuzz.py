"""Whatever is typed after `create`: it is refused, or arrives as it was typed, and nothing else is in the plan."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from bot.action import EachNode
from bot.actions import load_actions
from bot.actions.create import change
from bot.actions.create.facts import Args, Facts
from bot.cluster.link_address import LinkAddress
from bot.cluster.own_name import OwnName
from bot.command_line import SLASH, parse
from bot.names import ClusterName, NodeName, Number
from bot.text import Refused
from tests.actions.lone_host import look

ACTIONS = load_actions()
WORD = re.compile(r"[A-Za-z0-9.:,=-]+")
OWN = frozenset({"pvecm", "create", "--nodeid", "--votes", *(f"--link{number}" for number in range(8))})
links = st.builds(
    lambda ip, form: form.format(ip),
    st.ip_addresses(v=4) | st.ip_addresses(v=6),
    st.sampled_from(["{}", "address={}", "{},priority=7", "address={},priority=255"]),
)
odd = st.text(alphabet=st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [
        "$(reboot)",
        "a;b",
        "--force",
        "-f",
        "`id`",
        "a b",
        "'",
        '"',
        "\\",
        "a\nb",
        "a\x00b",
        "../x",
        "é",
        "",
        "0",
        "1e3",
        "%n",
        "${X}",
    ]
)
names = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,13}[a-zA-Z0-9])?", fullmatch=True)
numbers = st.integers(1, 999_999).map(str)


@cache
def facts() -> Facts:
    return look()


@given(name=names, given_links=st.lists(links, min_size=1, max_size=8), votes=numbers, nodeid=numbers)
def test_what_is_good_arrives_as_it_was_typed(name: str, given_links: list[str], votes: str, nodeid: str) -> None:
    typed = [word for number, link in enumerate(given_links) for word in (f"--link{number}", link)]
    line = " ".join(["create", name, "--node", "pve01", "--votes", votes, *typed, "--nodeid", nodeid])
    (step,) = change.plan(parse(line, ACTIONS).args, facts())
    votes_, nodeid_ = str(int(votes)), str(int(nodeid))
    assert step.argv == ("pvecm", "create", name, *typed, "--nodeid", nodeid_, "--votes", votes_)


@given(words=st.lists(odd | links | names | st.sampled_from(sorted(OWN)), max_size=8))
def test_whatever_is_typed_is_refused_or_no_word_of_the_plan_is_anything_else(words: list[str]) -> None:
    try:
        args = parse(" ".join(["create", *words, "--node", "pve01"]), ACTIONS).args
    except Refused:
        return
    assert_known(args, " ".join(words))


@given(word=odd)
def test_no_type_lets_a_word_through_that_is_not_of_the_grammar(word: str) -> None:
    for kind in (ClusterName, NodeName, LinkAddress, Number):
        try:
            assert WORD.fullmatch(str(kind(word)))
            assert not word.startswith("-")
        except Refused:
            continue


@given(answer=st.ip_addresses().filter(lambda ip: not ip.is_loopback).map(str))
def test_the_one_word_that_nobody_typed_is_the_node_s_own_answer(answer: str) -> None:
    known = replace(facts(), own_name=EachNode({NodeName("pve01"): OwnName((answer,))}, {}))
    (step,) = change.plan(parse("create p --node pve01", ACTIONS).args, known)
    assert step.argv == ("pvecm", "create", "p", "--link0", answer)


def assert_known(args: object, typed: str) -> None:
    """Every word is the action's own, or stands in the line, or is the answer of the node to what its name means."""
    assert isinstance(args, Args)
    (step,) = change.plan(args, facts())
    for word in step.argv:
        assert word in OWN or word in typed.replace(SLASH, "") or word == "10.0.0.11" or word.isdecimal()
        assert WORD.fullmatch(word)
