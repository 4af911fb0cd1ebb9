"""The only room that knows which class stands behind which port; each file joins one use case."""
