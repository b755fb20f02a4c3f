"""Scenes about matrix preconditioners: two factors, turned axes, Muon's polynomial."""
