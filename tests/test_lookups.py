"""What is looked up in one way only, checked from the code: whoever looked past it would miss a rule."""

import re

from tests.source import FILES, PACKAGE, part_of

# A registry that is asked past `client` would not find those that another source will give.
PAST_CLIENT = re.compile(
    r"\.(clients|resource_servers)(\.get\(|\[)|\bin \w*\.?registry\.(clients|resource_servers)\b(?! if)"
)


def test_one_function_is_the_only_way_to_a_client() -> None:
    assert PAST_CLIENT.search("registry.clients.get(x)")
    assert PAST_CLIENT.search("if x in server.registry.clients:")
    past = [str(path) for path in FILES if part_of(path) != "clients" and PAST_CLIENT.search(path.read_text())]
    assert past == [str(PACKAGE / "protocol" / "client" / "registry.py")]


def test_one_function_asks_whether_an_access_token_of_anybody_still_lives() -> None:
    asks = re.compile(r"access_tokens\.subject\(")
    assert [str(path) for path in FILES if asks.search(path.read_text())] == [str(PACKAGE / "http" / "living.py")]


def test_one_file_knows_what_a_jti_is_made_of() -> None:
    takes_apart = re.compile(r"jti\S*\.r?(partition|split)\(")
    found = [str(path) for path in FILES if takes_apart.search(path.read_text())]
    assert found == [str(PACKAGE / "protocol" / "token" / "access_token.py")]


def test_a_page_becomes_an_answer_in_one_place() -> None:
    makes = re.compile(r"\b(render_template|make_response)\(")
    found = [path for path in FILES if makes.search(path.read_text()) and part_of(path) != "guard"]
    assert [str(path) for path in found] == [str(PACKAGE / "pages" / "fault.py")]
