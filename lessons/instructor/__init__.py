"""For those who teach the course: grade submitted notebooks, open a lesson for a projector."""
