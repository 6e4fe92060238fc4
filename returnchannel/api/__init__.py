"""The REST interface for portals and Fachverfahren, as far as it tells of Vorgänge."""
