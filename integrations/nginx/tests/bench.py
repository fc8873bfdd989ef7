"""Requests per second through one worker of nginx, in turns, so that what else the machine does falls on all alike; medians."""

import json
import os
import re
import statistics
import subprocess
import time
import urllib.request

import lab
from tokens import Curve, Rsa, Secret, claims, token

ROUNDS, SECONDS = int(os.environ["ROUNDS"]), 2

# What the example gateway knows a browser by; it is asked with the token of a login by the same.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Accept-Language": "en-GB,en;q=0.9",
    "X-Page": '{"screen":"1920x1080","depth":24,"zone":"Europe/London","languages":["en-GB","en"],"platform":"Win32","cores":8,"canvas":"a1f3c0"}',
}

HTTP = """
countermark_zone cache verified 4m;
# The gateway takes 2,000 requests at once and 100 a second of one address: so they come from a hundred of its network.
map $connection_requests $octet { ~^(?<digit>\\d)$ 10$digit; ~(?<digits>\\d\\d)$ 1$digits; }
upstream gateway { server 127.0.0.1:%d; keepalive 16; }
server {
    listen @PORT@;
    root .;
    keepalive_requests 1000000;
    open_file_cache max=10;
    countermark_audience https://api.example;
    location /alone/ { try_files /hello.txt =404; }
    location /hs256/ { countermark deny; countermark_keys secret secret alg=HS256; try_files /hello.txt =404; }
    location /es256/ { countermark deny; countermark_keys pem es.pem alg=ES256; try_files /hello.txt =404; }
    location /cached/ { countermark deny; countermark_keys pem es.pem alg=ES256; countermark_cache verified; try_files /hello.txt =404; }
    location /rs256/ { countermark deny; countermark_keys pem rs.pem alg=RS256; try_files /hello.txt =404; }
    location /asked/ { auth_request /ask; try_files /hello.txt =404; }
    location = /ask {
        internal;
        proxy_pass http://gateway/api/hello;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Real-IP 192.0.2.$octet;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
    }
}
"""


def cpu(*processes):
    """The seconds that these processes have had of a processor."""
    ticks = 0
    for process in processes:
        with open(f"/proc/{process}/stat") as file:
            ticks += sum(int(field) for field in file.read().rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def worker_of(master):
    """The one worker."""
    with open(f"/proc/{master}/task/{master}/children") as file:
        return int(file.read().split()[0])


def measure(server, path, fields, processes):
    """Requests per second, and microseconds of a processor for one; every answer must be 200."""
    arguments = [item for name, value in fields.items() for item in ("-H", f"{name}: {value}")]
    before = cpu(*processes)
    done = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{SECONDS}s", *arguments, f"http://127.0.0.1:{server.port}{path}"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{path}: {done.stdout}")
    rate, count = (re.search(pattern, done.stdout)[1] for pattern in (r"Requests/sec:\s+([\d.]+)", r"(\d+) requests in"))
    return float(rate), 1e6 * (cpu(*processes) - before) / int(count)


def login(port):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/login",
        b"user=alice&password=wonderland",
        dict(BROWSER, **{"X-Real-IP": "192.0.2.100", "Content-Type": "application/x-www-form-urlencoded"}),
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["access_token"]


def run():
    port = lab.free_port()
    gateway = subprocess.Popen([os.environ["GATEWAY"], "--listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        curve, rsa, secret = Curve(), Rsa(), Secret()
        long = claims(exp=int(time.time()) + 3600)

        def bearer(text):
            return dict(BROWSER, Authorization="Bearer " + text)

        ways = [
            ("nginx alone", "/alone/", bearer(token(secret, long))),
            ("module, HS256", "/hs256/", bearer(token(secret, long))),
            ("module, ES256", "/es256/", bearer(token(curve, long))),
            ("module, ES256, known to the cache", "/cached/", bearer(token(curve, long))),
            ("module, RS256 of 2048 bits", "/rs256/", bearer(token(rsa, long))),
            ("auth_request to the example gateway", "/asked/", bearer(login(port))),
        ]
        figures = {name: [] for name, _, _ in ways}
        files = {"secret": secret.text, "es.pem": curve.pem, "rs.pem": rsa.pem, "hello.txt": "hello\n"}
        with lab.Server(HTTP % port, files, workers=1, level="crit") as server:
            processes = [worker_of(server.process.pid), gateway.pid]
            for _ in range(ROUNDS):
                for name, path, fields in ways:
                    figures[name].append(measure(server, path, fields, processes))
    finally:
        gateway.terminate()
        gateway.wait(10)

    def median(name, which):
        return statistics.median(figure[which] for figure in figures[name])

    # In each round both had the same machine, whatever else ran on it.
    def share(name, which):
        pairs = zip(figures[name], figures["nginx alone"])
        return statistics.median(one[which] / other[which] for one, other in pairs)

    print(
        f"one worker, 16 connections, {ROUNDS} rounds of {SECONDS} s in turns; medians, in brackets the lowest and the highest\n"
    )
    print(
        "| way | requests a second | of nginx alone | processor time of a request | of nginx alone |\n|---|---|---|---|---|"
    )
    for name, rounds in figures.items():
        rates = [rate for rate, _ in rounds]
        print(
            f"| {name} | {median(name, 0):,.0f} ({min(rates):,.0f} to {max(rates):,.0f}) | {share(name, 0):.2f} "
            f"| {median(name, 1):.1f} µs | {share(name, 1):.1f} |"
        )


if __name__ == "__main__":
    run()
