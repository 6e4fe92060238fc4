"""A reference portal: all that it knows of Laufmappe is the OpenAPI document that it fetches at its start.

``python -m tests.portal`` plays a citizen's way by hand; the tests play it too. It imports nothing of the product.
"""
