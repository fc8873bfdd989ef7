"""Malformed requests, many on each connection: every one gets an answer, none gets in, no worker falls."""

import os
import random
import socket

import lab
import table
from tokens import Curve, Secret, claims, proof, token

REQUESTS = int(os.environ.get("REQUESTS", "100000"))
BATCH = 64
SEED = 20261122


def requests(generator, server):
    """Without end: raw requests, none of which may be served."""
    device, secret = Curve(), Secret()
    good = [token(secret, claims()), token(server.key, claims(), typ="at+jwt"), token(server.rsa, claims())]
    bound = token(secret, claims(cnf={"jkt": device.thumbprint()}))
    proofs = [proof(device, "GET", table.ORIGIN + "/dpop/a", bound)]
    # What a header field may not hold ends it; everything else may come.
    junk = bytes(byte for byte in range(1, 256) if byte not in b"\r\n")
    letters = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/~ ,;%"{}'

    def spoilt(text):
        data = bytearray(text.encode())
        for _ in range(generator.choice((1, 1, 1, 2, 5))):
            at = generator.randrange(len(data))
            how = generator.randrange(6)
            if how == 0:
                data[at] = generator.choice(junk)
            elif how == 1:
                data[at] = generator.choice(letters)
            elif how == 2:
                del data[at : at + generator.randrange(1, 40)]
            elif how == 3:
                data[at:at] = bytes(generator.choices(letters, k=generator.randrange(1, 60)))
            elif how == 4:
                data = data[: at + 1]
            else:
                data[at:at] = data[: generator.randrange(1, 200)]
            data = data or bytearray(b".")
        # White space around a token is none of its own.
        return bytes(data[:7000]) if bytes(data).strip() != text.encode() else b"a.b.c"

    def random_text():
        return bytes(generator.choices(junk if generator.random() < 0.5 else letters, k=generator.randrange(0, 300)))

    while True:
        part = spoilt(generator.choice(good)) if generator.random() < 0.8 else random_text()
        kind = generator.randrange(8)
        if kind < 3:
            path = generator.choice(
                (b"/secret/", b"/api/", b"/set/", b"/headers/", b"/digest/", b"/sealed/", b"/small/", b"/orders/")
            )
            lines = [
                b"GET %s HTTP/1.1" % path,
                b"Authorization: %s %s" % (generator.choice((b"Bearer", b"DPoP", b"bearer")), part),
            ]
        elif kind == 3:
            lines = [
                b"GET /cookie/ HTTP/1.1",
                b"Cookie: " + generator.choice((b"", b"a=b; ", random_text())) + b"session=" + part,
            ]
        elif kind == 4:
            part = bytes(byte for byte in part if byte > 32 and byte not in b"#\x7f")
            lines = [b"GET /argument/?x=%%41&access_token=%s HTTP/1.1" % part]
        elif kind == 5:
            lines = [
                b"GET /dpop/a HTTP/1.1",
                b"Authorization: DPoP " + bound.encode(),
                b"DPoP: " + (spoilt(proofs[0]) if generator.random() < 0.8 else random_text()),
            ]
        elif kind == 6:
            lines = [
                b"GET /browser/ HTTP/1.1",
                b"Authorization: Bearer " + part,
                b"X-Page: " + spoilt(table.PAGE),
                b"X-Real-IP: " + random_text(),
            ]
        else:
            lines = [b"GET /secret/ HTTP/1.1", b"Authorization: " + random_text()]
        yield b"\r\n".join(lines + [b"Host: localhost", b"", b""])


def converse(port, batch):
    """The HTTP statuses and verdicts that came, in order: nginx ends a connection after an answer of 400, and the rest is asked again."""
    found = []
    with socket.create_connection(("127.0.0.1", port), 30) as stream:
        stream.sendall(b"".join(batch))
        data = b""
        while len(found) < len(batch):
            head, mark, rest = data.partition(b"\r\n\r\n")
            if mark:
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                if len(rest) >= length:
                    verdict = [line[13:].decode() for line in head.split(b"\r\n") if line.startswith(b"Countermark: ")]
                    found.append((int(head[9:12]), verdict[0] if verdict else "nginx's own"))
                    data = rest[length:]
                    continue
            try:
                piece = stream.recv(262144)
            except ConnectionResetError:
                piece = b""
            if not piece:
                break
            data += piece
    return found


def run(count=REQUESTS, **more):
    server = table.server(**more)
    with server:
        source = requests(random.Random(SEED), server)
        waiting, statuses, seen, empty = [], {}, set(), 0
        while sum(statuses.values()) < count and empty < 50:
            while len(waiting) < BATCH:
                waiting.append(next(source))
            found = converse(server.port, waiting)
            empty = 0 if found else empty + 1
            for status, verdict in found:
                seen.add(verdict)
                statuses[status] = statuses.get(status, 0) + 1
            del waiting[: len(found)]
        honest = server.get("/secret/", [("Host", "localhost"), ("Authorization", "Bearer " + token(Secret(), claims()))])
    total = sum(statuses.values())
    lab.check(
        f"malformed: {total} requests answered with {dict(sorted(statuses.items()))} and {len(seen)} different verdicts, seed {SEED}",
        total >= count and len(seen) > 15,
        seen,
    )
    lab.check("malformed: nothing but 400, 401, 403 and 414", set(statuses) <= {400, 401, 403, 414}, statuses)
    lab.check("malformed: an honest request afterwards", honest.http == 200)
    lab.check("malformed: no worker fell", "exited on signal" not in server.last_log, server.last_log[-300:])
    return server


if __name__ == "__main__":
    run(level="crit")
    lab.finish()
