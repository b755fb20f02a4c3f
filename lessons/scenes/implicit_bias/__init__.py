"""Scenes about which of many solutions a rule reaches."""
