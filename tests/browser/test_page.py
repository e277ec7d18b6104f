"""The demo's page as a person sees it."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.demo.running import Demo


def type_line(page: Page, line: str) -> None:
    page.fill("#line", line)
    page.press("#line", "Enter")


def test_status_answers_on_the_page(page: Page) -> None:
    page.get_by_role("button", name="# ops").click()
    type_line(page, "/pve-cluster status")
    answer = page.locator("#messages li").last
    expect(answer).to_contain_text("4 of 5 votes")
    expect(answer.locator("table")).to_contain_text("🟡 offline")
    expect(answer).to_contain_text("Only visible to you")
    if wanted := os.environ.get("PVE_BOT_PICTURE"):
        page.screenshot(path=Path(wanted))


def test_another_person_sees_only_their_own_answers(page: Page) -> None:
    type_line(page, "/pve-cluster help")
    expect(page.locator("#messages")).to_contain_text("/pve-cluster help")
    page.select_option("#person", "U0BOB")
    expect(page.locator("#messages")).not_to_contain_text("/pve-cluster help network")


def test_a_french_person_is_answered_in_french(page: Page) -> None:
    page.select_option("#person", "U0BOB")
    type_line(page, "/pve-cluster status")
    expect(page.locator("#messages li").last).to_contain_text("4 voix sur 5")


def test_switching_a_node_off_shows_in_the_next_status(page: Page, demo: Demo) -> None:
    page.get_by_label("Power of pve03").select_option("off")
    expect(page.locator("#status")).to_contain_text("pve03 off")
    type_line(page, "/pve-cluster status")
    expect(page.locator("#messages li").last).to_contain_text("3 of 5 votes")
    demo.sim("node", node="pve03", power="on")


def test_the_hosts_of_both_clusters_are_there_by_cluster_with_their_switches(page: Page, demo: Demo) -> None:
    expect(page.locator("#nodes h3")).to_have_text(["pve-prod", "pve-new"])
    expect(page.locator("#nodes li.node")).to_have_count(8)
    page.get_by_label("Link 1 of new02").uncheck()
    expect(page.locator("#status")).to_contain_text("link 1 of new02")
    page.get_by_label("Power of new02").select_option("off")
    expect(page.locator("#status")).to_contain_text("new02 off")
    page.get_by_role("button", name="# pve-new").click()
    type_line(page, "/pve-cluster status")
    expect(page.locator("#messages li").last).to_contain_text("new02 gave no answer")
    demo.sim("node", node="new02", power="on")
    demo.sim("link", node="new02", link=1, up=True)


def test_the_app_home_is_drawn(page: Page) -> None:
    page.get_by_role("button", name="App Home").click()
    expect(page.locator("#messages")).to_contain_text("/pve-cluster status")


def test_what_a_node_or_a_person_writes_never_becomes_markup(page: Page) -> None:
    type_line(page, "/pve-cluster <img src=x onerror=alert(1)>")
    expect(page.locator("#messages li").last).to_contain_text("img")
    assert page.locator("#messages img").count() == 0


def test_a_line_that_is_no_command_is_told_so(page: Page) -> None:
    type_line(page, "hello")
    expect(page.locator("#status")).to_contain_text("/pve-cluster help")
