"""Real pages in a real browser: what an API says is confirmed where the shopper would see it."""
