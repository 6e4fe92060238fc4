"""Standards: readers that turn what a message says into version-neutral Facts.

``xjustiz`` reads XJustiz 2.4.0 to 3.7, ``egvp_container`` what the carrier adds (arrival, proof of origin,
mailboxes, subject). ``intake.translate`` puts the two together.
"""
