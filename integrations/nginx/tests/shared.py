"""Four workers and one table each: what one has seen, counted or revoked, all know; also after a reload, and after one is killed."""

import os
import signal
import socket
import threading
import time

import lab
from tokens import ISSUER, SECRET, Curve, Secret, claims, proof, token

ORIGIN = "https://api.example"
ROUNDS, COPIES = 40, 24

HTTP = """
countermark_zone replay proofs %s;
countermark_zone throttle clients 1m;
countermark_zone revocation revoked 1m life=10m;
server {
    listen @PORT@ reuseport;
    root .;
    countermark deny;
    countermark_keys secret secret alg=HS256;
    countermark_audience https://api.example;
    add_header Countermark $countermark_status always;
    add_header Worker $pid always;
    location /dpop/ { countermark_dpop https://api.example zone=proofs; try_files /hello.txt =404; }
    location /limited/ { countermark_throttle clients 20/1h burst=20 scope=limited; try_files /hello.txt =404; }
    location /revocable/ { countermark_revocation revoked; try_files /hello.txt =404; }
    location /revoke { countermark off; countermark_revoke revoked; }
}
"""


def at_once(server, requests):
    """Sends each on a connection of its own, all at the same moment."""
    answers = [None] * len(requests)
    barrier = threading.Barrier(len(requests))

    def one(position, path, fields):
        with socket.create_connection(("127.0.0.1", server.port), 20) as stream:
            barrier.wait(20)
            lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close"] + [
                f"{name}: {value}" for name, value in fields
            ]
            stream.sendall("\r\n".join(lines + ["", ""]).encode())
            answers[position] = lab.Answer(lab.read_all(stream))

    threads = [threading.Thread(target=one, args=(position, *request)) for position, request in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def run():
    device, secret = Curve(), Secret()
    made = token(secret, claims(cnf={"jkt": device.thumbprint()}))
    plain = token(secret, claims())

    def shown(each):
        return [("Authorization", "DPoP " + made), ("DPoP", each)]

    def bearer(text):
        return [("Host", "localhost"), ("Authorization", "Bearer " + text)]

    server = lab.Server(HTTP % "1m", {"secret": SECRET, "hello.txt": "hello\n"}, workers=4)
    with server:
        workers, once = set(), 0
        for _ in range(ROUNDS):
            each = proof(device, "GET", ORIGIN + "/dpop/a", made)
            answers = at_once(server, [("/dpop/a", shown(each))] * COPIES)
            workers |= {answer.field("Worker") for answer in answers}
            verdicts = sorted(answer.field("Countermark") for answer in answers)
            once += verdicts == ["OK"] + ["REPLAYED"] * (COPIES - 1)
        lab.check(f"replay: of {COPIES} copies of a proof at once one is served, {ROUNDS} times", once == ROUNDS, once)
        lab.check("replay: four workers answered", len(workers) == 4, workers)

        # Across a reload: 8 before; of 40 after it 12 have room.
        answers = at_once(server, [("/limited/", bearer(plain)[1:])] * 8)
        lab.check("throttle: 8 of a burst of 20", [answer.http for answer in answers] == [200] * 8)
        mine = claims(iat=int(time.time()) - 5)
        gone = token(secret, mine)
        lab.check(
            "revocation: noted by one worker",
            server.get(f"/revoke?token={mine['jti']}&expires={mine['exp']}&issuer={ISSUER}", [("Host", "l")], "POST").http
            == 204,
        )
        answers = at_once(server, [("/revocable/", bearer(gone)[1:])] * 32)
        lab.check(
            "revocation: known to all of them",
            {answer.field("Countermark") for answer in answers} == {"REVOKED"}
            and len({answer.field("Worker") for answer in answers}) > 1,
            [answer.field("Worker") for answer in answers],
        )
        before = set(workers)
        server.reload()
        lab.check("reload: new workers", wait_for_others(server, bearer(plain), before))
        answers = at_once(server, [("/dpop/a", shown(each))] * 8)
        lab.check("reload: the proof is remembered", {answer.field("Countermark") for answer in answers} == {"REPLAYED"})
        lab.check(
            "reload: the revocation is remembered", server.get("/revocable/", bearer(gone)).field("Countermark") == "REVOKED"
        )
        answers = at_once(server, [("/limited/", bearer(plain)[1:])] * 40)
        served = [answer for answer in answers if answer.http == 200]
        lab.check(
            "throttle: 12 more and not one else, over all workers",
            len(served) == 12 and {answer.http for answer in answers} == {200, 429},
            len(served),
        )

        # A worker that is killed in the middle of anything leaves a table that serves.
        new = {answer.field("Worker") for answer in at_once(server, [("/revocable/", bearer(plain)[1:])] * 32)}
        os.kill(int(sorted(new)[0]), signal.SIGKILL)
        lab.check("killed: a worker follows", server.wait_for("exited on signal 9"))
        time.sleep(0.3)
        each = proof(device, "GET", ORIGIN + "/dpop/a", made)
        verdicts = sorted(answer.field("Countermark") for answer in at_once(server, [("/dpop/a", shown(each))] * COPIES))
        lab.check("killed: the table serves, and remembers", verdicts == ["OK"] + ["REPLAYED"] * (COPIES - 1), verdicts)

        # Another size begins anew, and says so.
        server.configure(HTTP % "2m")
        server.reload()
        lab.check("another size: a warning with the line", server.wait_for('the zone "proofs" has another size'))
        # Another life of the revocations cannot be: the old configuration stays. `nginx -t` has tables of its own, and cannot see it.
        server.configure((HTTP % "2m").replace("life=10m", "life=20m"))
        code, said = server.test()
        lab.check("another life: nginx -t does not see it", code == 0 and "MISMATCH" not in said, said)
        server.reload()
        lab.check(
            "another life: refused, with the zone, its life and the reason",
            server.wait_for("Its life is 600s, and a zone whose life changes needs another name.")
            and 'the zone "revoked": TABLE_MISMATCH: ' in server.log(),
            server.log()[-400:],
        )
        lab.check(
            "another life: the server serves as before",
            server.get("/revocable/", bearer(gone)).field("Countermark") == "REVOKED",
        )
    lab.check("nobody fell but the one that was killed", server.last_log.count("exited on signal") == 1)


def wait_for_others(server, fields, before):
    """Until no old worker answers."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if all(server.get("/revocable/", fields).field("Worker") not in before for _ in range(16)):
                return True
        except OSError:
            pass  # of a listening socket that an old worker closes
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    run()
    lab.finish()
