"""The commands of docs/operations.md, which tests run as they stand."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "operations.md"


def commands(section: str) -> list[str]:
    """The blocks of shell of this section, in order."""
    text = GUIDE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
