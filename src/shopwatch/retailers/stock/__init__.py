"""How each retailer's stock is asked for and read, without which there is nothing to watch."""
