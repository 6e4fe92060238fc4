"""Processes that do not outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel (Linux) to kill this process when its parent dies, however the parent dies.

    Called in a child right after the fork: nothing of a killed worker or supervisor goes on by itself.
    """
    os.setpgid(0, 0)  # a signal to the parent's group is the parent's to pass on
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
