"""What the README shows is true: both configurations start, refuse and serve."""

import http.server
import json
import os
import re
import threading

import lab
from tokens import AUDIENCE, ISSUER, PEPPER, Curve, claims, token

HERE = os.path.dirname(os.path.abspath(__file__))


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers who it was told the user is."""

    asked = 0

    def do_GET(self):
        Upstream.asked += 1
        body = f"{self.headers.get('X-User')} {self.headers.get('X-Roles')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# Behind the prefix of a location, and for nginx in another one; or the other way round.
TRICKS = [
    "{path}7/../../other",
    "{path}..",
    "{path}7/%2e%2e/..",
    "{path}7/%2E%2e/%2e%2E/other",
    "{path}..;/other",
    "{path}./7",
    "{path}..?x=1",
    "/other/..{path}7",
    "/other/%2e%2e{path}7",
    "/other%2f..{path}7",
    "/other%5c..{path}7",
    "/other\\..{path}7",
    "/{path}7",
    "{path}/7",
]


def inside(block):
    """What stands in `http { }`; the rest is the test's own."""
    return block[block.index("http {") + 6 : block.rindex("}")]


def run():
    with open(os.path.join(HERE, "..", "README.md")) as file:
        blocks = re.findall(r"```nginx\n(.*?)```", file.read(), re.DOTALL)
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    key = Curve("k1")
    files = {"keys.json": json.dumps({"keys": [key.public]}), "nonce.secret": "n" * 32, "pepper.secret": PEPPER}
    for number, (block, path) in enumerate(zip(blocks, ["/api/", "/orders/"]), 1):
        block = block.replace("127.0.0.1:9000", f"127.0.0.1:{upstream.server_port}")
        block = block.replace("127.0.0.1:8080", "@PORT@").replace("127.0.0.1:8081", "@TLS@")
        with lab.Server(inside(block), files) as server:
            good = token(key, claims(scope="orders:read", realm_access={"roles": ["a"]}))
            refused = server.get(path, [("Host", "localhost"), ("X-User", "admin")])
            served = server.get(path, [("Host", "localhost"), ("X-User", "admin"), ("Authorization", "Bearer " + good)])
            realm = 'Bearer realm="api"' if number == 2 else "Bearer"
            lab.check(
                f"README, configuration {number}: refuses without a token",
                (refused.http, refused.field("WWW-Authenticate")) == (401, realm),
                refused.fields,
            )
            told = 'alice ["a"]' if number == 2 else "alice None"
            lab.check(f"README, configuration {number}: no warning", "[warn]" not in server.log(), server.log())
            lab.check(f"README, configuration {number}: the upstream is told {told}", served.body == told, served.body)
            before, fields = Upstream.asked, [("Host", "localhost"), ("Authorization", "Bearer " + good)]
            found = {trick: server.get(trick.format(path=path), fields).http for trick in TRICKS}
            lab.check(
                f"README, configuration {number}: {len(TRICKS)} paths of two readings are refused",
                set(found.values()) == {400} and Upstream.asked == before,
                found,
            )
            for plain in ["7?x=/../a%2f//", "a..b/.c/...", "%6f%20"]:
                answer = server.get(path + plain, fields)
                lab.check(f"README, configuration {number}: {path}{plain} is served", answer.body == told, answer.http)
    lab.check("README: two configurations", len(blocks) == 2)
    assert AUDIENCE in blocks[0] and ISSUER in blocks[0]
    upstream.shutdown()


if __name__ == "__main__":
    run()
    lab.finish()
