"""What the upper rooms are told, in the same transaction."""

from django.dispatch import Signal

# Arguments: case (Case), kind (status | assigned | documents | …), by (Actor), public (the citizen sees the change:
# then the Vorgang has a new version)
case_event = Signal()

# Arguments: cases (list of Case), in the order in which they were opened. Their opening is a public change.
cases_opened = Signal()

# Argument: dispatches (list of Dispatch), in the transaction of who acts. No machine shall send these letters any more:
# they were withdrawn, or a person has sent them. A receiver calls back what it has on its way, and answers with the ids
# of those that are out of its reach.
letters_recalled = Signal()
