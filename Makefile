# Thin aliases; `python -m lessons` does the work, on Windows too.  Options: make test ARGS="-k adam"
PYTHON ?= python3

.PHONY: help lab test notebooks site slides lecture grade claims bench league constraints
help:
	@$(PYTHON) -m lessons
lab test notebooks site slides lecture grade claims bench league:
	@$(PYTHON) -m lessons $@ $(ARGS)

# The newest versions that fit pyproject.toml, for every system. CUDA's lines stay out: see constraints-cpu.txt.
constraints:
	@$(PYTHON) -m lessons setup
	@mkdir -p build
	.venv/bin/python -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--upgrade --no-config --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet \
		--output-file build/constraints.txt
	grep -vE '^(cuda|nvidia|triton)-?' build/constraints.txt > constraints.txt
