"""A web process in the middle of an answer: it has received an application and has not committed yet."""

import os
import sys
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from intake import actions, channels  # noqa: E402
from intake.models import ApiClient  # noqa: E402

client, key = ApiClient.objects.get(), sys.argv[2]


def make() -> actions.Answer:
    """Receive, say so, and wait to be killed."""
    for envelope in channels.get("portal").envelopes(Path(sys.argv[1])):
        envelope.external_id = f"{client.pk}:{key}"
        actions.receive(envelope, by=channels.actor("portal"), client=client)
    print("inside", flush=True)
    time.sleep(60)
    return actions.Answer(201, "{}")


actions.answer_once(client=client, path="/api/v1/submissions", key=key, digest="x" * 64, make=make)
