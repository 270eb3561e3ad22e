"""The choice between the account that is signed in and another (prompt=select_account)."""

from tests.accounts.site import ISSUER, Browser, Site


def chosen(page: str) -> str:
    """The value of the button that goes on with the account shown."""
    return page.split('name="account" value="')[1].split('"', maxsplit=1)[0]


def test_whoever_is_signed_in_may_go_on(browser: Browser) -> None:
    browser.sign_in("ada")
    page = browser.authorize(prompt="select_account").text
    assert "Continue as Ada &lt;i&gt;Lovelace&lt;/i&gt;" in page
    onward = browser.submit(account=chosen(page)).headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]


def test_or_use_another_account(site: Site, browser: Browser) -> None:
    site.add("bob", name="Bob")
    browser.sign_in("ada")
    page = browser.authorize(prompt="select_account").text
    other = page.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    form = browser.visit(other).text
    assert "<h1>Sign in</h1>" in form
    assert 'name="username" type="text" value=""' in form
    onward = browser.sign_in("bob").headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]


def test_a_choice_made_for_a_person_who_left_is_asked_again(site: Site, browser: Browser) -> None:
    site.add("bob", name="Bob")
    browser.sign_in("ada")
    page = browser.authorize(prompt="select_account").text
    action, csrf = browser.action, browser.csrf
    browser.visit("/sign-in?another=1")
    browser.sign_in("bob")
    response = browser.post(action, data={"csrf_token": csrf, "account": chosen(page)})
    assert "Continue as Bob" in response.text


def test_a_choice_cannot_stand_in_for_a_password(browser: Browser) -> None:
    browser.sign_in("ada")
    browser.authorize(prompt="login")
    onward = browser.submit(account="x").headers["Location"]
    assert browser.get(onward.removeprefix(ISSUER)).headers["Location"].startswith(f"{ISSUER}/sign-in")


def test_nobody_is_asked_to_choose_who_is_not_signed_in(browser: Browser) -> None:
    assert "<h1>Sign in</h1>" in browser.authorize(prompt="select_account").text
    onward = browser.sign_in("ada").headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]
