"""Scenes about a race of rules, and about who decides it."""
