# Thin: each recipe is one command, in .venv with the exact versions of .ci/constraints.txt.

PYTHON ?= python3
export PYTHON

.PHONY: demo test test-labelstudio test-mediapipe check format docs

# Generates, labels, exports and scores a small dataset, and says where to look.
demo: .venv/ready
	.venv/bin/workbench demo

# The whole test suite, one process a core.
test: .venv/ready
	.venv/bin/python -m pytest -n 2

# The tests that need the network, to install Label Studio, and a server of it.
test-labelstudio: .venv/ready
	.venv/bin/python -m pytest -m labelstudio

# The test that needs the network, to install MediaPipe, and MediaPipe itself.
test-mediapipe: .venv/ready
	.venv/bin/python -m pytest -m mediapipe

# What a reviewer runs first: form, lint, types, and that the generated pages are current.
check: .venv/ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python docs/generate.py --check

format: .venv/ready
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Writes the pages that are made from the code.
docs: .venv/ready
	.venv/bin/python docs/generate.py

.venv/ready: .ci/setup .ci/apt .ci/constraints.txt pyproject.toml
	.ci/setup
