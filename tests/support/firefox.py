"""Firefox without a window, driven by WebDriver BiDi: https://w3c.github.io/webdriver-bidi."""

import json
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import websocket
from support.lab import until

# what is not on this computer lies behind a proxy that does not exist
PREFS = {"network.proxy.type": 1, "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
         "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
         "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9}
KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "End": "\ue010", "Home": "\ue011"}


class Firefox:
    """A tab of a Firefox; `complaints` are its errors, `asked` the addresses that it asked for."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self.numbers, self.complaints, self.asked = count(1), [], []
        self.do("session.new", capabilities={})
        self.do("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.tab = self.do("browsingContext.getTree")["contexts"][0]["context"]

    def do(self, method, **params):
        """Send a command; returns its answer, after noting what was heard before that."""
        number = next(self.numbers)
        self.socket.send(json.dumps(dict(id=number, method=method, params=params)))
        while (told := json.loads(self.socket.recv())).get("id") != number:
            if told["method"] == "network.beforeRequestSent":
                self.asked.append(told["params"]["request"]["url"])
            elif told["params"]["level"] == "error":
                self.complaints.append(told["params"]["text"])
        assert told["type"] == "success", f"{method}: {told['error']}: {told['message']}"
        return told["result"]

    def open(self, address):
        self.do("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def ask(self, expression):
        """What a JavaScript expression, or its promise, comes to."""
        told = self.do("script.evaluate", target=dict(context=self.tab), awaitPromise=True,
                       expression=f"(async () => JSON.stringify(await ({expression})))()")
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"].get("value", "null"))

    def press(self, *keys):
        """Press keys, by their names or their letters."""
        actions = [dict(type=kind, value=KEYS.get(key, key)) for key in keys
                   for kind in ("keyDown", "keyUp")]
        self.do("input.performActions", context=self.tab,
                actions=[dict(type="key", id="keyboard", actions=actions)])


@contextmanager
def firefox(path):
    """Start a Firefox that has nobody's settings; yields its only tab."""
    own = tempfile.mkdtemp(prefix="firefox-")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(it)});" for name, it in PREFS.items()]
    Path(own, "user.js").write_text("\n".join(lines))
    running = subprocess.Popen([path, "--headless", "--no-remote", "--remote-debugging-port", "0",
                                "--profile", own], stderr=subprocess.DEVNULL)
    told = Path(own, "WebDriverBiDiServer.json")
    try:
        until(lambda: told.is_file() and told.read_text(), seconds=60)
        where = json.loads(told.read_text())
        tab = Firefox(f"ws://{where['ws_host']}:{where['ws_port']}/session")
        yield tab
        tab.socket.close()
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(own, ignore_errors=True)
