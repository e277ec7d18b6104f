"""Each kind of bad luck is what it says, and is gone at its end."""

from __future__ import annotations

import subprocess

import pytest

from tests.lab import bad_cables, faults, pve_files
from tests.lab.changes import whole
from tests.lab.lab import Lab

pytestmark = pytest.mark.parametrize("booted", [{"count": 2, "links": 2}], indirect=True)
ONE, TWO = "pve01", "pve02"


def succeeds(lab: Lab, node: str, script: str) -> bool:
    return lab.exec(node, "bash", "-c", script).returncode == 0


def said(lab: Lab, node: str, script: str) -> str:
    return lab.exec(node, "bash", "-c", script, check=True).stdout.strip()


def greets(lab: Lab, node: str, address: str, port: int) -> bool:
    return succeeds(lab, node, f"timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port}'")


def test_a_full_disk_takes_nothing_and_keeps_what_it_had(booted: Lab) -> None:
    folder = "/var/lib/pve-cluster/backup"
    booted.exec(ONE, "touch", f"{folder}/earlier", check=True)
    write = f"head -c 8192 /dev/zero >{folder}/more"
    with faults.full_disk(booted, ONE, folder):
        tried = booted.exec(ONE, "sh", "-c", write)
        assert "No space left on device" in tried.stderr
        assert said(booted, ONE, f"cd {folder}; ls earlier") == "earlier"
    assert succeeds(booted, ONE, write)


def test_a_held_lock_stops_another_pvecm_until_it_is_let_go(booted: Lab) -> None:
    delnode = "pvecm delnode pve09"
    with faults.lock_held(booted, TWO):
        tried = booted.exec(ONE, "sh", "-c", delnode)
        assert "got lock request timeout" in tried.stderr
    assert "not a known host" in booted.exec(ONE, "sh", "-c", delnode).stderr


def test_a_conf_that_moved_is_taken_by_every_member(booted: Lab) -> None:
    version = "corosync-cmapctl -g totem.config_version | sed 's/.*= //'"
    before = int(said(booted, TWO, version))
    faults.move_conf(booted, ONE)
    assert int(said(booted, TWO, version)) == before + 1


def test_a_clock_that_is_off_is_off_by_so_much_for_the_bot(booted: Lab) -> None:
    def offset() -> float:
        shifted, right = booted.ssh(ONE, "date +%s.%N; /usr/bin/date +%s.%N").stdout.split()
        return float(shifted) - float(right)

    with faults.clock_off(booted, ONE, -90):
        assert offset() == pytest.approx(-90, abs=5)
    assert offset() == pytest.approx(0, abs=5)


def test_the_own_name_is_unknown_or_a_loopback_address(booted: Lab) -> None:
    address = booted.address(ONE)
    with faults.name_unknown(booted, ONE):
        assert not succeeds(booted, ONE, "hostname -i")
    with faults.name_is(booted, ONE, "127.0.1.1"):
        assert said(booted, ONE, "hostname -i") == "127.0.1.1"
    assert said(booted, ONE, "hostname -i") == address


@pytest.mark.parametrize("port", [22, 8006])
def test_a_closed_port_is_silent_to_the_other_node_only(booted: Lab, port: int) -> None:
    address = booted.address(ONE)
    with faults.port_closed(booted, ONE, port, TWO):
        assert not greets(booted, TWO, address, port)
        assert greets(booted, ONE, address, port)
        assert booted.ssh(ONE, "true").returncode == 0
    assert greets(booted, TWO, address, port)


def test_guests_and_osds_are_there_and_gone(booted: Lab) -> None:
    osds = "ceph node ls --format json"
    with faults.guests(booted, ONE, "vm:100"), faults.osds(booted, ONE, "3"):
        assert said(booted, ONE, "ls /etc/pve/local/qemu-server") == "100.conf"
        assert '"pve01": [3]' in said(booted, ONE, osds)
    assert said(booted, ONE, "ls /etc/pve/local/qemu-server") == ""
    assert "error calling conf_read_file" in booted.exec(ONE, "sh", "-c", osds).stderr


def test_an_authkey_is_left_over_on_a_node_without_one(booted: Lab) -> None:
    booted.exec(ONE, "mv", faults.AUTHKEY, "/root/kept", check=True)
    with faults.authkey_left(booted, ONE):
        assert said(booted, ONE, f"stat -c %s {faults.AUTHKEY}") == "256"
    assert not succeeds(booted, ONE, f"test -e {faults.AUTHKEY}")
    booted.exec(ONE, "mv", "/root/kept", faults.AUTHKEY, check=True)


def test_a_stopped_sshd_ends_who_was_in_and_lets_nobody_in(booted: Lab) -> None:
    with subprocess.Popen(booted.ssh_argv(TWO, "echo in; exec sleep 60"), stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "in\n"
        with faults.sshd_stopped(booted, TWO):
            assert one.wait(10) != 0
            assert not greets(booted, ONE, booted.address(TWO), 22)
    assert booted.ssh(TWO, "true").returncode == 0


def test_a_frozen_node_is_mute_and_comes_back(booted: Lab) -> None:
    with faults.frozen(booted, TWO):
        booted.wait_members(1, [ONE], quorate=False)
    whole(booted)
    booted.wait_for(ONE, TWO, command="test -w /etc/pve/priv")


def test_dpkg_knows_another_pve_manager(booted: Lab) -> None:
    ask = "dpkg-query --showformat '${Version}' --show pve-manager"
    before = said(booted, ONE, ask)
    with faults.pve_version(booted, ONE, "8.4.14"):
        assert said(booted, ONE, ask) == "8.4.14"
    assert said(booted, ONE, ask) == before


def test_a_stopped_unit_runs_again(booted: Lab) -> None:
    with faults.stopped(booted, ONE, "pveproxy-lab.socket"):
        assert not greets(booted, TWO, booted.address(ONE), 8006)
    assert greets(booted, TWO, booted.address(ONE), 8006)


def test_a_service_of_ha_is_placed_by_its_manager_and_let_go(booted: Lab) -> None:
    placed = """python3 -c 'import json; s = json.load(open("/etc/pve/ha/manager_status")); print(s["service_status"]["vm:100"]["node"])'"""
    with pve_files.ha_services(booted, ONE, "vm:100"):
        assert said(booted, TWO, placed) == ONE
    assert not succeeds(booted, TWO, placed)


def test_the_files_of_the_cluster_say_it_on_every_node_and_are_put_back(booted: Lab) -> None:
    files = "cd /etc/pve; cat ha/rules.cfg storage.cfg replication.cfg; grep -c -E root@pam priv/tfa.cfg"
    before = booted.exec(TWO, "bash", "-c", files).stdout
    with (
        pve_files.ha_rule(booted, ONE, "near", (TWO,), "vm:100"),
        pve_files.storage(booted, ONE, "fast", (TWO,)),
        pve_files.replication(booted, ONE, 100, TWO),
        pve_files.second_factor(booted, ONE),
    ):
        told = said(booted, TWO, files).splitlines()
        assert {"node-affinity: near", "dir: fast", "\tnodes pve02", "local: 100-0", "1"} <= set(told)
    assert booted.exec(TWO, "bash", "-c", files).stdout == before


def test_a_slow_link_takes_longer_both_ways(booted: Lab) -> None:
    ping = f"ping -c 3 -i 0.2 -q {booted.address(TWO, 'link1')} | sed -n 's|.*= [0-9.]*/\\([0-9.]*\\)/.*|\\1|p'"
    with bad_cables.slow(booted, TWO, "link1", 15):
        assert 30 <= float(said(booted, ONE, ping)) < 60
    assert float(said(booted, ONE, ping)) < 5


def test_a_narrow_link_swallows_big_packets_only(booted: Lab) -> None:
    ping = f"ping -c 1 -W 1 -M do -s {{}} {booted.address(TWO, 'link1')}"
    with bad_cables.narrow(booted, TWO, "link1", 1400):
        assert succeeds(booted, ONE, ping.format(1372))
        assert not succeeds(booted, ONE, ping.format(1472))
    assert succeeds(booted, ONE, ping.format(1472))


def test_a_card_with_another_mtu(booted: Lab) -> None:
    mtu = r"ip -o link show eth2 | sed 's/.* mtu \([0-9]*\).*/\1/'"
    with bad_cables.other_mtu(booted, TWO, "link1", 1400):
        assert said(booted, TWO, mtu) == "1400"
    assert said(booted, TWO, mtu) == "1500"


def test_a_link_without_corosync_s_port_is_disconnected_though_it_answers_pings(booted: Lab) -> None:
    down = "corosync-cfgtool -s | grep -q disconnected"
    with bad_cables.picky(booted, TWO, "link1", "udp:5406", "tcp:22"):
        booted.wait_for(ONE, command=down)
        assert succeeds(booted, ONE, f"ping -c 1 -W 1 {booted.address(TWO, 'link1')}")
        assert not greets(booted, ONE, booted.address(TWO, "link1"), 22)
    whole(booted)
    assert greets(booted, ONE, booted.address(TWO, "link1"), 22)
