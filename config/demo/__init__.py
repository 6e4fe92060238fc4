"""The demonstration: a made-up town with its teams, rules and sample mail."""
