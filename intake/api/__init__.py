"""REST for portals (``/api/v1/``): who may come in, how much, what is read, and how mistakes are told."""
