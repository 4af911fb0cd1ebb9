"""The six retailers on loopback: without this room nothing of the product could be tried without troubling a real site."""
