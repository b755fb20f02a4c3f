"""Scenes about the newcomers and the league."""
