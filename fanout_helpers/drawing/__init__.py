"""A picture of the broker as boxes and lines, as an SVG, and in words; without widgets."""
