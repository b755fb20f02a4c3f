"""Scenes about Newton's method: its parabola, where it ends, how long its step may be."""
