"""What a mail looks like: text and HTML of the same words, to one address, with headers nobody can add to."""

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from authserver.mail.look import ACCENT
from authserver.mail.message import compose
from authserver.protocol.person.claims import NO_PROFILE
from authserver.settings import Settings
from authserver.store.users import User
from tests.accounts.site import NOW
from tests.conftest import make_settings

LINK = "https://id.example.com/reset?token=secret"
Compose = Callable[..., EmailMessage]
ADA = User(
    sub="ada-sub",
    username="ada",
    email="ada@example.com",
    email_verified=True,
    profile=NO_PROFILE | {"name": "Ada <b>L</b>\r\nBcc: all@example.com"},
    password_hash=None,
    disabled_at=None,
    updated_at=NOW,
    roles=(),
)
CONTEXTS: dict[str, dict[str, Any]] = {
    "verify": {"link": LINK, "code": "123456", "lifetime": 86400},
    "address_taken": {},
    "invite": {"link": LINK, "lifetime": 259200},
    "reset": {"user": ADA, "link": LINK, "lifetime": 1800},
    "password_changed": {"user": ADA, "at": NOW, "by_administrator": False},
    "email_changed": {
        "user": ADA,
        "email": "new@example.com",
        "is_gone": False,
        "at": NOW,
        "by_administrator": True,
    },
    "email_given": {"user": ADA, "at": NOW, "by_administrator": True},
    "new_device": {"user": ADA, "browser": "Firefox on <Linux>", "address": "192.0.2.1", "at": NOW},
    "account_deleted": {"user": ADA, "at": NOW, "by_administrator": True},
    "account_disabled": {"user": ADA, "at": NOW},
    "account_enabled": {"user": ADA, "at": NOW},
    "data_disclosed": {"user": ADA, "at": NOW},
    "access_ended": {"user": ADA, "at": NOW, "sessions": 2, "authorizations": 0},
    "roles_changed": {
        "user": ADA,
        "at": NOW,
        "roles": (("user",), ("moderator",)),
        "groups": (("staff",), ()),
        "is_signed_out": False,
    },
    "profile_changed": {
        "user": ADA,
        "at": NOW,
        "fields": ["name", "picture"],
        "labels": {"name": "Full name", "picture": "Picture"},
    },
    "sign_in_unlinked": {"user": ADA, "provider": "Google", "at": NOW, "by_administrator": False},
    "prove": {"user": ADA, "provider": "Google", "code": "123456", "lifetime": 600},
    "sign_in_code": {"user": ADA, "code": "12345678", "lifetime": 600},
    "sign_in_linked": {"user": ADA, "provider": "Google", "at": NOW},
    "factors_changed": {"user": ADA, "change": "added", "name": "My <phone>", "at": NOW},
    "recovery_code_used": {"user": ADA, "left": 9, "at": NOW},
    "factor_reset_requested": {"user": ADA, "works_from": NOW + 86400, "at": NOW},
}
TEMPLATES = Path(__file__).parents[2] / "authserver" / "templates" / "mail"


def settings(**changed: Any) -> Settings:
    given = {"issuer": "https://id.example.com", "mail_from": "Team <no-reply@example.com>"}
    return make_settings(database_url="postgresql://db/x", **given | changed)


def texts(message: EmailMessage) -> tuple[str, str]:
    text, html = (cast("EmailMessage", part).get_content() for part in message.iter_parts())
    return text, html


def test_every_template_has_a_test() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.jinja")} == CONTEXTS.keys()


@pytest.mark.parametrize("template", CONTEXTS)
def test_every_mail_has_one_sender_one_recipient_and_says_that_a_machine_wrote_it(template: str) -> None:
    message = compose(settings(), template, "ada@example.com", NOW, CONTEXTS[template])
    assert message["To"] == "ada@example.com"
    assert message["From"] == "Team <no-reply@example.com>"
    assert message["Date"].datetime.timestamp() == NOW
    assert message["Message-ID"].endswith("@id.example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"]
    assert not {"Bcc", "Cc", "Reply-To"} & set(message.keys())


@pytest.mark.parametrize("template", CONTEXTS)
def test_text_and_html_say_the_same_and_input_is_no_markup(template: str) -> None:
    text, html = texts(compose(settings(), template, "ada@example.com", NOW, CONTEXTS[template]))
    assert "id.example.com" in text
    assert "id.example.com" in html
    assert "<b>L" not in html
    assert "<Linux>" not in html
    assert "src=" not in html
    for word in (LINK, "123456"):
        assert (word in text) == (word in html) == (word in str(CONTEXTS[template]))


def test_a_time_is_in_the_zone_of_the_person_and_else_in_utc_and_says_which() -> None:
    for zone, said in (("Europe/Berlin", "UTC+1"), (None, "UTC"), ("Mars/Olympus", "UTC")):
        context = CONTEXTS["new_device"] | {"user": replace(ADA, profile={**ADA.profile, "zoneinfo": zone})}
        hour = "09" if zone == "Europe/Berlin" else "08"
        for part in texts(compose(settings(), "new_device", "ada@example.com", NOW, context)):
            assert f"January 15, 2027, {hour}:00 {said}\n" in part.replace("</td>", "\n")


def test_every_link_leads_to_the_issuer() -> None:
    mails = [texts(compose(settings(), name, "ada@example.com", NOW, context)) for name, context in CONTEXTS.items()]
    links = [word for text, html in mails for word in (text + html.replace('"', " ")).split() if "://" in word]
    assert len(links) > 10
    assert [link for link in links if not link.split("://", 1)[1].startswith("id.example.com/")] == []


def test_a_line_break_in_a_name_begins_no_header() -> None:
    message = compose(settings(mail_from=""), "reset", "ada@example.com", NOW, CONTEXTS["reset"])
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert message["From"] == "no-reply@id.example.com"


def test_an_address_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        compose(settings(), "address_taken", "ada@example.com\r\nBcc: all@example.com", NOW, {})


def test_a_domain_outside_ascii_is_written_as_dns_has_it() -> None:
    message = compose(settings(), "address_taken", "ada@bücher.example", NOW, {})
    assert message["To"] == "ada@xn--bcher-kva.example"


def test_a_template_of_the_admin_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "address_taken.jinja").write_text(
        '{% set subject="Ours" %}{% set before=["x"] %}{% set after=[] %}'
    )
    changed = settings(templates_dir=tmp_path)
    assert compose(changed, "address_taken", "ada@example.com", NOW, {})["Subject"] == "Ours"
    assert "password" in compose(changed, "reset", "ada@example.com", NOW, CONTEXTS["reset"])["Subject"]


@pytest.mark.parametrize("template", CONTEXTS)
def test_every_subject_names_the_product(template: str) -> None:
    named = settings(product_name="Acme ID")
    assert "Acme ID" in compose(named, template, "ada@example.com", NOW, CONTEXTS[template])["Subject"]


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_the_button_has_the_colour_of_the_pages() -> None:
    css = (TEMPLATES.parents[1] / "static" / "tokens.css").read_text()
    plain = html_of(compose(settings(), "reset", "ada@example.com", NOW, CONTEXTS["reset"]))
    assert f"--accent: {ACCENT};" in css
    assert f"background:{ACCENT};color:#ffffff" in plain
    bright = html_of(compose(settings(accent="#7a5c00"), "reset", "ada@example.com", NOW, CONTEXTS["reset"]))
    assert "background:#7a5c00;color:#ffffff" in bright


def test_a_logo_that_mail_programs_show_travels_with_the_mail(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    message = compose(settings(logo=logo, product_name="Acme"), "reset", "ada@example.com", NOW, CONTEXTS["reset"])
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [part.get_payload(decode=True) for part in pictures] == [logo.read_bytes()]
    assert f'src="cid:{pictures[0]["Content-ID"].strip("<>")}" alt="Acme"' in html_of(message)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert LINK in plain.get_content()


@pytest.mark.parametrize(("name", "size"), [("logo.svg", 100), ("large.png", 64 * 1024 + 1)])
def test_another_logo_stays_out_and_the_name_stands_in_its_place(tmp_path: Path, name: str, size: int) -> None:
    (tmp_path / name).write_bytes(bytes(size))
    changed = settings(logo=tmp_path / name, product_name="Acme")
    message = compose(changed, "reset", "ada@example.com", NOW, CONTEXTS["reset"])
    assert [part.get_content_type() for part in message.walk() if part.get_content_maintype() == "image"] == []
    assert ">Acme</p>" in html_of(message)
