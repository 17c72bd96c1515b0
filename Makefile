# Two commands matter: `make demo` and `make test`. Everything they need is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# those that make their own material; the others ask for a dataset, a model or a folder and say so
BENCHMARKS := audio compose_chords dataset_build dataset_scale embed publish

.PHONY: demo test test-fast check bench web clean

demo: $(VENV)/.demo
	$(BIN)/whitelight demo --out demo

test: $(VENV)/.dev $(VENV)/.browser
	$(BIN)/python -m pytest -n auto --dist loadfile

test-fast: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit("whitelight needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.python pyproject.toml constraints.txt
	$(INSTALL) -e '.[train,studio]'
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(INSTALL) -e '.[train,dev]'
	@touch $@

$(VENV)/.browser: $(VENV)/.dev
	.ci/browser
	@touch $@

# the studio's page, bundled anew from web/ (needs node 20 or newer; the bundle is committed, so nobody else does)
web:
	cd web && npm ci --no-audit --no-fund && npm run check && npm run build

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
