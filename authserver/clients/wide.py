"""Workloads that are registered so widely that more may act as a client than was meant.

A subject names its owner first, and at a platform that is open to everybody only that tells yours from anybody's.
https://docs.github.com/en/actions/concepts/security/openid-connect
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.entries.workload import WorkloadEntry
from authserver.clients.file.faults import FileFault, Keys
from authserver.clients.file.source import Source

GITHUB, GITLAB = "token.actions.githubusercontent.com", "gitlab.com"
# Of platforms where anybody can have an account: the claims any of which says whose a workload is, the best one first.
OWNERS = {
    GITHUB: ("repository_owner_id", "repository_owner", "repository_id", "repository", "enterprise_id", "enterprise"),
    GITLAB: ("namespace_id", "namespace_path", "project_id", "project_path"),
}


def too_wide(document: ClientsDocument, client: ClientEntry, keys: Keys, source: Source) -> Iterator[FileFault]:
    """A warning for each workload of a client that deserves a second look."""
    for place, workload in enumerate(client.workloads):
        issuer = document.workload_issuers[workload.issuer]
        what = _fault(workload, urlsplit(issuer.issuer).hostname or "")
        if what is not None:
            yield source.fault((*keys, "workloads", place, "subject"), what)


def _fault(workload: WorkloadEntry, host: str) -> str | None:
    kind, *parts = re.split("[:/]", workload.subject)
    owners = OWNERS.get(host, ())
    is_owned = not workload.claims.keys().isdisjoint(owners)
    if owners and not is_owned and ("*" in kind or not parts or "*" in parts[0]):
        return (
            f"anyone with an account at {_platform(host)} can act as this client: name the owner, or write "
            f"claims: {{{owners[0]}: …}}"
        )
    if not workload.claims and parts and all(part.strip("*") == "" for part in parts):
        return "every workload of this issuer whose subject has as many parts can act as this client"
    if host == GITHUB and workload.subject.endswith(":*") and len(parts) == 3:
        return "this is repo:…:pull_request alone: * stands for neither : nor /; did you mean :ref:refs/heads/*?"
    return None


def _platform(host: str) -> str:
    return "GitHub" if host == GITHUB else "GitLab"
