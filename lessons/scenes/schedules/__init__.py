"""Scenes about schedules."""
