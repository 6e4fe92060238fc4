"""The pages of the rules: the decision table, one rule, drafts, the trial run and publishing."""
