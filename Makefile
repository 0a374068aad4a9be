# Thin: each recipe is one command, in .venv with the exact versions of .ci/constraints.txt.

PYTHON ?= python3
export PYTHON

.PHONY: demo test test-quick check format docs

# Generates, labels, exports and scores a small dataset, and says where to look.
demo: .venv/ready
	.venv/bin/workbench demo

# The whole test suite, one process a core. It sets up MediaPipe, a Label Studio server, with which
# Chromium speaks, an S3 and readers of exports; their environments stay for the next time.
test: .venv/ready
	.ci/apt chromium chromium-driver libglib2.0-0 || true
	.venv/bin/python -m pytest -n 2 --dist loadgroup -m ""

# Without those.
test-quick: .venv/ready
	.venv/bin/python -m pytest -n 2

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
