"""`/etc/pve/.members`, `manager_status` and the other small answers of a node."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Output, Unreadable
from bot.cluster.clock import Clock
from bot.cluster.guests import Count, Guests
from bot.cluster.ha import Ha
from bot.cluster.members import Listed, Members
from bot.cluster.qdevice import QdeviceDaemon
from bot.cluster.versions import Booted, CorosyncVersion, PveVersion
from bot.names import NodeName
from tests.recorded import MEMBERS, SITUATIONS, answers

PVE01 = NodeName("pve01")


def said(text: str, exit_: int = 0, stderr: str = "") -> Output:
    return Output(PVE01, exit_, text, stderr)


@pytest.mark.parametrize("recording", MEMBERS, ids=[r["scenario"] for r in MEMBERS])
def test_every_recorded_member_list_is_understood(recording) -> None:
    seen = Members.parse(said(recording["stdout"]))
    assert seen.mounted
    assert seen.me == recording["node"]
    assert bool(seen.cluster) is ('"cluster"' in recording["stdout"])


def test_a_node_that_never_was_online_has_no_address() -> None:
    text = next(r["stdout"] for r in MEMBERS if r["scenario"].startswith("03-join-more"))
    assert Members.parse(said(text)).nodes[NodeName("pve03")] == Listed(3, online=False, address="")


@pytest.mark.parametrize("why", ["No such file or directory", "Transport endpoint is not connected"])
def test_a_file_system_that_is_not_mounted_is_an_answer(why: str) -> None:
    assert not Members.parse(said("", 1, f"cat: /etc/pve/.members: {why}")).mounted


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cluster": 1}', '{"nodename": "a", "cluster": {}}', "null"])
def test_a_member_list_that_is_none_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Members.parse(said(text))


@pytest.mark.parametrize("ip", ["--force", "pve01.example.com", "10.0.0.11;reboot", "fe80::1%;reboot", "10.0.0"])
def test_an_address_that_is_none_is_unreadable(ip: str) -> None:
    """It becomes a word of `pvecm add`, and is tried by ping."""
    nodelist = {"pve01": {"id": 1, "online": 1, "ip": ip}}
    text = json.dumps({"nodename": "pve01", "cluster": {"name": "c", "version": 1, "quorate": 1}, "nodelist": nodelist})
    with pytest.raises(Unreadable, match="is no address"):
        Members.parse(Output(PVE01, 0, text))


def test_a_node_name_that_is_none_is_unreadable() -> None:
    cluster = {"name": "c", "version": 1, "nodes": 1, "quorate": 1}
    document = {"nodename": "a", "cluster": cluster, "nodelist": {"; rm -rf /": {"id": 1, "online": 1}}}
    with pytest.raises(Unreadable):
        Members.parse(said(json.dumps(document)))


def test_ha_is_armed_where_services_are_active_only() -> None:
    services = {"vm:100": {"node": "pve01", "state": "started"}, "ct:200": {"node": "pve02", "state": "stopped"}}
    assert Ha.parse(said(json.dumps({"service_status": services}))).armed == {"pve01"}
    assert not Ha.parse(said("", 1, "cat: …: No such file or directory")).armed


@pytest.mark.parametrize("situation", [s for s in SITUATIONS if answers(s, "corosync-qdevice-tool -s")])
def test_every_recorded_qdevice_daemon_is_understood(situation: str) -> None:
    for output in answers(situation, "corosync-qdevice-tool -s"):
        daemon = QdeviceDaemon.parse(output)
        assert daemon.running is (output.exit == 0)
        assert daemon.connected is ("Connected\n" in output.stdout)


def test_a_missing_qdevice_package_is_an_answer() -> None:
    assert not QdeviceDaemon.parse(said("", 127, "timeout: failed to run command")).installed


def test_versions_and_uptime_are_read_as_printed() -> None:
    assert (
        PveVersion.parse(said("Package: pve-manager\nStatus: install ok installed\nVersion: 9.1.1\n")).version
        == "9.1.1"
    )
    assert CorosyncVersion.parse(said("Corosync Cluster Engine, version '3.1.9'\nCopyright\n")).version == "3.1.9"
    assert Booted.parse(said("86461.55 170000.01\n6.17.2-1-pve\n")) == Booted(86461, "6.17.2-1-pve")


@pytest.mark.parametrize(
    ("fact", "text", "exit_"),
    [
        (PveVersion, "Status: deinstall ok config-files\nVersion: 8.4.1\n", 0),
        (PveVersion, "", 1),
        (Booted, "86461.55 170000.01\n", 0),
        (Booted, "86461.55 170000.01\n6.17.2-1-pve\nmore\n", 0),
    ],
)
def test_half_an_answer_is_no_version(fact, text: str, exit_: int) -> None:
    with pytest.raises(Unreadable):
        fact.parse(said(text, exit_))


def test_a_clock_is_compared_with_the_middle_of_the_question() -> None:
    output = Output(PVE01, 0, "1000.500000000\n", sent_at_us=1_000_000_000, took_us=200_000)
    assert Clock.parse(output) == Clock(offset_us=400_000, error_us=100_000)


def test_a_slow_answer_makes_no_clock_wrong() -> None:
    assert not Clock(offset_us=1_500_000, error_us=600_000).is_off_by_more_than(1_000_000)
    assert Clock(offset_us=-1_700_000, error_us=600_000).is_off_by_more_than(1_000_000)


def guests(owners: dict[int, str], rrd: str = "") -> Output:
    ids = {str(id_): {"node": node, "type": "qemu", "version": 1} for id_, node in owners.items()}
    listed = json.dumps({"version": 7, "ids": ids}, indent=1)
    return said(f"==> /etc/pve/.vmlist <==\n{listed}\n\n==> /etc/pve/.rrd <==\n{rrd}\0")


def test_guests_are_counted_by_node_and_templates_apart() -> None:
    rrd = (
        "pve2-node/pve01:1000:0:1000:0.1:4:0.1:0:100:20:10:1:100:10:0:0\n"
        "pve2.3-vm/100:600:web:running:0:1767268800:2:0.1:100:20:32:10:0:0:0:0\n"
        "pve-vm-9.0/101:0:db:stopped:0:1767268800:4::100::32:10:::::::::\n"
        "pve-vm-9.0/102:0:base:stopped:1:1767268800:4::100::32:10:::::::::\n"
    )
    found = Guests.parse(guests({100: "pve01", 101: "pve01", 102: "pve01", 103: "pve02"}, rrd))
    assert found.on("pve01") == Count(running=1, total=2, templates=1)
    assert found.on("pve02") == Count(total=1, unknown=1)
    assert found.on("pve03") == Count()


def test_of_two_states_of_one_guest_the_later_holds() -> None:
    rrd = "pve-vm-9.0/100:0:web:stopped:0:1767268860:2\npve2.3-vm/100:600:web:running:0:1767268800:2\n"
    assert Guests.parse(guests({100: "pve01"}, rrd)).on("pve01") == Count(total=1)


def test_a_cluster_without_guests_has_none() -> None:
    empty = '==> /etc/pve/.vmlist <==\n{\n"version": 1\n\n}\n\n==> /etc/pve/.rrd <==\n'
    assert Guests.parse(said(empty)).by_node == {}


@pytest.mark.parametrize("text", ["", "==> /etc/pve/.rrd <==\n", "==> /etc/pve/.vmlist <==\n{}\n", "hello"])
def test_half_an_answer_is_no_list_of_guests(text: str) -> None:
    with pytest.raises(Unreadable):
        Guests.parse(said(text))


@given(st.text(), st.integers(0, 255), st.sampled_from([Members, Ha, QdeviceDaemon, Guests, Clock, PveVersion, Booted]))
def test_any_text_is_read_or_unreadable(text: str, exit_: int, fact) -> None:
    with contextlib.suppress(Unreadable):
        fact.parse(Output(PVE01, exit_, text, text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(
                    ["cluster", "nodename", "nodelist", "service_status", "node", "status", "vm:1", "ids", "100"]
                ),
                x,
            )
        ),
    )
)
def test_any_json_is_read_or_unreadable(document) -> None:
    text = json.dumps(document)
    files = f"==> /etc/pve/.vmlist <==\n{text}\n\n==> /etc/pve/.rrd <==\n"
    for fact, answer in ((Members, text), (Ha, text), (Guests, files)):
        with contextlib.suppress(Unreadable):
            fact.parse(said(answer))
