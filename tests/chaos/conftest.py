"""The databases of the store's tests."""

from tests.store.conftest import empty_url, postgres_server, url

__all__ = ["empty_url", "postgres_server", "url"]
