"""The demonstration: a made-up town with its teams, rules, sample mail and applications."""
