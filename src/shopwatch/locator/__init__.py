"""The store directories: crawl a retailer, judge what came, publish it, tell what changed."""
