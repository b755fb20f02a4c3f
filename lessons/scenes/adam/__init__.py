"""Scenes about Adam and AdamW."""
