"""A receiver as a channel would be: stores what lies in a folder and leaves the rest to the workers."""

import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from intake import channels  # noqa: E402
from intake.actions import receive  # noqa: E402

for envelope in channels.get("egvp").envelopes(Path(sys.argv[1])):
    receive(envelope, by=channels.actor("egvp"))
