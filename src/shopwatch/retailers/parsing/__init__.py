"""Reading what several retailers write alike; without it each file would read hours its own way."""
