"""Settings: frozen, typed, every problem said at once by path and line."""
