"""What a finished site must not have: dead links, bare pictures, pages too heavy for a phone."""
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

PAGE, WHOLE = 6e6, 60e6     # bytes of a page with all that it loads, and of the whole site
LOADED = {"script": "src", "img": "src", "link": "href", "figure": "data-script"}
ELSEWHERE = re.compile(r"[a-z]+:|//")


class Page(HTMLParser):
    """A page of the site: its `links`, its `anchors`, `loaded` files, and pictures without alt."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.anchors, self.loaded, self.bare = path, [], {""}, set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found.get("id"), found.get("name")}
        links = {found[name] for name in ("href", "src", "data-script") if found.get(name)}
        light, dark = (found.get(f"data-{theme}", "").split() for theme in ("light", "dark"))
        links |= {*light, *dark}
        self.loaded |= {self.target(link) for link in light}    # a reader sees one of both themes
        self.links += [link for link in sorted(links) if not ELSEWHERE.match(link)]
        loaded = found.get(LOADED.get(tag))
        if loaded and not ELSEWHERE.match(loaded) and found.get("rel") not in ("next", "prev"):
            self.loaded.add(self.target(loaded))
        if tag == "img" and not (found.get("alt") or "").strip():
            self.bare.append((found.get("src") or "")[:60])

    def target(self, link):
        """The file that a link leads to."""
        file = unquote(re.split("[?#]", link)[0])
        return (self.path.parent / file).resolve() if file else self.path.resolve()


def problems(folder):
    """What is wrong with the site in this folder: sentences that say what to do; [] where fine."""
    folder = Path(folder).resolve()
    read = cache(Page)
    pages = [read(path) for path in sorted(folder.rglob("*.html"))]
    found = []
    for page in pages:
        name = page.path.relative_to(folder)
        for link in page.links:
            target = page.target(link)
            anchor = unquote(link.partition("#")[2])
            if not target.exists():
                found.append(f"{name} links to {link}, which does not exist: mend the link in the "
                             "notebook or the page.")
            elif target.suffix == ".html" and anchor not in read(target).anchors:
                found.append(f"{name} links to {link}, and that page has no such heading: mend it.")
        found += [f"{name} shows {source}, which has no description (alt): give it one."
                  for source in page.bare]
        weight = sum(file.stat().st_size for file in {page.path, *page.loaded} if file.is_file())
        if weight > PAGE:
            found.append(f"{name} and what it loads are {weight / 1e6:.1f} MB; {PAGE / 1e6:g} are "
                         "allowed: lower LARGEST in lessons/site/takes.py, or show less.")
    if (weight := size(folder)) > WHOLE:
        found.append(f"The site is {weight / 1e6:.0f} MB; {WHOLE / 1e6:g} are allowed: lower "
                     "LARGEST in lessons/site/takes.py.")
    return found


def size(folder):
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
