"""How gradient-based optimizers work: surfaces, steps, and the pictures of what they do together.

Start with `from lessons.surfaces import ravine`, `from lessons.steps import adam` and
`from lessons.descend import descend`. Importing `lessons` alone loads nothing.
"""
