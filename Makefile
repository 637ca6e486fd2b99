PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE ?= 1
# How the proofs run: one after the other with what they print; .ci/run runs them side by side.
PROVE ?= -s -p no:xdist
INSTALLED := $(VENV)/.installed
TESTS_INSTALLED := $(VENV)/.installed-tests

.PHONY: run test check bench prove docs words clean

run: $(INSTALLED)  ## serve http://127.0.0.1:8000, with the sample (SAMPLE=0: empty)
	$(BIN)/seamark run $(if $(filter 0,$(SAMPLE)),--no-sample,--sample)

test: $(TESTS_INSTALLED)  ## everything that passes without root or Java
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

check: $(TESTS_INSTALLED)  ## ruff, mypy, import-linter, rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/seamark rules check

bench: $(TESTS_INSTALLED)  ## the claims, each against a named peer
	$(BIN)/python -m benchmarks

prove: $(TESTS_INSTALLED)  ## the long proofs in full
	SEAMARK_PROVE_ROUNDS=$${SEAMARK_PROVE_ROUNDS:-50} $(BIN)/python -m pytest -q -m prove --durations=12 $(PROVE)

docs: $(TESTS_INSTALLED)  ## files made from the program
	$(BIN)/seamark settings-doc > docs/settings.md
	$(BIN)/python -m tests.browser.screenshot
	$(BIN)/python -m tests.browser.handbook walk

words: $(TESTS_INSTALLED)  ## take new sentences into the catalogue; write their Chinese, then run it again
	$(BIN)/python translations/words.py

$(INSTALLED): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Seamark needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(TESTS_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,dev]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
