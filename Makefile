# make run: the dashboard; make test: the tests; make test-slow: those that train, kill processes
# or click in a browser; make lint: style, imports, types and the components' own tests. Each makes
# the environment first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run lint test test-slow screenshots shipped bench clean

run: .venv/ready
	$(BIN)/streamlit run dashboard.py

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@if command -v node >/dev/null; then node --test tests/web/*.test.mjs; \
	else echo "There is no node here: the components' own tests were left out."; fi

test: .venv/ready-dev
	$(BIN)/python -m pytest

test-slow: .venv/ready-dev
	$(BIN)/python -m pytest -m slow

screenshots: .venv/ready-dev
	$(BIN)/python tests/screenshots.py

shipped: .venv/ready
	$(BIN)/python -c 'import sys; from doodle_core.runs import shipping; shipping.write_list(sys.argv[1:])' \
		$$(git ls-files 'models/*/config.json' | xargs -n 1 dirname)

bench: .venv/ready
	$(BIN)/python benchmarks/training_speed.py
	$(BIN)/python benchmarks/frozen_features.py
	$(BIN)/python benchmarks/vae_speed.py

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Doodle Lab needs Python 3.11 to 3.13: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make environments: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch .venv/ready

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch .venv/ready-dev

clean:
	rm -rf .venv
