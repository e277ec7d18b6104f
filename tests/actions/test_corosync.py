"""/pve-cluster corosync on what real nodes answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.action import EachNode, Level, NoArgs, Output, Report, Unreadable
from bot.cluster import corosync_log_report, corosync_show, corosync_verdict
from bot.cluster.cmap import LoadedTotem, RunningConfig
from bot.cluster.conf_files import LocalConf, SharedConf
from bot.cluster.corosync_log import CorosyncLog, LogLine
from bot.cluster.corosync_log_report import Args, Lines
from bot.cluster.corosync_messages import KNOWN
from bot.names import NodeName
from bot.text import Refused, Text, same

DATA = Path(__file__).parents[1] / "data/corosync"
RUNNING = json.loads((DATA / "running-3.1.7.json").read_text(encoding="utf-8"))
A, B, C = (NodeName(name) for name in ("pve01", "pve02", "pve03"))
TIMED_OUT = same("timed out")


def file(situation: str = "healthy-3") -> str:
    return str(next(r["stdout"] for r in RUNNING[situation] if r["command"].startswith("cat ")))


def running(**changed: int) -> RunningConfig:
    said = next(r for r in RUNNING["healthy-3"] if r["command"] == "corosync-cmapctl runtime.config")
    totem = RunningConfig.parse(Output(A, said["exit"], said["stdout"])).totem
    assert totem is not None
    return RunningConfig({**totem, **changed})


@dataclass
class Nodes:
    """Three nodes that agree, but for what is given."""

    shared: Mapping[NodeName, str | None] = field(default_factory=dict)
    local: Mapping[NodeName, str | None] = field(default_factory=dict)
    loaded: Mapping[NodeName, int | None] = field(default_factory=dict)
    config: Mapping[NodeName, RunningConfig] = field(default_factory=dict)
    silent: Mapping[NodeName, Text] = field(default_factory=dict)

    def heard(self) -> list[NodeName]:
        return [node for node in (A, B, C) if node not in self.silent]

    def show(self) -> Report:
        heard, quiet = self.heard(), self.silent
        facts = corosync_show.Facts(
            EachNode({n: SharedConf(self.shared.get(n, file())) for n in heard}, quiet),
            EachNode({n: LocalConf(self.local.get(n, file())) for n in heard}, quiet),
            EachNode({n: LoadedTotem(self.loaded.get(n, 1)) for n in heard}, quiet),
            EachNode({n: self.config.get(n, running()) for n in heard}, quiet),
        )
        return checked(corosync_show.report(NoArgs(), facts, facts))

    def lint(self) -> Report:
        facts = corosync_verdict.Facts(
            EachNode({n: SharedConf(self.shared.get(n, file())) for n in self.heard()}, self.silent),
            EachNode({n: LocalConf(self.local.get(n, file())) for n in self.heard()}, self.silent),
        )
        return checked(corosync_verdict.report(NoArgs(), facts, facts))


def checked(seen: Report) -> Report:
    """Every report says itself in both languages, and its data is JSON."""
    texts = [seen.headline, *(f.text for f in seen.findings), *(f.fix for f in seen.findings if f.fix)]
    texts += [cell for table in seen.tables for row in table.rows for cell in row if isinstance(cell, Text)]
    assert all(text.to("en") and text.to("fr") for text in texts)
    assert seen.headline.to("en") != seen.headline.to("fr")
    assert json.loads(json.dumps(seen.data)) == seen.data
    return seen


def told(seen: Report) -> str:
    return "\n".join(finding.text.to("en") for finding in seen.findings)


def bumped(version: int) -> str:
    return file().replace("config_version: 1", f"config_version: {version}")


def test_one_file_everywhere_is_good_news_and_shown_as_it_is() -> None:
    seen = Nodes().show()
    assert (seen.level, seen.findings) == (Level.GOOD, ())
    assert [code.lines for code in seen.code] == [file()]
    assert ("token (ms)", "3650", "3650", "3650") in seen.tables[0].rows


def test_only_what_is_a_time_is_shown_in_milliseconds() -> None:
    table = Nodes().show().tables[0]
    assert table.columns[0].to("en") == "Setting"
    named = [str(row[0]) for row in table.rows]
    assert named == ["token (ms)", "consensus (ms)", "join (ms)", "token_retransmits_before_loss_const", "max_messages"]


@pytest.mark.parametrize("line", ["key: s3cr3t", "key:s3cr3t", "# key: s3cr3t", "\tkey  s3cr3t"])
def test_the_secret_key_of_a_file_is_never_shown(line: str) -> None:
    everywhere = dict.fromkeys((A, B, C), file().replace("secauth: on", f"secauth: on\n{line}"))
    nodes = Nodes(shared=everywhere, local=everywhere)
    for seen in (nodes.show(), nodes.lint()):
        shown = [
            cell.to("en") if isinstance(cell, Text) else cell for t in seen.tables for row in t.rows for cell in row
        ]
        shown += [str(code.lines) for code in seen.code]
        assert "s3cr3t" not in json.dumps([*shown, seen.data, told(seen)])
    assert "key" in str(nodes.show().code[0].lines)
    assert nodes.show().data["files"] != Nodes().show().data["files"]


def test_a_node_whose_two_copies_differ_is_named_with_both_versions() -> None:
    seen = Nodes(local={B: bumped(2)}, loaded={B: 2}).show()
    assert seen.level is Level.BAD
    assert told(seen) == "pve02: /etc/pve has version 1, /etc/corosync has version 2"


def test_nodes_with_different_files_are_told_apart_and_both_files_shown() -> None:
    seen = Nodes(shared={C: bumped(2)}, local={C: bumped(2)}, loaded={C: 2}).show()
    assert seen.level is Level.BAD
    assert "The nodes do not have the same" in told(seen)
    assert [code.lines for code in seen.code] == [file(), bumped(2)]


def test_a_file_that_was_never_loaded_is_seen() -> None:
    everywhere = dict.fromkeys((A, B, C), bumped(2))
    seen = Nodes(shared=everywhere, local=everywhere, loaded={A: 2, B: 2}).show()
    assert told(seen).startswith("pve03 runs with version 1 while its file says 2")


def test_a_stopped_corosync_and_other_timeouts_are_seen() -> None:
    seen = Nodes(loaded={B: None}, config={B: RunningConfig(None), C: running(token=9000)}).show()
    assert "corosync does not run on pve02" in told(seen)
    assert "token is not the same on all nodes: pve01 3650, pve03 9000" in told(seen)


def test_a_silent_node_is_a_warning_and_nobody_at_all_is_unknown() -> None:
    one = Nodes(silent={C: TIMED_OUT}).show()
    assert (one.level, told(one)) == (Level.WARNING, "pve03: no answer. timed out")
    assert Nodes(silent=dict.fromkeys((A, B, C), TIMED_OUT)).show().level is Level.UNKNOWN
    assert Nodes(silent=dict.fromkeys((A, B, C), TIMED_OUT)).lint().level is Level.UNKNOWN


def test_nodes_in_no_cluster_have_no_file() -> None:
    none: dict[NodeName, str | None] = dict.fromkeys((A, B, C))
    assert Nodes(shared=none, local=none).show().level is Level.NOTE
    assert Nodes(shared=none, local=none).lint().level is Level.NOTE


def test_a_sound_file_is_said_to_be_sound() -> None:
    seen = Nodes().lint()
    assert (seen.level, seen.headline.to("en")) == (Level.NOTE, "The file is sound; some remarks")


def test_a_broken_file_is_told_with_line_rule_and_fix() -> None:
    broken = dict.fromkeys((A, B, C), file().replace("secauth: on", "secauth: maybe"))
    seen = Nodes(shared=broken, local=broken).lint()
    assert seen.level is Level.BAD
    line, rule = seen.tables[0].rows[0][1:3]
    assert broken[A].splitlines()[int(str(line)) - 1].strip() == "secauth: maybe"
    assert rule == "word"
    assert len(seen.tables) == 1


def test_a_file_that_cannot_be_read_names_its_line() -> None:
    broken = dict.fromkeys((A, B, C), "totem\n")
    seen = Nodes(shared=broken, local=broken).lint()
    assert seen.tables[0].rows[0][1:3] == ("1", "syntax")


def log(*lines: str) -> CorosyncLog:
    return CorosyncLog(tuple(LogLine(1_767_268_800_000_000 + n, line) for n, line in enumerate(lines)))


def logged(args: Args = Args(), **by_node: CorosyncLog) -> Report:  # noqa: B008 - frozen, never changed
    facts = corosync_log_report.Facts(EachNode({NodeName(node): each for node, each in by_node.items()}, {}))
    return checked(corosync_log_report.report(args, facts, facts))


SAID = [
    ("[CMAP  ] Received config version (8) is different than my config version (2)! Exiting", Level.BAD),
    ("[MAIN  ] parse error in config: No interfaces defined", Level.BAD),
    ("[CFG   ] Killed by node 1 : Killed by corosync-cfgtool", Level.BAD),
    ("[MAIN  ] Corosync Cluster Engine exiting with status 8 at main.c:1445.", Level.BAD),
    ("[TOTEM ] Retransmit List: 4f 50", Level.WARNING),
    ("[TOTEM ] Token has not been received in 2737 ms", Level.WARNING),
    ("[TOTEM ] A processor failed, forming new configuration: token timed out", Level.WARNING),
    ("[KNET  ] link: host: 2 link: 0 is down", Level.WARNING),
    ("[TOTEM ] Failed to receive the leave message. failed: 3", Level.WARNING),
]


@pytest.mark.parametrize(("line", "level"), SAID)
def test_a_known_message_is_explained(line: str, level: Level) -> None:
    seen = logged(pve01=log(line))
    assert (seen.level, len(seen.findings)) == (level, 1)
    assert "pve01, 1 time, last 2026-01-01 12:00:00 UTC: " in told(seen)


def test_a_kind_of_message_counts_once_however_many_nodes_logged_it() -> None:
    down, lost = SAID[7][0], SAID[4][0]
    seen = logged(pve01=log(down, lost), pve02=log(down, lost), pve03=log(down))
    assert seen.headline.to("en") == "corosync's log shows trouble: 2 kinds of messages to look at"
    assert logged(pve01=log(down)).headline.to("en").endswith("1 kind of message to look at")


def test_a_silent_node_is_no_trouble_in_the_log() -> None:
    facts = corosync_log_report.Facts(EachNode({A: log("x")}, {B: TIMED_OUT}))
    seen = checked(corosync_log_report.report(Args(), facts, facts))
    assert (seen.level, "No trouble" in seen.headline.to("en")) == (Level.WARNING, True)


@pytest.mark.parametrize(("days", "level"), [(6, Level.BAD), (8, Level.NOTE)])
def test_trouble_of_long_ago_is_told_with_its_day_and_no_longer_bad(days: int, level: Level) -> None:
    old = log(SAID[2][0])
    seen = logged(pve01=CorosyncLog(old.lines, old.lines[0].at_us + days * 86_400_000_000))
    assert seen.level is level
    assert "last 2026-01-01 12:00:00 UTC" in told(seen)
    assert ("No trouble" in seen.headline.to("en")) is (level is Level.NOTE)


def test_one_error_is_no_plural() -> None:
    broken = dict.fromkeys((A, B, C), file().replace("secauth: on", "secauth: maybe"))
    said = Nodes(shared=broken, local=broken).lint().headline
    assert "1 error, " in said.to("en")
    assert "1 erreur, " in said.to("fr")


def test_a_copy_that_is_none_is_feminine_in_french() -> None:
    none: dict[NodeName, str | None] = {B: None}
    cells = [cell for row in Nodes(local=none).show().tables[1].rows for cell in row if isinstance(cell, Text)]
    assert [cell.to("fr") for cell in cells] == ["aucune"]


def test_an_ordinary_start_is_no_trouble() -> None:
    lines = ("[KNET  ] rx: host: 3 link: 0 is up", "[TOTEM ] A new membership (1.9) was formed. Members joined: 3")
    seen = logged(pve01=log(*lines, "[MAIN  ] Completed service synchronization, ready to provide service."))
    assert (seen.level, seen.findings) == (Level.GOOD, ())


def test_only_the_last_lines_are_shown_with_their_time() -> None:
    shown = logged(Args(lines=Lines("2")), pve01=log("one", "two", "three")).code[0].lines
    assert shown == "2026-01-01 12:00:00 two\n2026-01-01 12:00:00 three"


def test_every_known_message_has_words_in_both_languages() -> None:
    assert all(known.meaning.to("en") != known.meaning.to("fr") != known.fix.to("fr") for known in KNOWN)


@pytest.mark.parametrize("typed", ["0", "501", "-1", "many", "٣", ""])
def test_a_number_of_lines_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        Lines(typed)


def test_a_named_node_narrows_the_question() -> None:
    assert corosync_log_report.on(Args(B)) == (B,)
    assert corosync_log_report.on(Args()) is None


def test_an_answer_that_broke_off_is_not_taken_for_the_file() -> None:
    with pytest.raises(Unreadable):
        SharedConf.parse(Output(A, 0, file()[:100], truncated=True))
