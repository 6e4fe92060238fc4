"""What the upper rooms are told, in the same transaction."""

from django.dispatch import Signal

# Arguments: case (Case), kind (opened | status | assigned | documents | …), by (Actor)
case_event = Signal()
