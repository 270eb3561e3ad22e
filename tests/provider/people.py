"""Who has an account at the example provider."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Person:
    """An account there: `claims` are those of its ID tokens."""

    name: str
    claims: dict[str, Any] = field(default_factory=dict)


def people() -> dict[str, Person]:
    """The people by subject, fresh for each provider."""
    listed = (
        ("ellen", "Ellen Example", {"groups": ["engineering", "everybody"]}),
        ("erik", "Erik Example", {"groups": ["everybody"]}),
    )
    return {
        subject: Person(
            name,
            {
                "email": f"{subject}@example.org",
                "email_verified": True,
                "name": name,
                "given_name": name.split()[0],
                "family_name": name.split()[1],
                "preferred_username": subject,
                **more,
            },
        )
        for subject, name, more in listed
    }
