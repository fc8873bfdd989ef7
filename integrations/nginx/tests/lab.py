"""What the tests share: a real nginx on loopback, raw requests, and the count of what was checked."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

MODULE = os.environ["MODULE"]
NGINX = os.environ.get("NGINX", "/usr/sbin/nginx")
# AddressSanitizer's library comes before everything else, where the module is built with it.
PRELOAD = os.environ.get("PRELOAD", "")

passed, failed = 0, 0

# Whoever ends a test ends its server, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def check(name, holds, detail=""):
    """One line for each thing checked."""
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
    print(f"{'ok  ' if holds else 'FAIL'} {name}" + ("" if holds else f": {detail}"), flush=True)


def finish():
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


HEAD = """
load_module {module};
daemon off;
pid nginx.pid;
error_log error.log {level};
worker_processes {workers};
{main}
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
"""


class Server:
    """An nginx in a directory of its own; `with` ends it and removes that."""

    def __init__(self, http, files=None, workers=4, level="info", main=""):
        self.directory = tempfile.mkdtemp(prefix="countermark-nginx-")
        # The workers are nobody, and a sanitizer writes what it finds here.
        os.chmod(self.directory, 0o777 if PRELOAD else 0o755)
        self.workers, self.level, self.main = workers, level, main
        self.port, self.tls_port = free_port(), free_port()
        for name, content in (files or {}).items():
            self.write(name, content)
        self.configure(http)
        self.process = None

    def write(self, name, content):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.replace(path + ".new", path)

    def configure(self, http):
        head = HEAD.format(module=MODULE, workers=self.workers, level=self.level, main=self.main)
        http = http.replace("@PORT@", f"127.0.0.1:{self.port}").replace("@TLS@", f"127.0.0.1:{self.tls_port}")
        self.write("nginx.conf", head + http + "\n}\n")

    def environment(self):
        if not PRELOAD:
            return None
        # nginx leaves its configuration's memory to the end of the process; what a request leaks would show in its pool.
        return dict(
            os.environ, LD_PRELOAD=PRELOAD, ASAN_OPTIONS="detect_leaks=0:exitcode=99:log_path=" + self.directory + "/asan"
        )

    def command(self, *more):
        # nginx writes to standard error what comes before the configuration names a log.
        return [NGINX, "-p", self.directory, "-c", "nginx.conf", "-e", "stderr", *more]

    def test(self):
        """`nginx -t`: its exit status and what it says."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, timeout=60, env=self.environment())
        return done.returncode, done.stderr

    def __enter__(self):
        self.process = subprocess.Popen(self.command(), env=self.environment(), stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        told = self.process.communicate()[1].decode() + self.log()
        shutil.rmtree(self.directory)
        raise SystemExit("nginx does not start: " + told)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.terminate()
                self.process.wait(10)
        self.process.stderr.close()
        self.findings = [
            open(os.path.join(self.directory, name)).read() for name in os.listdir(self.directory) if name.startswith("asan")
        ]
        self.last_log = self.log()
        shutil.rmtree(self.directory)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        try:
            with open(os.path.join(self.directory, "error.log"), encoding="latin-1") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait_for(self, text, count=1, seconds=20):
        """Until the error log has the text so often."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.log().count(text) >= count:
                return True
            time.sleep(0.05)
        return False

    def get(self, path, fields=(), method="GET", context=None, body=b""):
        """A request of exactly these header fields, and Host."""
        port = self.tls_port if context else self.port
        with socket.create_connection(("127.0.0.1", port), 20) as plain:
            stream = context.wrap_socket(plain, server_hostname="localhost") if context else plain
            lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields]
            stream.sendall("\r\n".join(lines + ["", ""]).encode("latin-1") + body)
            return Answer(read_all(stream, method == "HEAD"))


def read_all(stream, head_only=False):
    """One answer."""
    data = b""
    while True:
        try:
            piece = stream.recv(65536)
        except (ssl.SSLError, ConnectionResetError):
            piece = b""
        if not piece:
            return data
        data += piece
        head, mark, rest = data.partition(b"\r\n\r\n")
        if mark:
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:") and len(rest) >= int(line.split(b":")[1]):
                    return data
            if head_only or head.split(b" ")[1] == b"204":
                return data


class Answer:
    def __init__(self, data):
        head, _, self.body = data.decode("latin-1").partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.http = int(lines[0].split(" ")[1]) if " " in lines[0] else 0
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]

    def field(self, name):
        found = [value for key, value in self.fields if key.lower() == name.lower()]
        return ", ".join(found)
