# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven through its DevTools pipe."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
         "--disable-dev-shm-usage", "--window-size=1100,800", "--remote-debugging-pipe")


class BrowserError(ValueError):
    """The browser did not do what it was asked for."""


class Browser:
    """One page."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="stackd-browser-")
        near, self.write_fd = os.pipe()
        self.read_fd, far = os.pipe()
        # The pipe's ends are its descriptors 3 and 4, so they must not be these already.
        to_it, from_it = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (near, far))
        os.close(near)
        os.close(far)
        shell = f'exec 3<&{to_it} 4>&{from_it} {to_it}<&- {from_it}>&-; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "bash", "chromium", *FLAGS, f"--user-data-dir={self.dir}/profile", "about:blank"],
            pass_fds=(to_it, from_it), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(f"{self.dir}/log", "wb"), env=dict(os.environ, HOME=self.dir), start_new_session=True)
        os.close(to_it)
        os.close(from_it)
        self.n, self.rest, self.session = 0, b"", None

    def close(self):
        """Ends it with all its processes."""
        for fd in (self.write_fd, self.read_fd):
            os.close(fd)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def read(self, end):
        """The next message."""
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                raise BrowserError("the browser does not answer")
            got = os.read(self.read_fd, 1 << 20)
            if not got:
                raise BrowserError("the browser ended")
            self.rest += got
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def call(self, method, seconds=60, **params):
        self.n += 1
        message = {"id": self.n, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_fd, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            answer = self.read(end)
            if answer.get("id") == self.n:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, url):
        target = self.call("Target.createTarget", url=url)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def evaluate(self, js):
        r = self.call("Runtime.evaluate", expression=js, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            raise BrowserError(f"{js[:60]}: {r['exceptionDetails']}")
        return r["result"].get("value")

    def wait(self, js, seconds, what):
        """Until the expression gives something true; returns that."""
        end, got = time.monotonic() + seconds, None
        while time.monotonic() < end:
            got = self.evaluate(js)
            if got:
                return got
            time.sleep(0.3)
        raise BrowserError(f"waited {seconds} s for {what}; the page says: "
                           + str(self.evaluate("document.body ? document.body.innerText.slice(0, 300) : ''")))

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, char, code, vk):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=char, code=code, windowsVirtualKeyCode=vk,
                      **({"text": char} if len(char) == 1 and kind == "keyDown" else {}))

    def type(self, text):
        """Small letters, digits, and what a US keyboard has without shift."""
        names = {" ": ("Space", 32), "-": ("Minus", 189), "/": ("Slash", 191), ".": ("Period", 190),
                 ";": ("Semicolon", 186), "\n": ("Enter", 13)}
        for c in text:
            if c in names:
                self.key("Enter" if c == "\n" else c, *names[c])
            elif c.isdigit():
                self.key(c, "Digit" + c, ord(c))
            else:
                self.key(c, "Key" + c.upper(), ord(c.upper()))

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
