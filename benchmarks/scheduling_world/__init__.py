"""The scheduling benchmark's parts: our scheduler behind the published simulator, and the goals."""
