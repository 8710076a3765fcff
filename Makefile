# make        set up, build, and run the Jishou case into out/
# make test   set up, all tests: Rust, Python, the examples in docstrings, notebooks, the wheel alone
# make lint   formatting, clippy, ruff, mypy, stubs against the built module
# make bench  what the README says about speed, measured here
# make docs   the reference of the Rust core and the Python package
# make clean  remove .venv, target and out

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
# Needed on the machine: Rust, Python >= 3.11, make. Everything else goes into .venv and target.
export CARGO_TERM_COLOR ?= auto
RUST_SOURCES := $(shell find src data -type f) Cargo.toml Cargo.lock build.rs pyproject.toml

.PHONY: all setup build test test-rust test-python lint bench docs clean
.DELETE_ON_ERROR:

all: build
	$(BIN)/minsuan run jishou --draws 1000 --out out/

setup: .venv/.installed

.venv/.installed: requirements-dev.txt
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

build: .venv/.built

# Release, because people run it; `cargo test` keeps its own dev build.
.venv/.built: .venv/.installed $(RUST_SOURCES)
	@# The time of the start: what changes while it builds is newer, and is built next time.
	touch $@.started
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/maturin develop --release --quiet
	mv $@.started $@

test: test-rust test-python

test-rust:
	cargo test --quiet
	@! cargo tree --edges normal --prefix none | grep -q '^pyo3 ' || { echo "the core must build without Python"; exit 1; }

test-python: build
	$(PY) -m pytest

lint: build
	cargo fmt --check
	cargo clippy --all-targets --quiet -- -D warnings
	cargo clippy --lib --features python --quiet -- -D warnings
	$(BIN)/ruff format --check python tests notebooks benches
	$(BIN)/ruff check python tests notebooks benches
	$(BIN)/mypy
	$(PY) -m mypy.stubtest --mypy-config-file pyproject.toml --allowlist tests/stubtest.txt minsuan._core

bench: build
	$(PY) -m benches

docs: build
	cargo doc --no-deps --quiet
	cd target/doc && $(CURDIR)/$(PY) -m pydoc -w minsuan >/dev/null

clean:
	rm -rf .venv target out
