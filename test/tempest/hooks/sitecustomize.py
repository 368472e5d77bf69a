# SPDX-License-Identifier: Apache-2.0
"""Python reads this at its start when the folder is in PYTHONPATH.

Tempest's client sleeps ten seconds before it deletes any subnet, because ports may take
so long to go elsewhere.  Here they are gone when the answer says so: without the sleep
the tests prove that, and several hundred of them need seconds instead of minutes."""
import sys
import time

SLEEPER = "tempest.lib.services.network.subnets_client"


def _sleep(seconds, sleep=time.sleep):
    if sys._getframe(1).f_globals.get("__name__") != SLEEPER:
        sleep(seconds)


time.sleep = _sleep
