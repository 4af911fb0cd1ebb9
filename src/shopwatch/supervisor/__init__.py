"""Child processes: started, adopted, stopped and reaped; and when crawls are due."""
