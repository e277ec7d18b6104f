"""A second person, on the page: alice asks, bob approves, the card ends done."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.demo.asking import lose_quorum
from tests.demo.running import Demo

RUN_MS = 30_000


@pytest.fixture
def asked(page: Page, demo: Demo) -> Iterator[Locator]:
    """The card that alice's question hung in the channel, without quorum."""
    lose_quorum(demo)
    page.get_by_role("button", name="# ops").click()
    page.fill("#line", "/pve-cluster expected 1")
    page.press("#line", "Enter")
    card = page.locator("#messages > li", has=page.get_by_role("button", name="Review and approve…")).last
    card.wait_for()
    yield card
    for host in ("pve01", "pve02", "pve03", "qnetd"):
        demo.sim("node", node=host, power="off")
        demo.sim("node", node=host, power="on")


def picture(page: Page, name: str) -> None:
    if wanted := os.environ.get("PVE_BOT_PICTURES"):
        page.screenshot(path=Path(wanted) / name)


def test_alice_asks_bob_approves_and_the_card_ends_done(page: Page, asked: Locator) -> None:
    expect(asked).to_contain_text("waiting for approval")
    page.select_option("#person", "U0BOB")
    page.get_by_role("button", name="Review and approve…").last.click()
    form = page.locator("#modal")
    expect(form.locator("pre").nth(1)).to_have_text("pvecm expected 1")
    form.get_by_label("pve-prod").fill("pve-prd")
    form.locator("textarea").fill("All three are unplugged.\nI stand before the rack.")
    form.locator("footer button.primary").click()
    expect(form.locator(".input .error").first).to_contain_text("pve-prod")
    assert form.locator("textarea").input_value().startswith("All three are unplugged.")
    form.locator("label.input input").fill("pve-prod")
    form.locator("footer button.primary").click()
    expect(form).to_be_hidden()
    done = page.locator("#messages > li", has_text="— done").last
    expect(done).to_contain_text("I stand before the rack.", timeout=RUN_MS)
    expect(page.locator("#messages > li.reply").last).to_contain_text("Quorum", timeout=RUN_MS)
    expect(done.get_by_role("button")).to_have_count(0)


def test_who_denies_is_asked_why_and_the_card_says_it(page: Page, asked: Locator) -> None:
    page.select_option("#person", "U0CAROL")
    page.get_by_role("button", name="Deny").last.click()
    page.locator("#modal textarea").fill("pve02 still blinks")
    page.locator("#modal footer button.primary").click()
    expect(page.locator("#messages > li", has_text="pve02 still blinks").first).to_be_visible(timeout=RUN_MS)


def test_a_form_that_is_closed_changes_nothing(page: Page, asked: Locator) -> None:
    page.select_option("#person", "U0CAROL")
    page.get_by_role("button", name="Review and approve…").last.click()
    page.locator("#modal label.input input").fill("pve-prod")
    page.locator("#modal textarea").fill("All three are unplugged.\nI stand before the rack.")
    picture(page, "approval.png")
    page.locator("#modal footer button").first.click()
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.get_by_role("button", name="Review and approve…").last).to_be_visible()


def test_a_plan_too_long_for_a_message_hangs_as_a_file_in_its_thread(page: Page, demo: Demo) -> None:
    for host in ("pve02", "pve03", "pve04", "qnetd"):
        demo.sim("node", node=host, power="on")
    for link in (0, 1):
        demo.sim("link", node="pve04", link=link, up=False)
    page.get_by_role("button", name="# ops").click()
    page.fill("#line", "/pve-cluster reset pve04")
    page.press("#line", "Enter")
    attached = page.locator("#messages > li.reply a.file").last
    expect(attached).to_contain_text(".txt")
    with page.context.expect_page() as opened:
        attached.click()
    expect(opened.value.locator("body")).to_contain_text("rm -f /etc/pve/corosync.conf")
