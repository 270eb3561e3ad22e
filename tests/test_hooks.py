"""What is looked at before a commit is what `make lint` looks at."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_hooks_run_the_programs_of_make_lint_with_its_options() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.partition("\nlint: ")[2].partition("\n\n")[0].replace("$(BIN)", ".venv/bin")
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"].removesuffix(" --force-exclude") for hook in repo["hooks"]]
    assert [entry for entry in entries if entry not in recipe] == []
    assert recipe.count(".venv/bin/") == len(entries) == 4
