"""Execute notebooks in a clean kernel, and save them in canonical form: same run, same bytes.

    python -m lessons notebooks                 every notebook of the course
    python -m lessons notebooks 01              those with 01 in their path
    python -m lessons notebooks --check         save nothing; say what would change, and fail if any

Canonical: no times, no widget state, no metadata but tags and picture sizes, one text per stream,
executions counted from 1. A live picture leaves its still: what only a kernel can show is dropped.
"""

import base64
import difflib
import io
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

from lessons.site.execute import in_new_kernel
from lessons.widgets import VIEW

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT = 120
PICTURES = ("image/png", "image/jpeg")
# Root mean square of the differences of all pixels, of 255. The same machine draws the same pixels,
# other fonts about 3 here; a curve that is 1 % higher in a small plot makes 10.
TOLERANCE = 3 if sys.platform == "linux" else 8
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
}
BAR = re.compile(r"\d+%\|.*\| \d+/\d+ \[")  # as tqdm draws it
# What a run on another machine would print otherwise: addresses, folders, a kernel's file names.
PERISHABLE = re.compile(
    r"\bat 0x[0-9a-fA-F]{6,}|/ipykernel_\d+/|[A-Z]:\\+Users|/(home|Users|root|tmp)/|"
    + re.escape(str(ROOT)))


def execute(notebook, folder):
    """Return a canonical copy of a notebook, executed in a new kernel that works in this folder."""
    fresh = nbformat.from_dict(notebook)
    in_new_kernel(fresh, folder, CELL_TIMEOUT)
    return canonical(fresh)


def canonical(notebook):
    """Return an executed notebook without anything that another run would say differently."""
    cells = []
    for cell in notebook.cells:
        tags = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        new = {"cell_type": cell.cell_type, "id": cell.id, "metadata": tags, "source": cell.source}
        if cell.cell_type == "code":
            ran = sum(c["cell_type"] == "code" and bool(c["source"].strip()) for c in cells)
            new["execution_count"] = ran + 1 if cell.source.strip() else None
            new["outputs"] = [clean(o, new) for o in cell.outputs if not is_bar(o)]
        cells.append(new)
    return nbformat.from_dict({"cells": cells, "metadata": METADATA, "nbformat": 4,
                               "nbformat_minor": 5})


def clean(output, cell):
    """Return one output of a cell in canonical form; refuse what can't be compared."""
    output = nbformat.from_dict(output)
    if output.output_type == "error":
        output.traceback = [f"{output.ename}: {output.evalue}"]     # the frames name folders
    if "data" in output:
        if len(output.data) > 1:
            output.data.pop(VIEW, None)
        output.metadata = {kind: size for kind, size in output.metadata.items() if kind in PICTURES}
    if output.output_type == "execute_result":
        output.execution_count = cell["execution_count"]
    for text in texts(output):
        found = PERISHABLE.search(text)
        if found or output.get("name") == "stderr":
            warning = output.get("name") == "stderr"
            what = "a warning" if warning else f"{found[0]!r}, which another machine would not"
            raise SystemExit(f"This cell prints {what}:\n\n{cell['source']}\n\n{text}")
    return output


def is_bar(output):
    """Whether an output is what a progress bar left behind: it is gone when its work is done."""
    data = output.get("data", {})
    running = VIEW in data and bool(BAR.search(data.get("text/plain", "")))
    return running or data == {"text/plain": ""}


def texts(output):
    """Return every text of an output."""
    data = [text for kind, text in output.get("data", {}).items()
            if kind not in PICTURES and isinstance(text, str)]
    return [*data, output.get("text", ""), *output.get("traceback", [])]


def picture(encoded):
    """Return the pixels (height, width, 4) of a picture as a notebook stores it."""
    data = base64.b64decode("".join(encoded))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), float)


def pictures_differ(saved, new):
    """Say how two lists of outputs differ in their pictures, or return None where they don't."""
    for kind in PICTURES:
        old, now = ([output["data"][kind] for output in outputs if kind in output.get("data", {})]
                    for outputs in (saved, new))
        if len(old) != len(now):
            return f"{len(old)} pictures ({kind}) are saved, {len(now)} are drawn"
        for before, after in zip(map(picture, old), map(picture, now)):
            if before.shape != after.shape:
                sizes = [f"{p.shape[1]} x {p.shape[0]}" for p in (before, after)]
                return f"a picture of {sizes[0]} pixels is saved, {sizes[1]} are drawn"
            distance = np.sqrt(((before - after) ** 2).mean())
            if distance > TOLERANCE:
                return f"a picture differs by {distance:.1f} of 255 (rms); {TOLERANCE} are allowed"
    return None


def written(notebook, with_pictures=True):
    """Return the text of a notebook's file."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if not with_pictures:
        text = re.sub(r'("image/(png|jpeg)": ")[^"]*"', r'\1..."', text)
    return text


def difference(saved, new):
    """Return the lines that say how two notebooks differ, empty where they don't."""
    before, after = (written(n, with_pictures=False).splitlines() for n in (saved, new))
    lines = list(difflib.unified_diff(before, after, "saved", "executed", n=1, lineterm=""))
    for number, (old, now) in enumerate(zip(saved.cells, new.cells)):
        change = pictures_differ(old.get("outputs", []), now.get("outputs", []))
        lines += [f"cell {number}: {change}"] if change else []
    return lines


def main(arguments):
    """Execute the notebooks that the arguments name; return the number of those that changed."""
    check = "--check" in arguments
    names = [argument for argument in arguments if argument != "--check"]
    paths = [Path(name) for name in names if Path(name).is_file()] or [
        path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        if not names or any(name in path.name for name in names)]
    if not paths:
        raise SystemExit(f"No notebook has {' or '.join(names)} in its name.")
    changed = 0
    for path in paths:
        saved = nbformat.read(path, as_version=4)
        new = execute(saved, path.parent)
        lines = difference(saved, new)
        changed += bool(lines)
        print(path.name, "changed" if lines else "as saved", flush=True)
        if check:
            print(*(line[:160] + "\n" for line in lines[:60]), sep="", end="")
        else:
            path.write_text(written(new), encoding="utf-8", newline="\n")
    return changed if check else 0


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
