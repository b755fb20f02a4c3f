"""The page that a student gets back: each exercise with its answer and what the checker says."""

from jinja2 import Environment

from lessons.check.display import LOOKS

TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ student }}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
section { border-left: 4px solid; padding: 0 1rem; margin: 1.5rem 0; }
h3 { font-size: 1rem; margin: 0; }
.yes { border-color: #388e3c; } .no { border-color: #d32f2f; } .open { border-color: #1976d2; }
.reason { border: 1px solid; padding: .5rem 1rem; }
pre { overflow-x: auto; background: color-mix(in srgb, currentColor 8%, transparent);
      padding: .5rem; font-size: .85rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
footer { opacity: .75; font-size: .85rem; margin-top: 3rem; }
</style>
</head>
<body>
<h1>{{ student }}</h1>
{% for record in records %}
<h2>{{ titles.get(record.lesson, record.file or "Nothing handed in") }}</h2>
{% if record.reason %}<p class="reason"><b>Not complete:</b> {{ record.reason }}.</p>{% endif %}
{% if record.exercises %}
<p>{{ record.exercises | selectattr("passed") | list | length }} of {{ record.exercises | length }}
exercises are right.</p>
{% for row in record.exercises %}
<section class="{{ row.kind }}">
<h3>{{ marks[row.kind] }} Exercise {{ row.name.rpartition(".")[2] }}</h3>
<p>{{ row.message }}</p>
{% if row.claimed and not row.passed %}<p>Your notebook was saved with a card that says it passed.
What counts is a run of the whole notebook, from the first cell on.</p>{% endif %}
{% if row.source %}<pre tabindex="0">{{ row.source }}</pre>{% endif %}
</section>
{% endfor %}
{% endif %}
{% if record.errors %}
<p>Cells that stopped:</p>
<ul>
{% for row in record.errors %}<li>code cell {{ row.cell }}: {{ row.error }}</li>{% endfor %}
</ul>
{% endif %}
{% endfor %}
<footer>Each notebook was run from its first cell on, with {{ walls }}.</footer>
</body>
</html>
"""
template = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE)
MARKS = {kind: mark for kind, (_, mark) in LOOKS.items()}


def page(student, records, lessons, walls):
    """The page of a student, as HTML that needs no other file."""
    titles = {lesson.number: f"{lesson.number}  {lesson.title}" for lesson in lessons}
    return template.render(student=student, records=records, titles=titles, marks=MARKS,
                           walls=walls.partition(";")[0])
