"""What is approved, as bytes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Finding, Level, Risk, Step, Votes
from bot.names import NodeName
from bot.plan import Host, Plan, hash_of, read
from bot.text import Text, literal, same
from tests.asking import PVE01, plan

words = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.integers(0, 10**6)
texts = st.builds(literal, words, words) | words.map(same)
nodes = st.sampled_from(["pve01", "pve02"]).map(NodeName)
json = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
steps = st.builds(Step, nodes, texts, st.lists(words, min_size=1, max_size=4).map(tuple), words, numbers, words, words)
votes = st.none() | st.builds(Votes, numbers, numbers, numbers, st.booleans(), numbers)
plans = st.builds(
    Plan,
    cluster=words,
    line=words,
    action=words,
    verb=words,
    risk=st.sampled_from(Risk),
    words=texts,
    steps=st.lists(steps, max_size=3).map(tuple),
    undo=texts,
    rests_on=st.dictionaries(words, json, max_size=4),
    hosts=st.dictionaries(nodes, st.builds(Host, words, words)),
    findings=st.lists(
        st.builds(Finding, st.sampled_from(Level), texts, st.none() | texts, st.booleans()), max_size=2
    ).map(tuple),
    before=votes,
    after=votes,
    confirm=words,
    statement=st.none() | texts,
)


@given(plans)
def test_a_stored_plan_is_read_back_to_the_same_bytes(made: Plan) -> None:
    again = read(made.text)
    assert again.text == made.text
    assert hash_of(again.text) == hash_of(made.text)


def test_a_step_without_a_marker_has_the_bytes_it_always_had() -> None:
    assert "marker" not in plan().text


@given(plans)
def test_what_is_sent_to_nodes_is_read_back_as_it_was(made: Plan) -> None:
    again = read(made.text)
    assert [(s.on, s.argv, s.guard, s.timeout_s, s.secret, s.marker) for s in again.steps] == [
        (s.on, s.argv, s.guard, s.timeout_s, s.secret, s.marker) for s in made.steps
    ]
    assert (again.hosts, again.rests_on, again.before, again.after) == (
        made.hosts,
        made.rests_on,
        made.before,
        made.after,
    )


@given(plans)
def test_a_stored_plan_reads_alike_in_each_language(made: Plan) -> None:
    again = read(made.text)
    for language in ("en", "fr"):
        assert again.words.to(language) == made.words.to(language)
        assert again.undo.to(language) == made.undo.to(language)


STEP = plan().steps[0]


@pytest.mark.parametrize(
    "other",
    [
        replace(plan(), cluster="pve-test"),
        replace(plan(), line="expected set 2"),
        replace(plan(), risk=Risk.CHANGE),
        replace(plan(), steps=()),
        replace(plan(), steps=(replace(STEP, argv=("pvecm expected", "1")),)),
        replace(plan(), steps=(replace(STEP, guard="false\n"),)),
        replace(plan(), steps=(replace(STEP, timeout_s=61),)),
        replace(plan(), steps=(replace(STEP, on=NodeName("pve02")),)),
        replace(plan(), steps=(replace(STEP, secret="peer"),)),
        replace(plan(), hosts={PVE01: Host("root@192.0.2.1:22", "SHA256:two")}),
        replace(plan(), rests_on={**plan().rests_on, "config_version": 8}),
        replace(plan(), findings=()),
        replace(plan(), before=None),
        replace(plan(), confirm="pve01"),
        replace(plan(), statement=same("How do you know?")),
        replace(plan(), words=Text(en="Expect {n}", fr="Attendre {n}").fill(n=2)),
    ],
)
def test_whatever_differs_gives_another_hash(other: Plan) -> None:
    assert hash_of(other.text) != hash_of(plan().text)


def test_the_bytes_hold_both_languages_whoever_reads_them() -> None:
    assert "Expect 1" in plan().text
    assert "Attendre 1" in plan().text


def test_the_order_of_facts_and_hosts_does_not_count() -> None:
    turned = replace(plan(), rests_on=dict(sorted(plan().rests_on.items(), reverse=True)))
    assert turned.text == plan().text


def test_a_plan_of_another_version_is_not_read() -> None:
    with pytest.raises(ValueError, match="another version"):
        read(plan().text.replace('"v":1', '"v":2'))
