"""What DNS says of the domain that letters come from: without SPF and DMARC, many of them are taken for spam.

RFC 7208 §3 (SPF), RFC 7489 §6.1 (DMARC). https://www.rfc-editor.org/rfc/rfc7489#section-6.1
"""

from ipaddress import ip_address

from dns.exception import DNSException, Timeout
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from authserver.doctor.diagnosis import Diagnoses, ok, warning

TIMEOUT = 5


def mail_dns(domain: str, resolver: Resolver | None = None) -> Diagnoses:
    """`domain` is the part of the sender's address after the @; one of this machine, or an IP address, has no DNS."""
    if "." not in domain or _is_address(domain):
        return
    try:
        asked = resolver or Resolver()
        spf = [each for each in _texts(asked, domain) if each.lower().startswith("v=spf1")]
        dmarc = [each for each in _dmarc(asked, domain) if each.lower().startswith("v=dmarc1")]
    except DNSException as error:
        yield warning(
            "mail DNS",
            f"DNS cannot be asked about {domain}: {_why(error)}",
            "mend the resolver of this machine",
        )
        return
    if len(spf) == 1 and len(dmarc) == 1:
        yield ok("mail DNS", f"{domain} has SPF and DMARC")
        return
    if not spf:
        yield warning(
            "mail DNS",
            f"{domain} has no SPF record",
            f"publish a TXT record at {domain} that names the mail server: v=spf1 … -all",
        )
    elif len(spf) > 1:
        yield warning(
            "mail DNS", f"{domain} has {len(spf)} SPF records, so none counts", "make one of them (RFC 7208 §3.2)"
        )
    if not dmarc:
        yield warning(
            "mail DNS",
            f"{domain} has no DMARC record",
            f"publish a TXT record at _dmarc.{domain}, such as v=DMARC1; p=quarantine",
        )
    elif len(dmarc) > 1:
        yield warning(
            "mail DNS", f"{domain} has {len(dmarc)} DMARC records, so none counts", "make one of them (RFC 7489 §6.6.3)"
        )


def _is_address(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True


def _why(error: DNSException) -> str:
    return f"no answer within {TIMEOUT} seconds" if isinstance(error, Timeout) else "no name server gives an answer"


def _dmarc(resolver: Resolver, domain: str) -> list[str]:
    # RFC 7489 §6.6.3: a domain without a policy of its own has that of the domain of its organization.
    labels = domain.split(".")
    names = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    return next((found for name in names if (found := _texts(resolver, f"_dmarc.{name}"))), [])


def _texts(resolver: Resolver, name: str) -> list[str]:
    try:
        answer = resolver.resolve(name, "TXT", lifetime=TIMEOUT, search=False)
    except (NXDOMAIN, NoAnswer):
        return []
    return [b"".join(each.strings).decode(errors="replace") for each in answer]
