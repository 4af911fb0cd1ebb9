"""The product pages of the retailers as a browser reads them: positive evidence only."""
