"""What many tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.store import open_engine, upgrade

NOON_US = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC


def noon_us() -> int:
    return NOON_US


@pytest.fixture(scope="session", autouse=True)
def _whole_hypothesis() -> None:
    """Load what hypothesis would load in the midst of its first draw of a permutation.

    pytest rewrites that module as it is imported, and CPython before 3.11.8 can fail there (recursion depth mismatch).
    """
    st.randoms().validate()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/bot.db"
    upgrade(url, noon_us)
    return url


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()
