"""A new key signs nothing that any node does not yet publish, and resource servers refuse nothing."""

from threading import Event, Thread

import jwt
import pytest

from authserver.guard import Guard, InvalidTokenError
from authserver.guard.issuer.fetch import Document
from tests.cluster.node import Node, StartNode
from tests.cluster.site import CLIENTS_YAML, ISSUER
from tests.patience import PATIENCE, PAUSE, eventually

AUDIENCE = "https://reports.example.com"


class Traffic:
    """A client that takes tokens from each of these nodes, and a guard that gets the keys from the next one."""

    def __init__(self, *pairs: tuple[Node, Node]) -> None:
        self._over = Event()
        self._threads = [Thread(target=self._run, args=pair) for pair in pairs]
        self.refused: list[str] = []
        self.failed: list[int] = []
        self.kids: set[str] = set()

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _run(self, taken: Node, asked: Node) -> None:
        # A guard of its own for every token: it holds no key that this one would find.
        while not self._over.wait(PAUSE):
            answer = taken.service_token()
            if answer.status_code != 200:
                self.failed.append(answer.status_code)
                continue
            token = answer.json()["access_token"]
            kid = jwt.get_unverified_header(token)["kid"]
            self.kids.add(kid)
            try:
                self._guard(asked).verify(token)
            except InvalidTokenError:
                self.refused.append(kid)

    @staticmethod
    def _guard(node: Node) -> Guard:
        def fetch(_url: str) -> Document:
            return Document(node.get("/jwks.json").json(), None)

        return Guard(ISSUER, AUDIENCE, jwks_uri=f"{ISSUER}/jwks.json", fetch=fetch)


@pytest.mark.slow
def test_no_token_is_refused_while_a_key_is_replaced_in_an_emergency(start_node: StartNode) -> None:
    nodes = [start_node(), start_node(), start_node()]
    (first,) = nodes[0].kids()
    with Traffic(*zip(nodes, nodes[1:] + nodes[:1], strict=True)) as traffic:
        second = nodes[0].command("keys", "rotate", "--now").split()[0]
        eventually(lambda: second in traffic.kids)
        assert traffic.refused == []
        nodes[1].command("keys", "revoke", second)
        eventually(lambda: traffic.kids - {first, second})
        eventually(lambda: all(second not in node.kids() for node in nodes))
    assert traffic.failed == []
    # What a revoked key signed a moment before is to be refused.
    assert set(traffic.refused) <= {second}


@pytest.mark.slow
def test_no_token_is_refused_when_a_client_is_the_first_with_another_algorithm(start_node: StartNode) -> None:
    # The second has no traffic of its own, by which it would notice.
    nodes = start_node(), start_node()
    before = nodes[0].kids()
    with Traffic(nodes) as traffic:
        for node in nodes:
            node.clients_file.write_text(CLIENTS_YAML.replace("roles: [user]", "signing_alg: ES256, roles: [user]"))
        eventually(lambda: traffic.kids - before)
    assert traffic.refused == []
    assert set(traffic.failed) <= {503}
    assert all(len(node.kids()) == 2 for node in nodes)
