"""The page at /practice/: a person makes a member and acts as them."""

import pytest
from playwright.sync_api import expect, sync_playwright


@pytest.fixture
def open_page(start):
    """`page = open_page(width, height)`; at the end no script may have complained."""
    process = start()
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )

        def one(width=1440, height=900):
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda line: complaints.append(line.text) if line.type == "error" else None,
            )
            page.goto(f"{process.url}/practice/")
            return page

        one.process = process
        yield one
        browser.close()
    assert complaints == []


def become(page, name):
    page.get_by_role("button", name="New member").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create and be them").click()
    expect(page.get_by_role("heading", name=name).first).to_be_visible()


def test_person_makes_a_member_and_writes(open_page):
    page = open_page()
    expect(page.get_by_text("Not Discord")).to_be_visible()
    expect(page.get_by_text("No bot connected")).to_be_visible()
    become(page, "sage.fern")
    page.get_by_label("Message or /command").fill("My leaves **curl**")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").locator("strong")).to_have_text("curl")


def test_news_arrive_without_reloading(open_page):
    page = open_page()
    become(page, "sage.fern")
    member = page.evaluate("location.hash.slice(1)")
    open_page.process.call("PATCH", f"/practice/members/{member}", {"roles": ["Verified 21+"]})
    expect(page.locator("#roles")).to_have_text("✓ Verified 21+")


def test_injected_fault_is_shown_and_mended(open_page):
    page = open_page()
    page.get_by_role("button", name="Break it").click()
    expect(page.get_by_text("✕ outage")).to_be_visible()
    page.get_by_role("button", name="Mend everything").click()
    expect(page.get_by_text("✕ outage")).to_have_count(0)


def test_fits_a_phone(open_page):
    page = open_page(390, 844)
    become(page, "sage.fern")
    expect(page.get_by_label("Message or /command")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="‹ Members").click()
    expect(page.get_by_role("button", name="New member")).to_be_visible()


def test_who_left_can_write_nothing(open_page):
    page = open_page()
    become(page, "sage.fern")
    member = page.evaluate("location.hash.slice(1)")
    open_page.process.call("POST", f"/practice/members/{member}/leave", {})
    expect(page.get_by_label("Message or /command")).to_be_disabled()
    open_page.process.call("POST", f"/practice/members/{member}/join", {})
    expect(page.get_by_label("Message or /command")).to_be_enabled()


def test_shares_the_sites_font(open_page):
    page = open_page()
    loaded = "document.fonts.ready.then(() => [...document.fonts].map((font) => font.status))"
    assert page.evaluate(loaded) == ["loaded"]
