"""The databases of the store's tests."""

from tests.store.conftest import empty_url, engine, postgres_server, url

__all__ = ["empty_url", "engine", "postgres_server", "url"]
