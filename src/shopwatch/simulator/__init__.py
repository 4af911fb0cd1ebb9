"""The six retailers on loopback: without this room nothing could be tried without troubling a real site."""
