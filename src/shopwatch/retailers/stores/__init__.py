"""The store directories, one file for each retailer; without them no crawl knows where to start."""
