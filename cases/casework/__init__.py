"""The pages on which a Vorgang is worked on: one module per matter, each with its forms and views."""
