"""Scenes about the choice of the learning rate."""
