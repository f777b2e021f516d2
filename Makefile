# Every target sets up what it needs: a virtual environment in .venv and, where storage is needed,
# Azurite in .azurite, and Kusto's parser in .kusto for the tests. Nothing is installed outside this folder.
PYTHON ?= python3
AZURITE := 3.35.0
KUSTO := 12.4.1
FUNCTIONS_RUNTIME := 1.3.0
BIN := .venv/bin
PY := $(BIN)/python

.PHONY: help node setup demo test lint format bench bench-survey fuzz chaos model requirements clean
.DEFAULT_GOAL := help

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

setup: node .venv/ready .azurite/ready .kusto/ready  ## the virtual environment, Azurite and the parser of queries, nothing more

# uv where it is present; else it is fetched into the virtual environment; else pip does the work.
.venv/ready: requirements-dev.txt requirements.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Name another with: make PYTHON=python3.12"; exit 2; }
	@echo "Setting up .venv, once; a minute or two."
	@# Without pip it was interrupted while it was made, and would never mend itself.
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then $(PY) -m pip install --quiet --disable-pip-version-check uv && uv=$(BIN)/uv; fi; \
	if [ -n "$$uv" ]; then "$$uv" pip install --quiet --python $(PY) -r requirements-dev.txt; \
	else $(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; fi
	@# The Functions worker's own logic. It declares Python 3.13 and newer, and runs on 3.11 and 3.12.
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python azure-functions-runtime==$(FUNCTIONS_RUNTIME)
	@touch $@

# Asked first of all: who has no Node hears it before the minute that .venv takes.
node:
	@command -v npm >/dev/null || { echo "Azurite, the local storage, needs Node.js 20 with npm: install it (https://nodejs.org) and run this again."; exit 2; }

.azurite/ready: Makefile | node
	@echo "Fetching Azurite, the local storage, into .azurite, once."
	@npm install --silent --no-audit --no-fund --no-save --prefix .azurite azurite@$(AZURITE)
	@touch $@

# checkov pins versions that the app cannot share: an environment of its own.
.checkov/ready: tests/infra/checkov.txt | .venv/ready
	@.checkov/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .checkov
	@uv=$$(command -v uv || command -v $(BIN)/uv || true); \
	if [ -n "$$uv" ]; then "$$uv" pip install --quiet --python .checkov/bin/python -r $<; \
	else .checkov/bin/python -m pip install --quiet --disable-pip-version-check -r $<; fi
	@touch $@

# Microsoft's management libraries, only for the names in their models: the app has no use for them.
.wire/ready: tests/infra/wire.txt | .venv/ready
	@.wire/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .wire
	@uv=$$(command -v uv || command -v $(BIN)/uv || true); \
	if [ -n "$$uv" ]; then "$$uv" pip install --quiet --python .wire/bin/python -r $<; \
	else .wire/bin/python -m pip install --quiet --disable-pip-version-check -r $<; fi
	@touch $@

.kusto/ready: Makefile | node
	@echo "Fetching the parser of alert queries into .kusto, once."
	@npm install --silent --no-audit --no-fund --no-save --prefix .kusto @kusto/language-service-next@$(KUSTO)
	@touch $@

demo: node .venv/ready .azurite/ready  ## the main job on this machine, end to end, on real-shaped events
	@$(PY) -m responder demo

test: setup  ## every test
	@$(PY) -m pytest -n 4

lint: .venv/ready .checkov/ready .wire/ready  ## ruff, ruff format, mypy, the import fences, spelling; rules, templates, workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell
	@$(PY) -m responder validate --strict rules.yaml
	@$(PY) -m responder test-rules rules.yaml
	@$(PY) -m responder schema --check rules.schema.json
	@$(PY) -m tests.infra.syntax
	@$(PY) -m tests.infra.scan .checkov/bin/checkov
	@.wire/bin/python -m tests.infra.wire
	@$(BIN)/zizmor --offline --quiet --strict-collection --pedantic .github

bench: .venv/ready .azurite/ready  ## decisions and events a second, storage and ARM calls, a storm, the start: as ratios within one run
	@$(PY) -m tests.bench.decisions
	@$(PY) -m tests.bench

bench-survey: .venv/ready  ## a survey of 100,000 states over 400 subscriptions, on the simulator
	@$(PY) -m tests.scenarios.survey_bench

fuzz: .venv/ready .azurite/ready  ## 20,000 broken events and queue messages at one app: none is lost, nothing is opened
	@$(PY) -m tests.scenarios.fuzz

format: .venv/ready
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

chaos: .venv/ready .azurite/ready  ## 2,000 events, hosts that die, an Azure that fails: a table of what must be 0 (SEED=… repeats a run)
	@$(PY) -m tests.chaos $(SEED)

model: .venv/ready  ## the protocol of the ledger, every interleaving of it (docs/protocol.md)
	@$(PY) -m tests.model

requirements: .venv/ready  ## pin requirements.in and requirements-dev.in anew
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate tests/infra/checkov.in -o tests/infra/checkov.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate tests/infra/wire.in -o tests/infra/wire.txt

clean:  ## forget everything that was built, installed or written here
	@rm -rf .venv .azurite .checkov .kusto .wire out .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
