"""Where: boundaries, grids and their tree, locating, coordinate systems, density, features for the map."""
