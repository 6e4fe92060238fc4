"""Log-in by the authority's own service (OpenID Connect), where ``OIDC_ISSUER`` is set.

Roles and teams come from a claim of groups, by ``OIDC_GROUPS``. What a person has by it is exactly what the service
says at each log-in; what was given by hand in the Verwaltung stays beside it.
"""
