"""Scenes about gradient descent: how far one step may go."""
