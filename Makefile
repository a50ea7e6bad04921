# make run: the dashboard; make test: the tests; make test-slow: those that train, kill processes
# or click in a browser. Each makes the environment first. make test-web: the arithmetic of the
# pages' JavaScript, with Node.js alone.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-slow test-web screenshots bench clean

run: .venv/ready
	$(BIN)/streamlit run dashboard.py

test: .venv/ready
	$(BIN)/python -m pytest

test-slow: .venv/ready
	$(BIN)/python -m pytest -m slow

test-web:
	node --test tests/web/*.test.mjs

screenshots: .venv/ready
	$(BIN)/python tests/screenshots.py

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

clean:
	rm -rf .venv
