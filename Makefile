# Rosette: `make help` says what there is.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   ?= demo
OPEN   ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test lint format bench screenshots wheel clean

help: ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# One stamp per lock file: setting up twice costs nothing.
$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --frozen --extra dev --quiet
	@touch $@

setup: $(VENV)/.ready ## make .venv with everything in it

browser: $(VENV)/.ready ## find a Chromium for the browser tests, or install one
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh scripts/find_or_install_chromium.sh

demo: $(VENV)/.ready ## draw the demo data set, find its splits, open the app (OPEN=0: stop after the findings)
	$(BIN)/rosette demo $(DEMO) $(if $(filter 0,$(OPEN)),--no-open)

test: $(VENV)/.ready browser ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.ready ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready ## run the benchmarks; each prints JSON
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

screenshots: $(VENV)/.ready browser ## take the pictures of the documentation from the demo
	$(BIN)/rosette demo $(DEMO) --no-open
	$(BIN)/python scripts/screenshots.py --demo $(DEMO)

wheel: $(VENV)/.ready ## build the wheel into dist/
	$(BIN)/uv build --wheel --quiet

clean: ## remove what can be made again
	rm -rf $(VENV) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
