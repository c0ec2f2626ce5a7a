# Chapter & Verse. `make` alone says what there is.
#
# Python >= 3.11 is needed; another one than python3: make chat PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# the pinned version, as pyproject.toml has it
TORCH := $(shell sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
CPU_INDEX := https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help chat setup index evaluate test test-all lint bench bench-small readme images train clean

help:  ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

chat: $(VENV)/.compiled  ## set up, index the sample documents, open the chat page
	$(BIN)/python app.py --open

setup: $(VENV)/.installed-dev $(VENV)/.compiled  ## set up everything in .venv, the tools for tests included

index: $(VENV)/.compiled  ## index the sample documents, or bring the index in step; others: qa index PATH
	$(BIN)/qa index

evaluate: index  ## score the answers to the questions in seeds/gold; the report goes to scores/
	$(BIN)/qa evaluate seeds/gold/dev.jsonl --report scores

test: setup  ## all but the slow tests, one in a browser included: a few minutes
	$(BIN)/python -m pytest -m "not slow and not browser" $(ARGS)

test-all: test  ## every test: those of make test, then the slow ones and the others in a browser
	$(BIN)/python -m pytest -m "slow or browser" $(ARGS)

lint: $(VENV)/.installed-dev  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup  ## how fast it is, beside others, an hour or two; DATA=folder with the sets: 30,000 passages too
	$(BIN)/python -m benchmarks.speed $(if $(DATA),--data $(DATA)) $(ARGS)
	$(BIN)/python benchmarks/vectors.py
	$(BIN)/python benchmarks/tables.py

bench-small: setup  ## whether it still is as fast beside plain torch as when it was measured last
	$(BIN)/python -m benchmarks.speed.small

readme: setup  ## write into README.md what its commands print now, and the newest measured tables and plots
	$(BIN)/python tests/test_readme.py
	$(BIN)/python benchmarks/tables.py

images: setup  ## take the pictures of the page in docs/images anew
	SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/test_web_page.py tests/browser $(ARGS)

# Large blocks stay with the process: a CPU step asks for many, and giving them back costs a fifth of its time.
train: export MALLOC_MMAP_THRESHOLD_ = 4294967296
train: export MALLOC_TRIM_THRESHOLD_ = 8589934592
train: $(VENV)/.installed-dev  ## train the reader anew, hours on two cores; DATA=folder with the sets, else fetched
	$(BIN)/python -m qa.training reader $(if $(DATA),--data $(DATA))
	$(BIN)/python -m qa.training calibration $(if $(DATA),--data $(DATA))

clean:  ## remove what was built; .venv and .bench stay
	rm -rf .index build dist *.egg-info scores screenshots .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find app.py embeddings qa tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# PyTorch first, and first from PyTorch's own index of CPU builds: on Linux the package index has the CUDA build, several
# GB more. A network that doesn't reach it costs seconds, and what pip is configured for here is asked instead.
$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and\
	 '$(PYTHON)' is not that. Name one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed. On Debian\
	 and Ubuntu it needs a package: apt-get install python3-venv" >&2; exit 1; }
	@if [ "$$(uname -s)" = Linux ] && timeout 5 $(BIN)/python -c \
	  'from urllib.request import urlopen; urlopen("$(CPU_INDEX)/torch/", timeout=4)' 2>/dev/null; then \
	  timeout 600 $(PIP) install --retries 0 --timeout 5 --index-url $(CPU_INDEX) "$(TORCH)" || true; fi
	$(PIP) install "$(TORCH)"
	$(PIP) install -e .
	@! $(PIP) list | grep -iE '^(nvidia|cuda|triton)' || echo "Note: the packages above are PyTorch's CUDA build. They\
	 do no harm but are not needed; $(CPU_INDEX) could not be reached." >&2
	@touch $@

# The models as OpenVINO runs them: twice as fast, and nobody waits for torch to load.
$(VENV)/.compiled: $(VENV)/.installed qa/reader/weights/model.safetensors
	$(BIN)/qa compile
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install -e '.[dev]'
	@touch $@
