"""Open311 GeoReport v2: other systems' citizens report here, and see what became of it."""
