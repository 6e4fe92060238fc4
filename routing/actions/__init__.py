"""The only writers of this room: ``filing`` (what the pipeline does), ``clearing`` (what a Teamleitung does with
the exception queue), ``rules``, ``drafts``."""
