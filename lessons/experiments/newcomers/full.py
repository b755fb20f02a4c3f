"""The full league, about 11 minutes of one quiet core: python -m lessons league [--jobs 2]

Each cell, a rule on a task, lies in a file of its own as soon as it is finished: after an
interruption the same command goes on with the cells that are missing.
"""

import argparse
import hashlib
import json
import os
import platform
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

from lessons.experiments.newcomers.contestants import CONTESTANTS, TASKS
from lessons.experiments.newcomers.runs import cell
from lessons.widgets import bar

SHIPPED = Path(__file__).with_name("league.json")
FOLDER = Path("league")
CODE = ("contestants.py", "runs.py")        # what a cell's numbers depend on, beside the package
DEAR = ("Muon + Adam", "Muon, all blocks", "SOAP")      # judged by the clock as well


def cells(contestants=CONTESTANTS, tasks=TASKS):
    """(rule, task, budget) of every cell."""
    by_gradients = [(name, task, "gradients") for task in tasks
                    for name, entry in contestants.items() if task in (entry.tasks or tasks)]
    return by_gradients + [(name, task, "clock") for name, task, _ in by_gradients if name in DEAR]


def run(folder=FOLDER, jobs=1, contestants=CONTESTANTS, tasks=TASKS):
    """Run the cells that `folder` lacks, by joblib on so many processes; return all of them.

    Each is written by this process as soon as a worker hands it over, so that workers may be on
    other machines: joblib.parallel_config("dask") makes a cluster's of them.
    """
    from joblib import Parallel, delayed  # which scikit-learn brings along

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [key for key in cells(contestants, tasks) if not path_of(folder, key).exists()]
    work = (delayed(cell)(*key, contestants, tasks) for key in missing)
    arrived = Parallel(n_jobs=jobs, return_as="generator_unordered")(work)
    for found in bar(arrived, f"League, {len(missing)} cells") if missing else ():
        keep(folder, found)
    return [json.loads(path_of(folder, key).read_text(encoding="utf-8"))
            for key in cells(contestants, tasks)]


def path_of(folder, key):
    """The file of a cell."""
    return folder / (re.sub("[^a-z0-9]+", "-", " ".join(key).lower()) + ".json")


def keep(folder, found):
    """Write a cell at once or not at all, so that a file is never half a cell."""
    path = path_of(folder, (found["rule"], found["task"], found["budget"]))
    half = path.with_suffix(".part")
    half.write_text(json.dumps(found), encoding="utf-8")
    os.replace(half, path)


def ship(found, file=SHIPPED):
    """Write all cells to one file, with the code and the versions that made them."""
    rows = ",\n".join(map(json.dumps, found))
    file.write_text(f'{{"made_by": {json.dumps(made_by())},\n"cells": [\n{rows}]}}\n',
                    encoding="utf-8")


def made_by():
    """The command, the versions, and a fingerprint of the code of the cells."""
    code = b"".join(Path(__file__).with_name(name).read_bytes() for name in CODE)
    return {"command": "python -m lessons league", "code": hashlib.sha256(code).hexdigest()[:12],
            "python": platform.python_version(),
            **{name: version(name) for name in ("lessons", "numpy", "torch", "mnist1d")}}


@cache
def shipped():
    """The shipped league: {"made_by": {...}, "cells": [...]}."""
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


def forecast(folder, jobs):
    """What is still to do, in a sentence, by the seconds that the shipped cells took."""
    took = {(c["rule"], c["task"], c["budget"]): c["seconds"] for c in shipped()["cells"]}
    missing = [key for key in cells() if not path_of(Path(folder), key).exists()]
    minutes = sum(took.get(key, 20) for key in missing) / 60 / max(1, jobs)
    return (f"{len(missing)} of {len(cells())} cells to do: about {minutes:.0f} minutes on {jobs} "
            f"core(s), and less than 1 MB in {Path(folder).resolve()}. Ctrl-C stops; the same "
            "command goes on, with every finished cell kept.")


def main(options=None):
    """Say how long it will take, run the cells that are missing, and write all to one file."""
    read = argparse.ArgumentParser(prog="python -m lessons league", description=__doc__)
    read.add_argument("--jobs", type=int, default=1, help="processes, 1 unless you say more")
    read.add_argument("--folder", type=Path, default=FOLDER, help="where the cells are kept")
    read.add_argument("--ship", action="store_true", help="replace the table that the package has")
    asked = read.parse_args(options)
    if SHIPPED.exists():
        print(forecast(asked.folder, asked.jobs), flush=True)
    found = run(asked.folder, asked.jobs)
    ship(found, SHIPPED if asked.ship else asked.folder / "league.json")
