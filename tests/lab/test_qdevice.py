"""Two real nodes and a real corosync-qnetd: what the QDevice's loss looks like, and what the bot says of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import wiring
from bot.config import load
from tests.lab.conftest import ALICE, READS, TOKEN_MS, Bench, config_file
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.lab.plan import QNETD
from tests.lab.qdevice import READY, set_up


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Lab("bot-qdevice") as lab:
        lab.up(2, qnetd=True, token=TOKEN_MS)
        set_up(lab)
        config = load(config_file(lab, _folder(tmp_path_factory)))
        with wiring.clusters(config, connector(lab)) as clusters:
            workflow = wiring.workflow(config, clusters)
            yield Bench(lab, config, lambda line: workflow.answer(line, ALICE, "C0OPS"))


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("bot")


def test_a_healthy_qdevice(bench: Bench) -> None:
    told = bench.ask("qdevice")
    assert "A,V,NMW" in told
    assert "Connected" in told
    assert "3 of 3 votes" in bench.ask("status")


def test_a_daemon_that_does_not_run_on_one_node(bench: Bench) -> None:
    bench.lab.exec("pve02", "systemctl", "stop", "corosync-qdevice", check=True)
    try:
        bench.lab.wait_for("pve01", command="corosync-quorumtool -s | grep -q ' NR '")
        assert "NR" in bench.ask("qdevice")
        assert "pve02" in bench.ask("status")
    finally:
        bench.lab.exec("pve02", "systemctl", "start", "corosync-qdevice", check=True)
        bench.lab.wait_for("pve01", "pve02", command=READY)


@pytest.fixture(scope="module")
def qnetd_gone(bench: Bench) -> Iterator[Bench]:
    bench.lab.exec(QNETD, "systemctl", "stop", "corosync-qnetd", check=True)
    try:
        bench.lab.wait_for("pve01", "pve02", command="corosync-quorumtool -s | grep -q 'A,NV,NMW'")
        bench.lab.wait_for("pve01", "pve02", command="corosync-qdevice-tool -s | grep -q 'Connect failed'")
        yield bench
    finally:
        bench.lab.exec(QNETD, "systemctl", "start", "corosync-qnetd", check=True)
        bench.lab.wait_for("pve01", "pve02", command=READY)


WITHOUT_QNETD = {
    "status": "2 of 3 votes",
    "expected": "Votes present: 2",
    "qdevice": "A,NV,NMW",
    "nodes": "2 of 2 nodes answered",
    "links": "All connected",
}


@pytest.mark.parametrize("line", READS)
def test_qnetd_gone_is_not_taken_for_healthy(qnetd_gone: Bench, line: str) -> None:
    told = qnetd_gone.ask(line)
    assert "did not understand" not in told
    assert WITHOUT_QNETD.get(line, "") in told
