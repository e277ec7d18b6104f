import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Level
from bot.cluster.corosync_lint import RULES, lint, worst
from bot.names import NodeName

CASES = json.loads((Path(__file__).parents[1] / "data/corosync/conf-cases.json").read_text(encoding="utf-8"))


def conf(nodes: int = 4, links: int = 2) -> str:
    """A file that breaks no rule, with four nodes and two links."""
    interfaces = "".join(f"  interface {{\n    linknumber: {link}\n  }}\n" for link in range(links))
    listed = "".join(
        f"  node {{\n    name: pve0{n}\n    nodeid: {n}\n    quorum_votes: 1\n"
        + "".join(f"    ring{link}_addr: 10.0.{link}.1{n}\n" for link in range(links))
        + "  }\n"
        for n in range(1, nodes + 1)
    )
    return (
        "totem {\n  version: 2\n  config_version: 7\n  cluster_name: prod\n  secauth: on\n  link_mode: passive\n"
        f"{interfaces}}}\nnodelist {{\n{listed}}}\nquorum {{\n  provider: corosync_votequorum\n}}\n"
        "logging {\n  debug: off\n}\n"
    )


def device(votes: int = 1, host: str = "10.0.5.1", algorithm: str = "ffsplit", model: str = "    model: net\n") -> str:
    net = f"    net {{\n      host: {host}\n      algorithm: {algorithm}\n    }}\n"
    return f"  device {{\n{model}    votes: {votes}\n{net}  }}\n"


def totem(line: str) -> str:
    return conf().replace("  secauth: on\n", f"  secauth: on\n  {line}\n")


def quorum(lines: str, nodes: int = 4) -> str:
    return conf(nodes).replace("votequorum\n", f"votequorum\n{lines}")


def without(line: str, nodes: int = 4, links: int = 2) -> str:
    return conf(nodes, links).replace(line, "", 1)


def swapped(old: str, new: str) -> str:
    assert old in conf()
    return conf().replace(old, new, 1)


BROKEN = [
    ("syntax", "totem\n", Level.BAD),
    ("number", totem("token: soon"), Level.BAD),
    ("number", totem("token: " + "9" * 400), Level.BAD),
    ("number", swapped("linknumber: 1", "linknumber: 1\n    knet_link_priority: 256"), Level.BAD),
    ("word", swapped("secauth: on", "secauth: maybe"), Level.BAD),
    ("word", swapped("corosync_votequorum", "magic"), Level.BAD),
    ("empty-value", totem("token:"), Level.BAD),
    ("comment-after-value", swapped("secauth: on", "secauth: on # safe"), Level.BAD),
    ("unknown-key", totem("tokenn: 5000"), Level.WARNING),
    ("unknown-section", conf() + "frobnicate {\n}\n", Level.WARNING),
    ("unknown-section", "\ufeff" + conf(), Level.BAD),
    ("key-outside-section", "token: 5000\n" + conf(), Level.WARNING),
    ("repeated-key", totem("secauth: on"), Level.WARNING),
    ("long-line", totem("cluster_name: " + "x" * 600), Level.BAD),
    ("totem-version", without("  version: 2\n"), Level.BAD),
    ("totem-version", swapped("version: 2", "version: 3"), Level.BAD),
    ("config-version", without("  config_version: 7\n"), Level.BAD),
    ("config-version", swapped("config_version: 7", "config_version: one"), Level.BAD),
    ("config-version", swapped("config_version: 7", "config_version: 0"), Level.BAD),
    ("cluster-name", without("  cluster_name: prod\n"), Level.WARNING),
    ("cluster-name", swapped("cluster_name: prod", "cluster_name: " + "x" * 16), Level.WARNING),
    ("secauth", swapped("secauth: on", "secauth: off"), Level.WARNING),
    ("transport", totem("transport: udpu"), Level.BAD),
    ("transport", totem("transport: udp").replace("secauth: on", "secauth: off"), Level.WARNING),
    ("link-mode", swapped("link_mode: passive", "link_mode: rr"), Level.NOTE),
    ("unlisted-ips", totem("block_unlisted_ips: no"), Level.WARNING),
    ("token-range", totem("token: 999"), Level.BAD),
    ("token-range", totem("token: 20001"), Level.BAD),
    ("token-range", totem("token: 0"), Level.WARNING),
    ("consensus", totem("token: 5000\n  consensus: 6000"), Level.BAD),
    ("consensus", totem("token: 5000\n  consensus: 7559"), Level.BAD),
    ("consensus-below-join", totem("join: 6000"), Level.BAD),
    ("watchdog", totem("token: 13000"), Level.WARNING),
    ("watchdog", totem("token: 20000\n  token_coefficient: 3000"), Level.BAD),
    ("cargo", totem("join: 60"), Level.WARNING),
    ("cargo", totem("max_messages: 20"), Level.WARNING),
    ("cargo", totem("token_retransmits_before_loss_const: 10"), Level.WARNING),
    ("too-many-retransmits", totem("token_retransmits_before_loss_const: 150"), Level.BAD),
    ("too-short", totem("merge: 29"), Level.BAD),
    ("no-nodes", conf(nodes=0), Level.BAD),
    ("node-name", without("    name: pve02\n"), Level.BAD),
    ("node-name", without("    name: pve02\n", links=1), Level.WARNING),
    ("node-name", swapped("name: pve02", "name: pve02.example.com"), Level.BAD),
    ("node-id", without("    nodeid: 2\n"), Level.BAD),
    ("same-name", swapped("name: pve02", "name: pve01"), Level.BAD),
    ("same-id", swapped("nodeid: 2", "nodeid: 01"), Level.BAD),
    ("same-address", swapped("10.0.0.12", "10.0.1.13"), Level.BAD),
    ("address", swapped("10.0.0.12", "pve02.example.com"), Level.BAD),
    ("address", swapped("10.0.0.12", "10.0.1.999"), Level.BAD),
    ("address", swapped("10.0.0.12", "127.0.1.1"), Level.BAD),
    ("votes", swapped("quorum_votes: 1", "quorum_votes: 3"), Level.WARNING),
    ("different-links", without("    ring1_addr: 10.0.1.12\n"), Level.BAD),
    ("link-too-high", conf().replace("ring1_addr", "ring8_addr"), Level.BAD),
    ("one-link", conf(links=1), Level.NOTE),
    ("mixed-families", swapped("10.0.1.12", "fd00::12"), Level.BAD),
    ("no-interface", without("  interface {\n    linknumber: 1\n  }\n"), Level.BAD),
    ("no-linknumber", without("    linknumber: 0\n"), Level.WARNING),
    ("same-linknumber", swapped("linknumber: 1", "linknumber: 0"), Level.BAD),
    ("unused-interface", swapped("linknumber: 1", "linknumber: 3"), Level.WARNING),
    (
        "priority-on-one-link",
        conf(links=1).replace("linknumber: 0", "linknumber: 0\n    knet_link_priority: 5"),
        Level.NOTE,
    ),
    ("no-provider", without("  provider: corosync_votequorum\n"), Level.BAD),
    ("two-node", quorum("  two_node: 1\n"), Level.BAD),
    ("two-node", quorum("  two_node: 1\n" + device(), nodes=2), Level.BAD),
    ("two-node", quorum("  two_node: 1\n", nodes=2), Level.WARNING),
    ("foreign-mode", quorum("  last_man_standing: 1\n"), Level.WARNING),
    ("foreign-mode", quorum("  auto_tie_breaker: 1\n" + device()), Level.BAD),
    ("expected-votes", quorum("  expected_votes: 4\n"), Level.WARNING),
    ("two-nodes-alone", conf(nodes=2), Level.NOTE),
    ("device-model", quorum(device(model="")), Level.BAD),
    ("device-host", quorum(device(host="10.0.0.11")), Level.BAD),
    ("device-host", quorum(device(host="qnetd.example.com")), Level.NOTE),
    ("device-host", quorum("  device {\n    model: net\n  }\n"), Level.BAD),
    ("device-votes", quorum(device(votes=3)), Level.BAD),
    ("device-votes", quorum(device(algorithm="lms")), Level.BAD),
    ("device-votes", quorum(device(algorithm="coin")), Level.BAD),
    ("device-with-odd-nodes", quorum(device(), nodes=3), Level.WARNING),
]
SOUND = [
    conf(),
    conf(nodes=1),
    conf(nodes=9),
    quorum(device()),
    quorum(device(votes=3, algorithm="lms")),
    totem("token: 1000"),
    totem("token: 5000\n  consensus: 7560"),
    totem("token: 5000\n  token_coefficient: 125\n  consensus: 6300"),
    totem("token: 12000"),
    totem("join: 50\n  max_messages: 17"),
    swapped("linknumber: 1", "linknumber: 1\n    knet_link_priority: 255"),
    swapped("secauth: on", "crypto_cipher: aes256\n  crypto_hash: sha256"),
]


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_file_has_no_flaw(text: str) -> None:
    assert lint(text, NodeName("pve01")) == ()


@pytest.mark.parametrize(("rule", "text", "level"), BROKEN)
def test_a_broken_rule_is_found_at_its_level_in_both_languages(rule: str, text: str, level: Level) -> None:
    found = [flaw for flaw in lint(text) if flaw.rule == rule]
    assert found
    assert max((flaw.level for flaw in found), key=[Level.NOTE, Level.WARNING, Level.BAD].index) is level
    for flaw in found:
        assert flaw.what.to("en") != flaw.what.to("fr")
        assert "{" not in flaw.what.to("fr").replace("nodelist {", "").replace("interface {", "")
        assert flaw.fix.to("en") != flaw.fix.to("fr") or "`" in flaw.fix.to("en")
        assert 0 <= flaw.line <= text.count("\n") + 1


def test_every_rule_is_broken_by_a_test() -> None:
    named = {rule.__name__.replace("_", "-") for rule in RULES}
    assert named - {rule for rule, _, _ in BROKEN} == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_whatever_corosync_refuses_is_broken_here_too(case: dict[str, str | int]) -> None:
    refused = case["corosync_t_exit"] != 0 or case["corosync_f_exit"] != 124
    bad = worst(lint(str(case["conf"]), NodeName("pve01"))) is Level.BAD
    assert bad or not refused


def test_the_line_is_the_one_at_fault() -> None:
    text = totem("token: abc")
    flaw = next(flaw for flaw in lint(text) if flaw.rule == "number")
    assert text.splitlines()[flaw.line - 1].strip() == "token: abc"


def test_the_example_that_people_copy_is_found_out() -> None:
    text = totem("token: 5000\n  join: 60\n  consensus: 6000\n  max_messages: 20")
    assert {flaw.rule for flaw in lint(text)} == {"consensus", "cargo"}


@pytest.mark.parametrize(("retransmits", "refused"), [(143, False), (144, True)])
def test_retransmits_must_leave_thirty_milliseconds_of_the_token_to_each(*, retransmits: int, refused: bool) -> None:
    """Four nodes: 4300 ms; of 143.2 parts each has 30.03 ms, of 144.2 parts 29.8."""
    text = totem(f"token_retransmits_before_loss_const: {retransmits}")
    assert ("too-many-retransmits" in {flaw.rule for flaw in lint(text)}) is refused


def test_sections_nested_without_end_are_a_mistake_with_its_line() -> None:
    (flaw,) = lint("a {\n" * 5000)
    assert (flaw.rule, flaw.line) == ("syntax", 33)


def test_an_interface_or_a_device_of_one_node_is_no_plural() -> None:
    told = [
        flaw.what.to("en") for flaw in lint(quorum("  two_node: 1\n" + device(votes=3, algorithm="ffsplit"), nodes=1))
    ]
    assert any("makes the cluster depend" in text and "with 1 node," in text for text in told)
    assert any("the QDevice has 1 vote here" in text for text in told)


def test_a_misspelt_key_is_answered_with_the_right_one() -> None:
    assert lint(totem("tokenn: 5000"))[0].fix.to("en") == "Did you mean `token`?"


def test_a_file_that_does_not_list_its_own_node_is_broken() -> None:
    assert [flaw.rule for flaw in lint(conf(), NodeName("pve09"))] == ["local-node"]


@given(st.text())
def test_no_text_makes_the_lint_fail(text: str) -> None:
    lint(f"totem {{\n token: {text}\n}}\n{text}")
