"""Scenes about the natural gradient: charts, models that lie apart, and policies."""
