import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cluster.corosync_document import (
    BadCorosyncConf,
    NoSuchSection,
    diff,
    parse,
    render,
    with_value,
    with_version_bumped,
)

CASES = json.loads((Path(__file__).parents[1] / "data/corosync/conf-cases.json").read_text(encoding="utf-8"))
VALID = next(case["conf"] for case in CASES if case["case"] == "valid")
SYNTAX = {"extra-closing-brace": 33, "garbage": 1, "html": 1, "missing-closing-brace": 31, "missing-colon": 7}

_BLANKS = st.text(" \t", max_size=3)
_WORD = st.text(st.characters(exclude_characters="\n{}:#", exclude_categories=["Cs"]), min_size=1, max_size=8)
_END = st.sampled_from(["\n", "\r\n", " \n"])
_LINE = st.one_of(
    st.builds(
        lambda b, k, c, v, e: b + "k" + k + c + v + e, _BLANKS, _WORD, st.sampled_from([":", ": ", " : "]), _WORD, _END
    ),
    st.builds(lambda b, t, e: b + "#" + t + e, _BLANKS, _WORD, _END),
    st.builds(lambda b, e: b + e, _BLANKS, _END),
)
_BODY = st.recursive(
    st.lists(_LINE, max_size=4).map("".join),
    lambda inner: st.builds(lambda b, body, end: f"{b}section {{{end}{body}{b}}}{end}", _BLANKS, inner, _END),
    max_leaves=6,
)


@given(st.lists(_BODY, max_size=4).map("".join), st.booleans())
def test_rendering_gives_back_every_byte(text: str, cut: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    text = text.removesuffix("\n") if cut else text
    assert render(parse(text)) == text


@given(st.text())
def test_any_text_is_kept_or_refused_with_its_line(text: str) -> None:
    try:
        kept = render(parse(text))
    except BadCorosyncConf as bad:
        if not 0 < bad.line <= text.count("\n") + 1:
            raise
        return
    assert kept == text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_every_file_that_corosync_reads_is_kept_byte_for_byte(case: dict[str, str]) -> None:
    if case["case"] in SYNTAX:
        with pytest.raises(BadCorosyncConf) as bad:
            parse(case["conf"])
        assert bad.value.line == SYNTAX[case["case"]]
    else:
        assert render(parse(case["conf"])) == case["conf"]


def test_setting_a_key_changes_that_line_and_no_other() -> None:
    text = "# mine\r\ntotem {\r\n\tsecauth:on  \r\n\tversion: 2\r\n}\r\n\r\n# end"
    assert render(with_value(parse(text), ("totem", "secauth"), "off")) == text.replace("secauth:on", "secauth:off")


def test_a_new_key_is_indented_and_ended_like_its_neighbours() -> None:
    changed = render(with_value(parse("totem {\r\n\tversion: 2\r\n}\r\n"), ("totem", "token"), "5000"))
    assert changed == "totem {\r\n\tversion: 2\r\n\ttoken: 5000\r\n}\r\n"


def test_of_a_repeated_key_the_last_counts_and_is_the_one_changed() -> None:
    root = parse("totem {\n  token: 1\n  token: 2\n}\n")
    last = root.last("totem", "token")
    assert last is not None
    assert (last.value, last.line) == ("2", 3)
    assert render(with_value(root, ("totem", "token"), "9")) == "totem {\n  token: 1\n  token: 9\n}\n"


def test_a_node_is_found_by_its_name_and_an_interface_by_its_number() -> None:
    root = with_value(parse(VALID), ("nodelist", "node", "pve02", "ring0_addr"), "10.0.9.9")
    root = with_value(root, ("totem", "interface", "0", "knet_link_priority"), "10")
    changed = diff(parse(VALID), root).splitlines()
    assert [line for line in changed[2:] if line[0] in "+-"] == [
        "+    knet_link_priority: 10",
        "-    ring0_addr: 10.0.1.12",
        "+    ring0_addr: 10.0.9.9",
    ]


@pytest.mark.parametrize("path", [("nozzle", "name"), ("nodelist", "node", "pve09", "name")])
def test_a_section_that_is_not_there_is_not_invented(path: tuple[str, ...]) -> None:
    with pytest.raises(NoSuchSection):
        with_value(parse(VALID), path, "x")


def test_the_version_is_raised_by_one() -> None:
    text = VALID.replace("config_version: 1", "config_version: 41")
    assert render(with_version_bumped(parse(text))) == text.replace(": 41", ": 42")


@pytest.mark.parametrize("version", ["one", "", "9" * 5000])
def test_a_version_that_is_no_number_is_not_raised(version: str) -> None:
    with pytest.raises(ValueError, match="config_version"):
        with_version_bumped(parse(f"totem {{\n  config_version: {version}\n}}\n"))


def test_no_change_makes_no_difference() -> None:
    assert diff(parse(VALID), parse(VALID)) == ""


def test_a_non_breaking_space_belongs_to_the_value_as_for_corosync() -> None:
    setting = parse("totem {\n secauth: on\u00a0\n}\n").last("totem", "secauth")
    assert setting is not None
    assert setting.value == "on\u00a0"


def test_a_brace_opens_a_section_even_after_a_colon_as_for_corosync() -> None:
    root = parse("totem: x {\n  token: 5\n}\n")
    assert root.settings == ()
    assert [section.name for section in root.sections("totem: x")] == ["totem: x"]
