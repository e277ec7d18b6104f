"""The databases of the store's tests, and the time in them."""

import pytest
from sqlalchemy import Engine

from tests.model.clock import Clock
from tests.store.conftest import empty_url, engine, postgres_server, url

__all__ = ["clock", "empty_url", "engine", "postgres_server", "url"]


@pytest.fixture
def clock(engine: Engine) -> Clock:
    return Clock(engine)
