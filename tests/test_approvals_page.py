"""What the page on approvals tells people to write into the configuration is understood by it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.config_tables import BreakGlassTable, PolicyTable

PAGE = Path(__file__).parent.parent / "docs" / "approvals.md"
BLOCKS = re.findall(r"(?:^    .*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
EXAMPLES = [re.sub("^    ", "", one, flags=re.MULTILINE) for one in BLOCKS if one.lstrip().startswith("[")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_table_that_the_configuration_takes(example: str) -> None:
    document = tomllib.loads(example)
    for rule in document.get("policy", []):
        PolicyTable(**rule)
    for glass in [document[name] for name in document if name == "break_glass"]:
        BreakGlassTable(**glass)
    assert document.keys() <= {"policy", "break_glass"}


def test_the_page_has_examples_of_both() -> None:
    assert sum("[[policy]]" in one for one in EXAMPLES) >= 3
    assert any("[break_glass]" in one for one in EXAMPLES)
