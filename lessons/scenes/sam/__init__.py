"""Scenes about flat minima and SAM, which asks for them."""
