"""One file of data and pure functions per retailer: a page goes in, what it says comes out."""
