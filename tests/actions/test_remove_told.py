"""/pve-cluster remove NODE: what its approvers are told, beside what forbids it."""

from __future__ import annotations

from bot.action import Level
from bot.text import same
from tests.actions.dead_node import RULES, STORAGES, findings, headed, look, refused, three, told


def test_the_approvers_read_what_was_tried_and_that_it_may_never_come_back() -> None:
    said = told(look())
    assert said[0] == (
        "pve05 does not answer the bot: timed out. Nor does anything answer pve01, pve02, pve03, pve04 at 10.0.1.15 "
        "(ping, TCP 22 and 8006)"
    )
    assert said[1].startswith("pve05 must never start again on this network as it is")
    assert said[2].startswith("`Could not kill node (error = CS_ERR_NOT_EXIST)` in the output is harmless")


def test_the_last_failure_that_is_survived_is_a_warning() -> None:
    warning = "After it the cluster survives no further failure"
    assert warning not in told(look())
    assert warning in told(look({**three("pve04"), ("pve04", "*"): same("off")})), "three of four left"


def test_a_qdevice_with_a_dead_node_goes_after_it() -> None:
    facts = look(node="pve02", situation="two-node-qdevice-node-down", more={("pve02", "*"): same("off")})
    found = [each for each in findings(facts, "pve02") if each.text.en.startswith("There is a QDevice")]
    assert [each.level for each in found] == [Level.NOTE]
    assert found[0].fix is not None
    assert "`pvecm qdevice remove` afterwards" in found[0].fix.to("en")


def test_rules_and_storages_that_only_name_it_are_notes_with_the_command() -> None:
    more = {
        ("pve01", RULES): headed(
            RULES, "node-affinity: near\n\tnodes pve05:2,pve01:1\n", "group: old\n\tnodes pve02,pve05\n"
        ),
        ("pve01", STORAGES): "nfs: nas\n\tnodes pve05,pve02\n\ndir: own\n\tnodes pve05\n",
    }
    found = {
        f.text.to("en"): f.fix.to("en")
        for f in findings(look(more))
        if f.fix and "names" in f.text.en + f.text.to("en")
    }
    assert refused(look(more)) == []
    assert found == {
        "The HA rule near names pve05": "To type on a member: ha-manager rules set node-affinity near --nodes pve01:1",
        "The HA rule old names pve05": "To type on a member: ha-manager groupset old --nodes pve02",
        "The storage nas names pve05": "To type on a member: pvesm set nas --nodes pve02",
    }
    assert "The storage own is for pve05 alone" in told(look(more))
