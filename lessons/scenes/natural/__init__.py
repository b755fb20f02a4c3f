"""Scenes about the natural gradient: charts, rulers, models that lie apart, and policies."""
