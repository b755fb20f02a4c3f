"""A real JupyterHub on this machine's loopback with N students, on demand:

    pip install jupyterhub configurable-http-proxy
    python tests/hub.py --students 20 [--lesson 00] [--moves 5] [--at-once 4]

Each student gets a server of their own, starts a kernel through the hub's proxy, runs every cell of
the lesson over the kernel's websocket, as JupyterLab does, and moves a knob of the first picture.
Reported are failures, seconds and memory. It ends everything that it started.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import nbformat
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[1]
CONFIG = """
c.JupyterHub.ip = c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.port, c.JupyterHub.hub_port, proxy_port = {ports}
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{{proxy_port}}"
c.ConfigurableHTTPProxy.command = ["configurable-http-proxy"]
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.authenticator_class, c.JupyterHub.spawner_class = "dummy", "simple"
c.Authenticator.allow_all = True
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.ip = "127.0.0.1"
c.Spawner.environment = {environment}
c.Spawner.start_timeout = c.Spawner.http_timeout = 600
c.JupyterHub.concurrent_spawn_limit = {at_once}
c.JupyterHub.services = [dict(name="load", api_token="{token}")]
c.JupyterHub.load_roles = [dict(name="load", services=["load"], scopes=[
    "admin:users", "admin:servers", "access:servers", "list:users"])]
"""


class Student:
    """One student: what they do, and how long it took."""

    def __init__(self, name, hub, token):
        self.name, self.hub = name, hub
        self.headers = {"Authorization": f"token {token}"}
        self.seconds, self.errors, self.pictures = {}, [], {}

    async def ask(self, method, path):
        """Send a request through the hub's proxy; return what it answers, from JSON."""
        request = HTTPRequest(f"{self.hub}{path}", method, self.headers, request_timeout=600,
                              body="" if method == "POST" else None)
        response = await AsyncHTTPClient().fetch(request)
        return json.loads(response.body or "null")

    async def go(self, sources, moves):
        """Do everything; a failure is noted and ends this student's turn."""
        try:
            await self.spawn()
            await self.work(sources, moves)
        except (HTTPError, OSError, asyncio.TimeoutError, AssertionError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def spawn(self):
        began = time.monotonic()
        await self.ask("POST", f"/hub/api/users/{self.name}")
        await self.ask("POST", f"/hub/api/users/{self.name}/server")
        while True:
            servers = (await self.ask("GET", f"/hub/api/users/{self.name}"))["servers"]
            if servers.get("", {}).get("ready"):
                break
            assert time.monotonic() - began < 600, "the server did not start in 600 s"
            await asyncio.sleep(0.3)
        self.seconds["spawn"] = time.monotonic() - began

    async def work(self, sources, moves):
        began = time.monotonic()
        kernel = await self.ask("POST", f"/user/{self.name}/api/kernels")
        path = f"{self.hub.replace('http', 'ws')}/user/{self.name}/api/kernels/{kernel['id']}"
        self.socket = await websocket_connect(
            HTTPRequest(f"{path}/channels", headers=self.headers), max_message_size=2**28)
        await self.run("1")
        self.seconds["kernel"] = time.monotonic() - began
        began = time.monotonic()
        for source in sources:
            await self.run(source)
        self.seconds["lesson"] = time.monotonic() - began
        self.seconds["knob"] = [await self.move(turn) for turn in range(moves)]

    async def send(self, kind, content, channel="shell"):
        """Send a message to the kernel; return its id."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": self.name,
                  "session": self.name, "version": "5.3"}
        await self.socket.write_message(json.dumps({
            "header": header, "parent_header": {}, "metadata": {}, "content": content,
            "buffers": [], "channel": channel}))
        return header["msg_id"]

    async def hear(self):
        """The next message of the kernel, without its buffers; note pictures and their state."""
        text = await asyncio.wait_for(self.socket.read_message(), 600)
        assert text is not None, "the kernel's connection was closed"
        if isinstance(text, bytes):      # with buffers: their places, then the JSON
            places = [int.from_bytes(text[4 * k:4 * k + 4], "big") for k in range(1, 3)]
            many = int.from_bytes(text[:4], "big")
            text = text[places[0]:places[1] if many > 1 else None].decode()
        message = json.loads(text)
        content, kind = message["content"], message["header"]["msg_type"]
        if kind in ("comm_open", "comm_msg"):
            state = content["data"].get("state", {})
            if "scene" in state or content["comm_id"] in self.pictures:
                self.pictures.setdefault(content["comm_id"], {}).update(state)
        if kind == "error":
            self.errors.append(f"{content['ename']}: {content['evalue'][:200]}")
        return message

    async def run(self, source):
        """Run a cell to its end."""
        sent = await self.send("execute_request", {
            "code": source, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": True, "stop_on_error": False})
        replied = idle = False
        while not (replied and idle):
            message = await self.hear()
            if message["parent_header"].get("msg_id") == sent:
                replied |= message["header"]["msg_type"] == "execute_reply"
                idle |= message["content"].get("execution_state") == "idle"

    async def move(self, turn):
        """Move the first slider of the first picture; return the seconds until it answers."""
        comm, state = next((comm, state) for comm, state in self.pictures.items()
                           if sliders(state))
        knob = sliders(state)[0]
        began = time.monotonic()
        low, high, share = knob["low"], knob["high"], 0.5 + 0.02 * turn
        value = low * (high / low) ** share if knob["log"] else low + (high - low) * share
        await self.send("comm_msg", {"comm_id": comm, "data": {
            "method": "update", "buffer_paths": [],
            "state": {"moved": {knob["name"]: value, "dark": False, "seq": turn + 1}}}})
        while self.pictures[comm]["scene"].get("seq") != turn + 1:
            await self.hear()
        return time.monotonic() - began


def sliders(state):
    """The knobs of a picture that have a range."""
    return [knob for knob in state.get("scene", {}).get("knobs", []) if "low" in knob]


def memory(names):
    """{student: (MB of the server, MB of its kernels)}, what is shared counted in parts."""
    found = {name: [0.0, 0.0] for name in names}
    for process in psutil.process_iter():
        try:
            name = process.environ().get("JUPYTERHUB_USER")
            if name in found:
                is_kernel = "ipykernel_launcher" in " ".join(process.cmdline())
                info = process.memory_full_info()
                found[name][is_kernel] += getattr(info, "pss", info.uss) / 2**20
        except psutil.Error:
            continue
    return found


async def measure(asked, hub, token):
    """Let all students in, `at_once` at a time, and say what it took."""
    path, = (ROOT / "notebooks").glob(f"{asked.lesson}_*.ipynb")
    sources = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    students = [Student(f"student{k}", hub, token) for k in range(asked.students)]
    await until_answers(students[0])
    gate = asyncio.Semaphore(asked.at_once)

    async def enter(student):
        async with gate:
            await student.go(sources, asked.moves)
            print(student.name, {k: rounded(v) for k, v in student.seconds.items()},
                  *student.errors, flush=True)

    began = time.monotonic()
    await asyncio.gather(*map(enter, students))
    took, used = time.monotonic() - began, memory([student.name for student in students])
    print(f"\n{asked.students} students, {asked.at_once} at once, {path.name}: {took:.0f} s; "
          f"{sum(bool(student.errors) for student in students)} failed; "
          f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"{psutil.virtual_memory().total / 2**30:.0f} GB")
    for what in ("spawn", "kernel", "lesson", "knob"):
        values = [v for s in students for v in as_list(s.seconds.get(what))]
        if values:
            print(f"{what:8} s: median {statistics.median(values):.2f}, worst {max(values):.2f}")
    for place, what in enumerate(("server", "kernel")):
        values = [pair[place] for pair in used.values()]
        print(f"{what:8} MB: median {statistics.median(values):.0f}, worst {max(values):.0f}")
    return any(student.errors for student in students)


def as_list(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def rounded(value):
    return [round(v, 2) for v in value] if isinstance(value, list) else round(value, 1)


async def until_answers(student):
    """Wait until the hub answers."""
    for _ in range(600):
        try:
            return await student.ask("GET", "/hub/api/")
        except (HTTPError, OSError):
            await asyncio.sleep(0.5)
    raise SystemExit("The hub did not start.")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def main():
    parse = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--students", type=int, default=20)
    parse.add_argument("--at-once", type=int, default=4, help="who work at the same time")
    parse.add_argument("--lesson", default="00")
    parse.add_argument("--moves", type=int, default=5, help="of the knob, by each student")
    asked = parse.parse_args()
    token, ports = secrets.token_hex(16), free_ports(3)
    environment = {name: os.environ[name] for name in ("PYTHONPATH", "JUPYTERLAB_DIR")
                   if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "jupyterhub_config.py"
        file.write_text(CONFIG.format(ports=ports, folder=folder, python=sys.executable,
                                      environment=environment, at_once=asked.at_once, token=token))
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        with open(Path(folder) / "log", "w") as log:
            hub = psutil.Popen([sys.executable, "-m", "jupyterhub", "-f", str(file)], cwd=folder,
                               stdout=log, stderr=log, env={**os.environ, "PATH": path})
        try:
            failed = asyncio.run(measure(asked, f"http://127.0.0.1:{ports[0]}", token))
        finally:
            family = hub.children(recursive=True)
            hub.terminate()
            psutil.wait_procs([hub], 20)
            for process in [one for one in [*family, hub] if one.is_running()]:
                process.kill()
            said = (Path(folder) / "log").read_text()
        if failed:
            print(said[-3000:])
    return failed


if __name__ == "__main__":
    sys.exit(main())
