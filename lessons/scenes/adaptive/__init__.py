"""Scenes about the adaptive steps: Adagrad and RMSprop."""
