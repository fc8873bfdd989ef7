"""Reloads under load: keys change from one request to the next, no request fails, and a key file that is not good changes nothing."""

import json
import threading
import time

import lab
from tokens import Curve, claims, token

CLIENTS, RELOADS = 6, 12

HTTP = """
countermark_zone cache verified 1m;
server {
    listen @PORT@ backlog=2048;
    root .;
    countermark deny;
    countermark_keys jwks keys.json;
    countermark_audience https://api.example;
    countermark_cache verified;
    add_header Countermark $countermark_status always;
    location / { try_files /hello.txt =404; }
}
"""


class Load:
    """Clients that ask without a pause, each request on a connection of its own, until the block ends."""

    def __init__(self, server, text):
        self.server, self.fields = server, [
            ("Host", "localhost"),
            ("Connection", "close"),
            ("Authorization", "Bearer " + text),
        ]
        self.served, self.failed, self.running = 0, [], True

    def __enter__(self):
        self.threads = [threading.Thread(target=self.ask) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()
        return self

    def ask(self):
        while self.running:
            try:
                answer = self.server.get("/", self.fields)
                found = (answer.http, answer.body)
            except OSError as error:
                found = str(error)
            if found == (200, "hello\n"):
                self.served += 1
            else:
                self.failed.append(found)

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join(30)


def verdict(server, text):
    return server.get("/", [("Host", "localhost"), ("Authorization", "Bearer " + text)]).field("Countermark")


def wait_for(server, text, wanted):
    """Until five answers in a row are that: the old workers take no more connections."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if all(verdict(server, text) == wanted for _ in range(5)):
            return True
        time.sleep(0.02)
    return False


def run():
    stays, now = Curve("stays"), Curve("0")
    text = token(stays, claims())

    def keys(*of):
        return json.dumps({"keys": [key.public for key in of]})

    server = lab.Server(HTTP, {"keys.json": keys(stays, now), "hello.txt": "hello\n"}, workers=4, level="notice")
    with open(server.directory + "/nginx.conf") as file:
        place = "nginx.conf:%d" % next(number for number, line in enumerate(file, 1) if "countermark_keys" in line)
    with server, Load(server, text) as load:
        swapped = kept = 0
        for number in range(1, RELOADS + 1):
            after = Curve(str(number))
            server.write("keys.json", keys(stays, after))
            server.reload()
            swapped += wait_for(server, token(after, claims()), "OK") and wait_for(
                server, token(now, claims()), "UNKNOWN_KID"
            )
            # What is not a key set is refused as a whole, and the keys in use stay.
            server.write("keys.json", keys(stays, Curve("bad"))[: -20 - number])
            server.reload()
            kept += server.wait_for("KEY_MALFORMED", number) and verdict(server, token(after, claims())) == "OK"
            now = after
    lab.check(f"reload: {RELOADS} times the new key is accepted and the old one no more", swapped == RELOADS, swapped)
    lab.check(f"reload: {RELOADS} times a broken key file changes nothing", kept == RELOADS, kept)
    lab.check(
        f"reload: {load.served} requests meanwhile, none failed", load.served > 500 and not load.failed, load.failed[:3]
    )
    told = [line for line in server.last_log.splitlines() if "KEY_MALFORMED: " in line]
    lab.check(
        f"reload: the log says the reason and the line, {place}",
        len(told) == RELOADS and all(place in line for line in told),
        told[:1],
    )
    lab.check("reload: no worker fell", "exited on signal" not in server.last_log)


if __name__ == "__main__":
    run()
    lab.finish()
