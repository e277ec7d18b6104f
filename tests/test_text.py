"""Words in two languages, and names that are safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import ClusterName, NodeName, Secret, Topic, shortened
from bot.text import Refused, Text, counted, same


def test_a_sentence_that_names_other_values_in_french_is_refused() -> None:
    with pytest.raises(ValueError, match="same values"):
        Text(en="{node} is off", fr="{noeud} est éteint")


def test_a_text_within_a_text_is_in_the_same_language() -> None:
    inner = Text(en="three", fr="trois")
    assert Text(en="{n} votes", fr="{n} voix").fill(n=inner).to("fr") == "trois voix"


@pytest.mark.parametrize(
    ("n", "en", "fr"), [(0, "0 errors", "0 erreur"), (1, "1 error", "1 erreur"), (2, "2 errors", "2 erreurs")]
)
def test_each_language_has_its_own_plural(n: int, en: str, fr: str) -> None:
    said = counted(n, en=("error", "errors"), fr=("erreur", "erreurs"))
    assert (said.to("en"), said.to("fr")) == (en, fr)


def test_a_byte_that_is_no_utf_8_is_shown_and_never_breaks_a_text() -> None:
    said = same(b"caf\xe9".decode(errors="surrogateescape")).to("en")
    assert said == "caf\N{REPLACEMENT CHARACTER}"
    assert said.encode()


def test_every_value_is_escaped_and_the_sentence_is_not() -> None:
    said = Text(en="<{who}> and {inner}", fr="<{who}> et {inner}").fill(who="<b>", inner=same("<i>"))
    assert said.to("en", lambda value: value.replace("<", "&lt;")) == "<&lt;b>> and &lt;i>"


@pytest.mark.parametrize("name", ["pve01", "PVE-01", "a", "1", "a" * 63])
def test_a_host_label_is_a_node_name(name: str) -> None:
    assert NodeName(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a b", "a.b", "a;b", "$(id)", "../x", "a\n", "пве", "a" * 64, "--help", "a_b", "😀"]
)
def test_anything_else_is_not(name: str) -> None:
    with pytest.raises(Refused):
        NodeName(name)


@given(st.text())
def test_no_accepted_name_needs_quoting(name: str) -> None:
    for kind in (NodeName, ClusterName, Topic):
        try:
            accepted = kind(name)
        except Refused:
            continue
        assert accepted.replace("-", "").isalnum()
        assert accepted.isascii()
        assert not accepted.startswith("-")


def test_a_cluster_name_has_fifteen_characters_at_most() -> None:
    assert ClusterName("a" * 15)
    with pytest.raises(Refused):
        ClusterName("a" * 16)


def test_what_is_repeated_back_is_short() -> None:
    assert len(shortened("x" * 100_000)) == 60
    assert shortened("pve01") == "pve01"


def test_a_secret_is_told_only_when_it_is_asked_for() -> None:
    token = Secret("xoxb-1234")
    assert token.reveal() == "xoxb-1234"
    assert {str(token), repr(token), f"{token}", f"{token!r}"} == {"***"}
