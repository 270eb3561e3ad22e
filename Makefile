# Every target sets up what it needs: Python 3.11 or newer and make are all that must be there.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Where an environment forbids them, every process would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-all lint bench docs screenshots translations clean

help:
	@echo "make run     start the server and two example applications, and say what to open"
	@echo "make test    run the tests in a few minutes; of a part: make test T=tests/flows/test_refresh.py"
	@echo "make test-all    run those that make test leaves out, because they are slow"
	@echo "make lint    check style and types"
	@echo "make bench   measure how fast the server is"
	@echo "make docs    write the reference pages anew from the code"
	@echo "make screenshots  draw the pictures in docs/screenshots anew, after a change to how pages look"
	@echo "make translations  collect the texts of pages and mails into authserver/translations, and compile those"
	@echo "make clean   remove everything made here, the data of 'make run' too"

run: $(READY)
	@exec $(BIN)/python -m examples.demo

# A part is run whole; of everything, what is slow is left to test-all.
# With COVER=1 both count the branches that were taken, and test-all says of both how many.
test: $(READY)
	@$(BIN)/python -m pytest $(if $(T),$(T),-m "not slow") $(if $(COVER),--cov --cov-report=)

test-all: $(READY)
	@$(BIN)/python -m pytest -m slow $(if $(COVER),--cov --cov-append --cov-report=term:skip-covered)

lint: $(READY)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@git ls-files -z ':!tests' | xargs -0 $(BIN)/detect-secrets-hook --disable-plugin KeywordDetector --exclude-lines user:password@host

bench: $(READY)
	@exec $(BIN)/python -m bench

docs: $(READY)
	@$(BIN)/python -m docs.generate

screenshots: $(READY)
	@SCREENSHOTS=1 $(BIN)/python -m pytest -n 0 tests/browser/test_screenshots.py

TEXTS := build/messages.pot
translations: $(READY)
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F babel.cfg --no-location --sort-output -w 120 --project=authserver --version=1 -k marked -k Fault -k ShownError:2 -o $(TEXTS) .
	@$(BIN)/pybabel -q update -i $(TEXTS) -d authserver/translations -w 120 --no-fuzzy-matching --ignore-obsolete
	@$(BIN)/pybabel -q compile -d authserver/translations

clean:
	rm -rf $(VENV) .demo .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say which: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV), once: everything that constraints.txt names. A few minutes, by your network and disk."
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv." >&2; exit 1; }
	@$(BIN)/python install.py
	@touch $@
