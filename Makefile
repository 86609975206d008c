# Rosette: `make help` says what there is.
PYTHON ?= python3
VENV   := .venv
TORCH  ?= .venv-torch
LAB    ?= .venv-notebook
BIN    := $(VENV)/bin
AUDIT  := $(VENV)-audit
DOCS   := $(VENV)-docs
DEMO   ?= demo
OPEN   ?= 1
IN_BROWSER := $(if $(FILE),$(findstring e2e,$(FILE)),all)

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test test-torch test-notebook lint format bench soak fuzz screenshots wheel docs audit release clean profile

help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# One stamp per lock file: setting up twice costs nothing. No code of a dependency is run to install
# it: only this project itself is built here.
$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --frozen --extra dev --no-build --no-install-project --quiet  # wheels only
	$(BIN)/uv sync --frozen --extra dev --compile-bytecode --quiet  # once, not in each process of the tests
	@touch $@

setup: $(VENV)/.ready ## make .venv with everything in it

browser: $(VENV)/.ready ## find a Chromium for the browser tests, or install one
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh scripts/find_or_install_chromium.sh

demo: $(VENV)/.ready ## draw the demo data set, find its splits, open the app (OPEN=0: stop after the findings)
	$(BIN)/rosette demo $(DEMO) $(if $(filter 0,$(OPEN)),--no-open)

test: $(VENV)/.ready $(if $(IN_BROWSER),browser) ## run all tests (FILE=tests/…: those alone; no browser but for tests/e2e)
	$(BIN)/python -m pytest $(or $(FILE),-n 2)

# An environment of its own: PyTorch is large, and never needed. pip, since it takes the build of
# PyTorch that the machine is set up for.
$(TORCH)/.ready: pyproject.toml
	test -x $(TORCH)/bin/python || $(PYTHON) -m venv $(TORCH)
	$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary -e '.[torch,hub,text]' 'tf-keras' 'pytest>=8.3' 'hypothesis>=6.120'
	@touch $@

test-torch: $(TORCH)/.ready ## run the tests of PyTorch's and KerasHub's models, in an environment of their own (8 GB)
	$(TORCH)/bin/python -m pytest tests/embeddings/backbones/torch_models tests/embeddings/backbones/formats/test_keras_hub.py

# An environment of its own: what a notebook is opened with is none of our dependencies.
$(LAB)/.ready: pyproject.toml
	test -x $(LAB)/bin/python || $(PYTHON) -m venv $(LAB)
	$(LAB)/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary -e . jupyterlab jupyter-server-proxy ipykernel 'pytest>=8.3' 'hypothesis>=6.120' 'playwright>=1.50'
	@touch $@

test-notebook: $(LAB)/.ready ## run the app below the cell of a real JupyterLab, in an environment of its own
	@PATH="$(CURDIR)/$(LAB)/bin:$$PATH" sh scripts/find_or_install_chromium.sh
	$(LAB)/bin/python -m pytest tests/e2e/test_jupyterlab.py

lint: $(VENV)/.ready ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready ## run the benchmarks; each prints JSON (over an hour, 10 GB of disk)
	@for b in $(filter-out benchmarks/soak.py,$(wildcard benchmarks/*.py)); do echo "== $$b"; $(BIN)/python $$b || exit 1; done
	@echo "== benchmarks/clustering.py --whole"; $(BIN)/python benchmarks/clustering.py --whole

soak: $(VENV)/.ready ## an hour of readers and writers on a running server; prints JSON
	$(BIN)/python benchmarks/soak.py

profile: $(VENV)/.ready ## where the time of a run goes, stage by stage
	$(BIN)/python scripts/profile_run.py

fuzz: $(VENV)/.ready ## ask the app 20,000 wild questions; prints JSON
	@mkdir -p dist
	@ROSETTE_FUZZ=20000 ROSETTE_FUZZ_REPORT=dist/fuzz.json $(BIN)/python -m pytest -q tests/explorer/test_fuzz_routes.py
	@cat dist/fuzz.json

screenshots: $(VENV)/.ready browser ## take the pictures of the documentation from the demo
	$(BIN)/rosette demo $(DEMO) --no-open
	$(BIN)/python scripts/screenshots.py --demo $(DEMO)

wheel: $(VENV)/.ready ## build the wheel into dist/
	$(BIN)/uv build --wheel --quiet

docs: ## build the documentation site into dist/docs, strictly, in an environment of its own
	test -x $(DOCS)/bin/mkdocs || { $(PYTHON) -m venv $(DOCS) && $(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: 'mkdocs>=1.6,<2' 'mkdocs-material>=9.5,<10'; }
	$(DOCS)/bin/mkdocs build --strict --quiet

audit: $(VENV)/.ready ## ask the package index for known weaknesses of everything that is locked
	test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: pip-audit; }
	$(BIN)/uv export --frozen --all-extras --no-emit-project --format requirements.txt --quiet -o $(AUDIT)/locked.txt
	$(AUDIT)/bin/pip-audit -r $(AUDIT)/locked.txt --disable-pip --require-hashes --strict

release: lint test audit wheel ## what a release needs: everything checked, the wheel, its bill of materials, checksums
	$(BIN)/uv export --frozen --no-dev --format cyclonedx1.5 --quiet -o dist/rosette-explorer.cdx.json
	cd dist && { command -v sha256sum >/dev/null && sha256sum *.whl *.cdx.json || shasum -a 256 *.whl *.cdx.json; } > SHA256SUMS

clean: ## remove what can be made again
	rm -rf $(VENV) $(AUDIT) $(DOCS) $(TORCH) $(LAB) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
