"""The sweep on more machines runs as the lesson shows it, on joblib and on Dask."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np

from lessons.experiments.learning_rate import tuned

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


def test_the_best_rates_of_its_table_are_those_of_the_lesson():
    """Each rule's best of the four is the one next to the best of the lesson's finer grid."""
    _, said, _ = blocks()
    rates, found = np.geomspace(1e-3, 1, 4), tuned(600).set_index("rule")["best lr"]
    for row in said.splitlines():
        rule, *wrong = row.split()
        best = np.log(np.mean([float(lr) for lr in found[rule].split(" to ")]))
        assert np.argmin(np.array(wrong, float)) == np.argmin(abs(np.log(rates) - best)), rule
