"""Scenes about clipping."""
