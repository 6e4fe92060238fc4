"""A database engine that brings its own PostgreSQL: local mode needs no database server."""
