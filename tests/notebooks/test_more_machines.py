"""The sweep on more machines runs as the lesson shows it, on joblib and on Dask."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "06_learning_rate.ipynb"
DASK = importlib.util.find_spec("distributed") is not None


def blocks():
    """The code for joblib, what the page says that it prints, the code for Dask."""
    cell, = [cell for cell in nbformat.read(LESSON, 4).cells if "from joblib import" in cell.source]
    (_, here), (_, said), (_, there) = re.findall(r"```(python|text)\n(.*?)```", cell.source, re.S)
    return here, said, there


def test_the_code_runs_as_shown_and_a_local_dask_cluster_gives_the_same_numbers():
    here, said, there = blocks()
    code = here + there if DASK else here
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == said * (1 + DASK)


def test_the_function_is_the_one_of_the_lesson_and_gives_its_numbers():
    text = "\n".join(str(cell.source) for cell in nbformat.read(LESSON, 4).cells
                     if cell.cell_type == "code")
    here, said, _ = blocks()
    for line in ("net = network(batch=32, seed=range(seeds))",):
        assert line in here and line in text
    means = {row.split()[0]: row.split()[1:] for row in said.splitlines()}
    assert means["SGD"][-1] == "1.9" and means["Adam"][1] == "2.6"      # as its sweep says
