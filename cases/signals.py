"""What the upper rooms are told, in the same transaction."""

from django.dispatch import Signal

# Arguments: case (Case), kind (status | assigned | documents | …), by (Actor), public (the citizen sees the change:
# then the Vorgang has a new version)
case_event = Signal()

# Arguments: cases (list of Case), in the order in which they were opened. Their opening is a public change.
cases_opened = Signal()
