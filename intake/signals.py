"""What the upper rooms are told, in the same transaction."""

from django.dispatch import Signal

# Arguments: submission (Submission). Sent when somebody else than the receiver has to take it through the pipeline.
submission_received = Signal()

# Arguments: submission (Submission). Sent for everything that is stored, before anybody takes it through.
submission_stored = Signal()
