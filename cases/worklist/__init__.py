"""The worklist: filters, order, pages, counts, and what can be done with several Vorgänge at once."""
