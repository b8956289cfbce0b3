# Unbury: what there is to do here. `make` prints the list.
#
# Everything is installed into .venv, from pins with hashes; a second call installs nothing.
# Another Python: make digest PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
# docopt (sumy's) is no wheel; Debian's pip 23.0 builds it quietly only so.
export PIP_USE_PEP517 := 1

.PHONY: help digest check quick test written faults quality manners bench pins clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

digest: .venv/runtime ## Read seeds/ and write today's digest to out/
	@$(BIN)/unbury run

check: .venv/dev ## Style, types, which way imports point, house rules, generated files
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -q tests/architecture tests/cli/test_written.py

quick: .venv/dev ## Tests of what needs no server and no browser
	@$(BIN)/pytest -q -n auto -m 'not faults' $(QUICK)

test: .venv/dev ## All tests but the long ones; says which are skipped, and why
	@$(BIN)/pytest -n auto -m 'not faults'

written: .venv/dev ## Write anew what is generated: docs/commands.md, docs/configuration.md, the schema and the like
	@$(BIN)/python -m tests.cli.written

faults: .venv/dev ## The long tests, which kill and freeze things
	@$(BIN)/pytest -n 2 -m faults

quality: .venv/dev ## How good the summaries are, beside sumy; UNBURY_EVAL_DATA names a folder of articles
	@$(BIN)/python -m benchmarks.quality $(UNBURY_EVAL_DATA)

manners: .venv/dev ## How politely feeds are fetched, scene by scene, beside a loop around feedparser
	@$(BIN)/python -m benchmarks.manners

bench: .venv/bench ## How fast everything is, beside its peers, for docs/performance.md; ROWS="article repeats" measures these only
	@$(BIN)/python -m benchmarks.table $(ROWS)

pins: .venv/made ## Renew requirements.txt, requirements-dev.txt and requirements-image.txt
	@$(PIP) install uv
	@$(COMPILE) pyproject.toml -o requirements.txt
	@$(COMPILE) pyproject.toml -o requirements-dev.txt --group dev --constraint requirements.txt
	@$(COMPILE) pyproject.toml -o requirements-image.txt --extra postgres --extra flower --extra serve --constraint requirements-dev.txt

clean: ## Remove what make made; var/ and out/ are yours
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find worker tests -name __pycache__ -type d -prune -exec rm -rf {} +

QUICK = $(addprefix tests/,configuration dedup digest exporters ordering parsers test_errors.py test_plugins.py test_schedule.py)

COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make pins'

# The stamps.

.venv/made:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Unbury needs Python 3.11 or newer with venv, and $(PYTHON) is not that." >&2; \
	  echo "On Debian or Ubuntu: sudo apt install python3-venv. On macOS: brew install python." >&2; \
	  echo "If you have another Python: make digest PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/runtime: .venv/made requirements.txt pyproject.toml
	@echo "Installing what Unbury needs into .venv: up to a minute, once." >&2
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.txt
	@echo "Installing what the tests need into .venv, once." >&2
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.venv/bench: .venv/dev pyproject.toml
	@echo "Installing what is measured beside Unbury into .venv, once." >&2
	@$(PIP) install uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --group benchmarks
	@touch $@
