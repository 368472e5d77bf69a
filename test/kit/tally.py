# SPDX-License-Identifier: Apache-2.0
"""Counts the cases of a test that is a program of its own."""
import traceback


class Tally:
    """Runs each case as it is written down and closes with the counts."""

    def __init__(self):
        self.passed, self.failed = 0, []

    def ok(self, name):
        self.passed += 1
        print(f"ok      {name}", flush=True)

    def fail(self, name, words):
        self.failed.append(name)
        print(f"not ok  {name}: {words}", flush=True)

    def case(self, name):
        """Decorates a function without arguments: runs it at once.  What it raises is its failure, and the
        cases after it go on."""
        def run(function):
            try:
                function()
            except Exception as e:  # pylint: disable=broad-except
                at = traceback.extract_tb(e.__traceback__)
                where = next((f.lineno for f in reversed(at) if f.name == function.__name__), 0)
                self.fail(name, f"line {where}: {type(e).__name__}: {e}")
            else:
                self.ok(name)
            return function
        return run

    def close(self):
        """Prints the last line; returns the exit code."""
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
