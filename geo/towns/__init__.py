"""Invented towns: the grid folders the product ships, and the committed generator that made them."""
