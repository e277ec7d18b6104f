"""/pve-cluster join: what is derived, what forbids it, what is approved, what guards it."""

from __future__ import annotations

import pytest

from bot.action import Level
from bot.actions import load_actions
from bot.actions.join.check import check
from bot.actions.join.typed import Fingerprint, Peer
from bot.command_line import parse
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.situation import Layout
from bot.text import Refused, same
from tests.actions import joining_node as node
from tests.actions.joining_node import CONF, NEW, OVER_API, OVER_SSH, Said, args, failing, interfaces, look, planned
from tests.recorded import answers

FINGERPRINT = planned(look()).steps[0].argv[4]


def told(more: Said | None = None, line: str = OVER_API) -> list[str]:
    """All that is no refusal."""
    return [found.text.to("en") for found in check(args(line), look(more, line)) if not found.blocks]


# What is typed


@pytest.mark.parametrize(("word", "kept"), [("10.0.1.11", "10.0.1.11"), ("FD00::0:1", "fd00::1"), ("pve01", "pve01")])
def test_a_member_is_an_address_or_a_name(word: str, kept: str) -> None:
    assert Peer(word) == kept


@pytest.mark.parametrize(
    "word", ["10.0.1", "10.0.1.256", "fd00:::1", "a.b", "-x", "", "pve01.example.com", "fe80::1%eth0"]
)
def test_a_member_is_nothing_else(word: str) -> None:
    with pytest.raises(Refused):
        Peer(word)


def test_a_fingerprint_is_that_of_a_certificate_and_never_of_ssh() -> None:
    assert Fingerprint(":".join(["ab"] * 32)) == ":".join(["AB"] * 32)
    for wrong in ("SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", ":".join(["AB"] * 20), "AB" * 32):
        with pytest.raises(Refused, match="not the one of SSH"):
            Fingerprint(wrong)


def test_ring_addresses_are_taken_as_links_and_said() -> None:
    line = f"{OVER_API} --ring0_addr 10.0.1.14"
    assert args(line).link0 == "10.0.1.14"
    assert "--ring0_addr was taken as --link0: pvecm knows the old name no longer" in [
        found.text.to("en") for found in planned(look(line=line), line).findings
    ]


def test_the_old_word_of_pvecm_is_understood() -> None:
    assert parse("pvecm add 10.0.1.11 --node pve04", load_actions()).action.name == "join"


# What is derived


@pytest.mark.parametrize("member", ["pve01", "10.0.1.11", "10.0.2.11", "10.0.0.11"])
def test_a_member_is_known_by_its_name_and_by_each_of_its_addresses(member: str) -> None:
    line = f"join {member} --node pve04"
    assert node.refused({(NEW, f"timeout 8 openssl s_client -connect {member}:8006"): node.PEM}, line) == []
    assert planned(look(line=line), line).steps[0].argv[2] == (member if member[0] == "1" else "10.0.1.11")


def test_the_links_of_the_cluster_are_derived_from_its_networks() -> None:
    (step,) = planned(look()).steps
    assert step.argv == ("pvecm", "add", "10.0.1.11", "--fingerprint", FINGERPRINT, *LINKS)


LINKS = ("--link0", "10.0.1.14", "--link1", "10.0.2.14")


def test_a_link_that_is_given_is_taken_and_the_other_one_derived() -> None:
    more = {(NEW, node.ADDRESSES): interfaces("10.0.0.14/24", "10.0.1.14/24", "10.0.2.14/24", "10.0.2.24/24")}
    assert "several addresses in 10.0.2.0/24" in node.refused(more)[0]
    line = f"{OVER_API} --link1 10.0.2.24"
    assert node.refused(more, line) == []
    assert planned(look(more, line), line).steps[0].argv[5:] == (*LINKS[:3], "10.0.2.24")


def test_addresses_of_ipv6_are_derived_alike() -> None:
    six = CONF.replace("10.0.2.1", "fd00::1")
    more = {(f"pve0{n}", "cat /etc/pve/corosync.conf"): six for n in (1, 2, 3)}
    more |= {(f"pve0{n}", node.ADDRESSES): interfaces(f"10.0.1.1{n}/24", f"fd00::1{n}/64") for n in (1, 2, 3, 4)}
    found = node.refused({**more, (NEW, node.NAME): "10.0.1.14\n"})
    assert found == []
    assert planned(look(more)).steps[0].argv[-1] == "fd00::14"


def test_a_custom_certificate_of_pveproxy_comes_before_the_nodes_own() -> None:
    """What is needed is the one that port 8006 shows, never the CA's."""
    custom = Authority(Layout(), 1_790_000_000).custom("pve01")
    files = f"==> /etc/pve/local/pve-ssl.pem <==\n{node.PEM}\n==> /etc/pve/local/pveproxy-ssl.pem <==\n{custom}"
    more = {("pve01", node.CERTIFICATES): files, (NEW, node.SERVED): custom}
    assert node.refused(more) == []
    assert planned(look(more)).steps[0].argv[4] not in {FINGERPRINT, ""}


# What forbids it, beyond the one case of each in the lab


def test_everything_that_forbids_it_is_said_at_once() -> None:
    more = {(NEW, node.GUESTS): "/etc/pve/nodes/old/lxc/7.conf\n", (NEW, node.NAME): "127.0.1.1\n"}
    assert len(node.refused(more)) == 2


def test_a_second_factor_and_a_certificate_do_not_matter_over_ssh() -> None:
    more: Said = {("pve01", node.TFA): "1\n", ("pve01", node.CERTIFICATES): same("timed out")}
    assert node.refused(more, OVER_SSH) == []


def test_the_fix_of_a_missing_key_is_the_line_itself() -> None:
    more = {("pve01", node.LOGINS): node.logins(node.key("pve01"))}
    (found,) = (each for each in check(args(), look(more)) if each.blocks)
    assert found.fix is not None
    assert node.BOT in found.fix.to("fr")


@pytest.mark.parametrize(("version", "is_refused"), [("8.4.1", True), ("9.0.3", False), ("10.0.0", True)])
def test_only_another_major_version_forbids(version: str, *, is_refused: bool) -> None:
    more = {(NEW, node.PVE): f"Package: pve-manager\nStatus: install ok installed\nVersion: {version}\n"}
    assert bool(node.refused(more)) is is_refused
    assert f"pve04 runs Proxmox VE {version}, pve01 9.1.1" in told(more)


@pytest.mark.parametrize(("seconds", "is_refused"), [("5.9", False), ("6.0", True), ("4.0", True)])
def test_clocks_must_be_less_than_a_second_apart(seconds: str, *, is_refused: bool) -> None:
    assert bool(node.refused({(NEW, node.DATE): f"{seconds}00000000\n"})) is is_refused


ASKED_OF_NEW = [node.NAME, node.ADDRESSES, node.GUESTS, node.LEFTOVERS, node.QUORUM, node.PVE, node.DATE, node.SERVED]


@pytest.mark.parametrize("question", [*ASKED_OF_NEW, "bash"])
def test_what_the_new_node_does_not_say_is_not_taken_for_well(question: str) -> None:
    assert any("pve04 does not say" in text for text in node.refused({(NEW, question): same("timed out")}))


@pytest.mark.parametrize("question", [node.LOGINS, node.TFA, node.CERTIFICATES])
def test_nor_what_the_member_does_not_say(question: str) -> None:
    assert any("pve01 does not say" in text for text in node.refused({("pve01", question): same("timed out")}))


@pytest.mark.parametrize("line", [OVER_API, OVER_SSH])
@pytest.mark.parametrize("stray", ["pve01", "pve03"])
def test_a_node_of_another_cluster_with_the_same_numbers_is_no_member(stray: str, line: str) -> None:
    more = {(stray, "cat /etc/pve/corosync.conf"): node.CONF.replace("pve-lab", "other")}
    found = node.refused(more, line)
    assert any("do not see the same ring" in text and f"{stray}: other" in text for text in found), found


@pytest.mark.parametrize("line", [OVER_API, OVER_SSH])
def test_a_member_that_answers_as_another_lends_nobody_its_keys(line: str) -> None:
    as_other = f"==> /proc/sys/kernel/hostname <==\npve02\n\n==> /etc/corosync/corosync.conf <==\n{node.CONF}"
    assert node.refused({("pve01", node.IDENTITY): as_other}, line) == ["The host that answers as pve01 is named pve02"]


# What the approvers are told


def test_what_is_replaced_and_where_its_copy_lies_is_said() -> None:
    found = check(args(), look())
    (replaced,) = (each for each in found if "gives way to the cluster's" in each.text.to("en"))
    assert replaced.fix is not None
    assert "/var/lib/pve-cluster/backup/config-" in replaced.fix.to("fr")


def test_whose_keys_go_is_said_by_name() -> None:
    more = {(NEW, node.LOGINS): node.logins(f"{node.BOT} bot", node.key("pve04"), "ssh-ed25519 AAAAanna anna@laptop")}
    assert [text for text in told(more) if "could not log in any more: anna@laptop" in text]


def test_from_one_node_to_two_there_is_no_quorum_meanwhile() -> None:
    """Of three with one silent it is the same: two of four votes."""
    gone = {("pve03", "*"): same("off")}
    less = {(f"pve0{n}", node.QUORUM): _two_of_three(n) for n in (1, 2)}
    found = told({**gone, **less})
    assert any("there is no quorum: 2 of 3 votes needed" in text for text in found), found
    assert "pve03 does not answer: off" in found


def _two_of_three(node_id: int) -> str:
    view = answers(node.SITUATION, node.QUORUM)[node_id - 1].stdout
    lines = [line for line in view.splitlines() if not line.startswith("0x00000003")]
    return (
        "\n".join(lines)
        .replace("Total votes:      3", "Total votes:      2")
        .replace("Nodes:            3", "Nodes:            2")
    )


def test_even_and_odd_are_told_with_their_numbers() -> None:
    assert any(text.startswith("4 votes afterwards, an even number: 3 needed, 1 more may fail") for text in told())
    line = f"{OVER_API} --votes 2"
    assert "5 votes afterwards: 3 needed, 1 more may fail" in told(line=line)
    made = planned(look(line=line), line)
    assert made.before is not None
    assert made.after is not None
    assert (made.before.present, made.before.expected, made.after.present, made.after.expected) == (3, 3, 5, 5)


def test_names_that_one_side_does_not_know_are_said_and_forbid_nothing() -> None:
    known = "10.0.0.11 pve01\n10.0.0.12 pve02\n"
    more = {(NEW, "getent hosts pve01 pve02 pve03"): failing("", 2, known)}
    assert "pve04 does not know these names: pve03" in told(more)
    assert node.refused(more) == []


@pytest.mark.parametrize("line", [OVER_API, OVER_SSH, f"{OVER_API} --nodeid 1 --link5 10.0.0.14 --link0 10.0.1.12"])
def test_every_finding_is_said_in_both_languages(line: str) -> None:
    for found in check(args(line), look(line=line)):
        assert found.text.to("en") != found.text.to("fr")
        assert found.fix is None or found.fix.to("en") != found.fix.to("fr")
        assert found.level in Level
