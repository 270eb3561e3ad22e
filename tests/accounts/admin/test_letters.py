"""Every letter in every language, as whoever looks at it would get it."""

import re

import pytest
from sqlalchemy import insert

from authserver.admin.operation.letters import letters
from authserver.languages import AVAILABLE
from authserver.store import outbox
from authserver.store.tables import jobs
from tests.accounts.admin.conftest import signed_in
from tests.accounts.site import Browser, Site


@pytest.mark.parametrize("language", AVAILABLE)
def test_every_letter_is_shown_and_its_markup_can_do_nothing(root: Browser, language: str) -> None:
    assert len(letters()) > 15
    for name in letters():
        page = root.get(f"/admin/mail/letters/{name}?language={language}")
        assert page.status_code == 200, name
        assert "<i>" not in page.text
        drawn = root.get(f"/admin/mail/letters/{name}/html?language={language}")
        assert f'<html lang="{language}">' in drawn.text
        assert "<i>x</i>" not in drawn.text
        policy = drawn.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy


@pytest.mark.parametrize("name", ["nothing", "layout", "..%2Flayout", "x" * 300])
def test_what_is_no_letter_is_404(root: Browser, name: str) -> None:
    assert root.get(f"/admin/mail/letters/{name}").status_code == 404
    assert root.get(f"/admin/mail/letters/{name}/html").status_code == 404


def test_a_language_that_is_none_is_the_first(root: Browser) -> None:
    assert 'lang="en"' in root.get("/admin/mail/letters/invite/html?language=../de").text


def test_the_queue_leads_to_them_for_who_may_see_it(site: Site, root: Browser) -> None:
    assert "/admin/mail/letters/invite" in root.get("/admin/mail").text
    assert signed_in(site, "mod").get("/admin/mail/letters/invite").status_code == 403


def test_letters_that_wait_are_seen_behind_very_many_jobs_of_another_kind(site: Site, root: Browser) -> None:
    row = {"destination": "", "about": "{}", "sealed": b"", "due_at": 1, "attempts": 0}
    many = [row | {"kind": "logout", "created_at": 86400}] * outbox.MOST_COUNTED
    with site.app.server.database.write() as connection:
        connection.execute(insert(jobs), [*many, row | {"kind": "letters", "created_at": 2 * 86400}])
    page = root.get("/admin/mail").text
    said = {kind: re.sub("<[^>]*>", "", text) for kind, text in re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", page)}
    assert said["letters"].startswith("1 · the oldest since")
    assert "January 3, 1970" in said["letters"]
    assert said["logout"].startswith("10000 or more · the oldest since")
    assert "January 2, 1970" in said["logout"]
    # Her sign-in has put down one, too.
    assert "10002 or more" in root.get("/admin").text
