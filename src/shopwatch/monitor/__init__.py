"""Watching stock: what to check, how to read it, what to make of it."""
