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

    def do_GET(self):
        body = f"{self.headers.get('X-User')} {self.headers.get('X-Roles')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


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
            lab.check(f"README, configuration {number}: the upstream is told {told}", served.body == told, served.body)
    lab.check("README: two configurations", len(blocks) == 2)
    assert AUDIENCE in blocks[0] and ISSUER in blocks[0]
    upstream.shutdown()


if __name__ == "__main__":
    run()
    lab.finish()
