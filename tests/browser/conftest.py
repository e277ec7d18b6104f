"""A real Chromium on the demo's page. Skipped by name where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.demo.running import Demo, running_demo

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Without these Chromium looks for its maker's hosts at every start.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed (Debian package: chromium)"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def page(demo: Demo) -> Iterator[Page]:
    """The page, opened anew; whatever it complains of in its console fails the test."""
    complaints: list[str] = []
    with sync_playwright() as play, play.chromium.launch(executable_path=CHROMIUM, args=OPTIONS) as browser:
        opened = browser.new_page(viewport={"width": 1180, "height": 900}, locale="en-GB")
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(demo.about["page"])
        opened.locator("#channels button").first.wait_for()
        yield opened
    assert not [said for said in complaints if "favicon" not in said and "404" not in said]
