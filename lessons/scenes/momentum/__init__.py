"""Scenes about momentum."""
