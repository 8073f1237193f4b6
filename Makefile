# cxcall: make run (a whole demo call centre), make test (everything). Both set up what they need first.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help install install-dev run test lint bench pictures lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: $(VENV)/.installed ## virtual environment, package and browser assets
install-dev: $(VENV)/.installed-dev

run: install ## set up, then a whole working demo call centre; Ctrl C ends it
	@$(BIN)/cxcall demo

test: lint ## set up, then linters and every test, with real servers and browser
	@sh tests/support/packages.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS) || { [ $$? = 1 ] \
	&& echo "What failed while two ran at once runs once more, alone:" \
	&& $(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(PYTEST_ARGS); }

lint: install-dev ## formatting, lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: install-dev ## the benchmarks; each prints JSON
	@sh tests/support/packages.sh
	@for name in ingest memory pop agi surveys survey_figures board provision route rollups reports speech_search feeling spotting speech; do $(BIN)/python -m benchmarks.$$name || exit 1; done

pictures: install-dev ## the screenshots of docs/pictures, made by the browser tests
	@sh tests/support/packages.sh
	CXCALL_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/asterisk/test_demo.py -k every_role

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || { echo "cxcall needs Python 3.11 or newer; $(PYTHON) is older. Name another with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; } || { echo "Python's venv module is missing. Have an administrator run: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.txt pyproject.toml hatch_build.py $(shell find cxcall/web/ui -name node_modules -prune -o -type f -print 2>/dev/null)
	$(BIN)/pip install -q --require-hashes -r requirements.txt
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --upgrade --generate-hashes --strip-extras --allow-unsafe \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: install-dev ## the exact versions again, with hashes and without addresses
	$(BIN)/pip install -q pip-tools
	$(BIN)/python tests/support/pins.py build demo | $(COMPILE) -o requirements.txt -
	$(BIN)/python tests/support/pins.py build demo dev | $(COMPILE) -c requirements.txt -o requirements-dev.txt -

clean: ## what running and testing left behind; the virtual environment stays
	rm -rf var build dist cxcall/web/static/dist cxcall/web/ui/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
