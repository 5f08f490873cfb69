# Two commands on a fresh machine: `make demo` and `make test`. Both install what they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MOSAICML := .venv-mosaicml
DEMO_OUT ?= equime
PIP := $(BIN)/python -m pip install --disable-pip-version-check -qq

.PHONY: demo test lint bench docs pdf fuzz clean
.DEFAULT_GOAL := demo

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else \
	  f"EquiME needs Python 3.10 or newer, got {sys.version.split()[0]}; run: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# A stamp a set of packages; a change of pyproject.toml installs again.
$(VENV)/.render: pyproject.toml | $(VENV)/bin/python
	@.ci/system-libraries libEGL.so.1:libegl1 libGLESv2.so.2:libgles2
	@echo "installing EquiME with the render extra into $(VENV) (under a minute on a good line)"
	@$(PIP) --editable '.[render]'
	@touch $@

$(VENV)/.dev: $(VENV)/.render
	@.ci/system-libraries libavcodec.so:ffmpeg
	@[ -z "$$CI" ] || .ci/system-libraries command/chromium:chromium command/chromedriver:chromium-driver
	@echo "installing what the tests need (torch among it: several minutes on a slow line)"
	@$(PIP) 'pip>=25.1'
	@$(PIP) --editable '.[all]' --group dev
	@touch $@

demo: $(VENV)/.render
	@$(BIN)/python examples/demo.py --out $(DEMO_OUT)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Two processes fill two cores; numeric libraries that start threads of their own only make them wait for each other.
test: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=worksteal

$(VENV)/.bench: $(VENV)/.dev
	@echo "installing the loaders that benchmarks compare with"
	@$(PIP) --group bench
	@touch $@

# MosaicML Streaming needs older numpy and transformers: in an environment of its own they shadow ours. Where that fails
# the benchmark says that this peer is missing.
$(MOSAICML)/.done: $(VENV)/.dev
	-@$(PYTHON) -m venv $(MOSAICML) \
	&& $(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
	  > "$$(ls -d $(MOSAICML)/lib/python*/site-packages)/zz_shared.pth" \
	&& $(MOSAICML)/bin/python -m pip install --disable-pip-version-check -qq mosaicml-streaming && touch $@

bench: $(VENV)/.bench $(MOSAICML)/.done
	@$(BIN)/python -m benchmarks.run $(ONLY) $(if $(KEEP),--keep)

# New damaged files for ten minutes of processor time a reader; what is found is kept in .hypothesis/fuzz.
fuzz: $(VENV)/.dev
	EQUIME_FUZZ_S=600 $(BIN)/python -m pytest -q -p no:cacheprovider --numprocesses=2 tests/fuzz/test_fuzz.py

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

pdf: $(VENV)/.dev
	$(BIN)/python -m docs.make_pdf

clean:
	rm -rf $(VENV) $(MOSAICML) $(DEMO_OUT) site .pytest_cache .mypy_cache .ruff_cache
