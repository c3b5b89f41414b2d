"""After a sign-out the browser's Back shows nothing of what was there."""

from playwright.sync_api import expect


def test_back_after_a_sign_out_shows_nothing(stack, sign_in):
    page = sign_in("compliance")
    for path in ("/members/", "/queue/", "/audit/"):
        page.goto(f"{stack.url}{path}")
        expect(page.locator("main h1").first).to_be_visible()
    page.locator("summary[aria-label^='You are compliance']").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    for _ in range(3):
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "/accounts/login/" in page.url
        expect(page.get_by_label("You are compliance: menu")).to_have_count(0)
