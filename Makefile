# Everything works in a .venv that is made on first use and kept up to date with the locks.
# `make help` lists the targets. Another interpreter: `make test PYTHON=python3.12`.

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench campaign wheel messages lock clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python)

# A .venv of ours that no longer runs, or was made where the clone was before, is made anew.
$(shell test ! -e .venv/.made || { test "$$(cat .venv/.made)" = "$$(pwd -P)" && $(BIN)/python -c ''; } 2>/dev/null \
	|| rm -rf .venv)

help:           ## this list
	@sed -n 's/^\([a-z]*\): .*## /\1\t/p' Makefile | expand -t 12

demo: .venv/.core        ## solve a real community (東勢, 9 schools) and leave the plan in build/demo
	$(BIN)/assigner solve scenarios/dongshi-109.yaml --out build/demo

test: lint .venv/.tools        ## lint, then the tests (at most 10 minutes)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

lint: .venv/.dev        ## style, types, arrows between the packages
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo

bench: .venv/.dev        ## measure speed on this machine, nothing else running
	$(BIN)/python -m benchmarks.measure

campaign: .venv/.dev .venv/.tools        ## the full counts behind every claim (long)
	$(BIN)/python -m pytest -n 2 -m "campaign or hypothesis" --hypothesis-profile campaign --timeout 0

wheel: .venv/.dev        ## the one file that planners install, in dist
	$(BIN)/python -m hatchling build --target wheel --directory dist

messages: .venv/.dev        ## bring the catalogues up to date with the code, and check them
	$(BIN)/python scripts/messages.py update
	$(BIN)/python scripts/messages.py compile
	$(BIN)/python scripts/messages.py check

lock: .venv/.made        ## move every pin to the newest release that fits
	$(BIN)/python scripts/lock.py

clean:           ## remove .venv, build products and caches
	rm -rf .venv build dist .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made:
	@for python in $(CANDIDATES); do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then echo "making .venv with $$("$$python" --version)" && "$$python" -m venv .venv && pwd -P > $@ && exit; fi; \
	done; \
	echo "No Python 3.11 or newer with its venv module was found (tried: $(CANDIDATES))." >&2; \
	echo "Install one (Debian: python3 and python3-venv), or name it: make demo PYTHON=/path/to/python3" >&2; \
	exit 1

.venv/.core: .venv/.made requirements.lock pyproject.toml
	$(PIP) install --requirement requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

.venv/.dev: .venv/.core requirements-dev.lock
	$(PIP) install --requirement requirements-dev.lock
	@touch $@

# Programs that some tests look at results with: chromium, LibreOffice, poppler, a Chinese font.
.venv/.tools: .venv/.dev scripts/install_test_tools.py
	$(BIN)/python scripts/install_test_tools.py
	@touch $@
