# `make demo` runs the main job; `make test` runs every check; `make docs` builds the site. All set up what they need.
VENV ?= .venv
OUT ?= holdfast-demo
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN = $(VENV)/bin
TORCH = --retries 0 --timeout 5 --no-deps --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0

.PHONY: demo test docs clean

demo: $(VENV)/.core
	@echo "Rating Harris County and stress-testing central Helsinki; the first run compiles kernels, a minute or two."
	$(BIN)/holdfast demo --out $(OUT)

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file benchmarks/mypy.ini
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -b html -W --keep-going -q -j auto docs build/docs

$(VENV)/.core: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Holdfast needs Python 3.11 or newer; say which with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), about 2 GB: torch (CPU build), then Holdfast and what it needs; a few minutes."
	$(BIN)/python -m pip install --progress-bar on $(TORCH)
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt -e ".[deep]"
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[deep,dev,docs]"
	touch $@

clean:
	rm -rf $(VENV) $(OUT) build docs/_generated
