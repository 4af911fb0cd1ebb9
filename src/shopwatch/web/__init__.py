"""The dashboard's server: reads the database, controls children, pushes what changed."""
