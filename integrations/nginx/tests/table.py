"""The server of the verdict table, and the table: what an answer must be, and what the core itself says of the same case."""

import json
import os
import subprocess
import time

import lab
from tokens import AUDIENCE, ISSUER, PEPPER, SECRET, Curve, Rsa, Secret, b64, certificate

CONFORMANCE = os.environ["CONFORMANCE"]
ORIGIN = "https://api.example"

CHROME = [
    ("Host", "localhost"),
    (
        "User-Agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Sec-CH-UA", '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'),
    ("Sec-CH-UA-Platform", '"Windows"'),
    ("Sec-CH-UA-Mobile", "?0"),
]
UPDATED = [(name, value.replace("142", "143")) for name, value in CHROME]
# As FingerprintJS collects it, in part.
PAGE = json.dumps(
    {
        "components": {
            "screenResolution": {"value": [1920, 1080]},
            "timezone": {"value": "Europe/London"},
            "platform": {"value": "Win32"},
            "languages": {"value": [["en-GB"]]},
            "hardwareConcurrency": {"value": 8},
            "colorDepth": {"value": 24},
        }
    }
)
OTHER_PAGE = (
    PAGE.replace("1920", "1366")
    .replace("London", "Rome")
    .replace("Win32", "Linux x86_64")
    .replace("en-GB", "it")
    .replace("8", "4")
)
STRIPPED = [field for field in CHROME if field[0] in ("Host", "User-Agent")]
FIREFOX = [
    ("Host", "localhost"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Accept-Language", "de,en-US;q=0.7,en;q=0.3"),
    ("Accept-Encoding", "gzip, deflate"),
]

HTTP = """
countermark_zone replay proofs 1m;
countermark_zone revocation revoked 1m life=10m;
countermark_zone throttle clients 1m;
countermark_zone throttle tiny 32k;
countermark_zone cache verified 1m;
countermark_claim $roles realm_access.roles;
countermark_claim $client clientId;

server {{
    listen @PORT@;
    listen @TLS@ ssl http2;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_verify_client optional_no_ca;
    root .;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;

    countermark deny;
    countermark_keys secret secret alg=HS256;
    countermark_audience {audience};
    countermark_realm gateway;
    add_header Countermark "$countermark_status $countermark_code" always;
    add_header More "$countermark_similarity|$countermark_scheme|$countermark_http|$countermark_retry_after|$countermark_reason" always;
    add_header Would "$countermark_challenge|$countermark_dpop_nonce" always;
    add_header Claims "$countermark_claim_sub|$roles|$client|$countermark_advice|$countermark_failed|$countermark_stage" always;

    location /api/ {{
        countermark_keys pem key.pem alg=ES256 kid=k1 issuer={issuer};
        countermark_issuer {issuer};
        countermark_algorithms ES256;
        countermark_typ at+jwt;
        countermark_require sub jti;
        countermark_cache verified;
        try_files /hello.txt =404;
    }}
    location /secret/ {{ try_files /hello.txt =404; }}
    location /set/ {{ countermark_keys jwks keys.json; try_files /hello.txt =404; }}
    location /bare/ {{ countermark_keys jwks bare.json alg=ES256,RS256; try_files /hello.txt =404; }}
    location /cookie/ {{ countermark_token cookie=session; try_files /hello.txt =404; }}
    location /argument/ {{ countermark_token argument=access_token; try_files /hello.txt =404; }}
    location /leeway/ {{ countermark_leeway 120s; countermark_max_age 1h; try_files /hello.txt =404; }}
    location /login/ {{ countermark_acr gold silver; countermark_auth_max_age 5m; try_files /hello.txt =404; }}
    location /any/ {{ countermark_audience off; countermark_any_audience on; try_files /hello.txt =404; }}
    location /small/ {{ countermark_token_size 200; try_files /hello.txt =404; }}
    location /orders/ {{ countermark_right scope all_of orders:read; try_files /hello.txt =404; }}
    location /level/ {{ countermark_right level >= 3; countermark_right groups none_of guest; try_files /hello.txt =404; }}
    location /headers/ {{ countermark_fingerprint headers pepper=0:pepper; try_files /hello.txt =404; }}
    location /strict/ {{ countermark_fingerprint headers-strict pepper=0:pepper; try_files /hello.txt =404; }}
    location /browser/ {{
        countermark_fingerprint browser pepper=0:pepper;
        countermark_collector fingerprintjs $http_x_page;
        try_files /hello.txt =404;
    }}
    location /digest/ {{ countermark_fingerprint digest-headers claim=fp pepper=0:pepper; try_files /hello.txt =404; }}
    location /compat/ {{ countermark_fingerprint digest-compat; try_files /hello.txt =404; }}
    location /known/ {{
        countermark_fingerprint browser pepper=0:pepper;
        countermark_known country $http_x_country;
        countermark_known asn $http_x_asn;
        countermark_known organisation $http_x_organisation;
        countermark_known isp $http_x_isp;
        try_files /hello.txt =404;
    }}
    location /dpop/ {{ countermark_dpop {origin} zone=proofs; try_files /hello.txt =404; }}
    location /accel/ {{ countermark_dpop {origin} zone=proofs; proxy_set_header Host behind; proxy_pass http://@PORT@; }}
    location /sorry/ {{ countermark_dpop {origin} zone=proofs; error_page 405 =200 /inside/hello.txt; try_files /hello.txt =404; }}
    location /inside/ {{ internal; countermark_dpop {origin} zone=proofs; alias ./; }}
    location /soon/ {{ countermark_dpop {origin} zone=proofs nonce=nonce nonce_time=1m age=10s ahead=5s; try_files /hello.txt =404; }}
    location /nonce/ {{ countermark_dpop {origin} zone=proofs nonce=nonce; try_files /hello.txt =404; }}
    location /bound/ {{
        countermark_dpop {origin} zone=proofs;
        countermark_certificate on;
        countermark_combination if_bound;
        try_files /hello.txt =404;
    }}
    location /certificate/ {{ countermark_certificate on; try_files /hello.txt =404; }}
    location /sealed/ {{
        countermark_shape signed-then-encrypted;
        countermark_keys secret secret alg=HS256;
        countermark_keys jwks sealing.json;
        try_files /hello.txt =404;
    }}
    location /revocable/ {{ countermark_revocation revoked; try_files /hello.txt =404; }}
    location /lenient/ {{
        countermark_keys secret secret alg=HS256 kid=old;
        countermark_leeway 120s;
        countermark_revocation revoked;
        try_files /hello.txt =404;
    }}
    location /revoke {{ countermark off; countermark_revoke revoked; if ($http_x_if) {{ set $unused 1; }} }}
    location /limited/ {{ countermark_throttle clients 6/1m burst=3 scope=limited; try_files /hello.txt =404; }}
    location /named/ {{ countermark_throttle clients 6/1m burst=2 claim=sub; try_files /hello.txt =404; }}
    location /numbered/ {{ countermark_throttle clients 6/1m burst=1 claim=level; try_files /hello.txt =404; }}
    location /tiny/ {{ countermark_throttle tiny 1/1h; try_files /hello.txt =404; }}
    location /strictest/ {{
        countermark_fingerprint headers pepper=0:pepper;
        countermark_dpop {origin} zone=proofs;
        countermark_certificate on;
        countermark_right scope all_of everything;
        countermark_throttle clients 1/1h;
        countermark_require nothing;
        countermark_algorithms ES256;
        countermark_revocation revoked;
        countermark_cache verified;
        countermark_token cookie=session;
        location /strictest/free/ {{
            countermark_fingerprint off;
            countermark_dpop off;
            countermark_certificate off;
            countermark_right off;
            countermark_throttle off;
            countermark_require off;
            countermark_algorithms off;
            countermark_revocation off;
            countermark_cache off;
            countermark_token authorization;
            try_files /hello.txt =404;
        }}
    }}
    location /pass/ {{ countermark pass; try_files /hello.txt =404; }}
    location /off/ {{ countermark off; try_files /hello.txt =404; }}
    location /index/ {{ countermark_dpop {origin} zone=proofs; alias ./index/; index missing.html hello.txt; }}
    location /twice/ {{
        countermark_throttle clients 1/1h burst=4 scope=twice;
        countermark_throttle clients 1/1h burst=4 scope=named-twice claim=sub;
        alias ./index/;
        index missing.html hello.txt;
    }}
    location /wide/ {{ countermark_throttle clients 1000/1s scope=wide burst=1000; alias ./index/; index hello.txt; }}
    location = /wide/hello.txt {{ countermark_throttle clients 1/1m scope=narrow claim=sub; alias ./index/hello.txt; }}
    location /first/ {{ countermark_throttle clients 1000/1s scope=wide burst=1000; alias ./index/; index hello.txt; }}
    location = /first/hello.txt {{ countermark_throttle clients 1/1m scope=first; alias ./index/hello.txt; }}
    location /page/ {{ error_page 401 /sorry.txt; try_files /hello.txt =404; }}
    location = /sorry.txt {{ countermark off; }}
    location /either/ {{ satisfy any; allow 127.0.0.0/8; deny all; try_files /hello.txt =404; }}
}}

# What is behind /accel/: it does what it is asked, and names a file of the server in front.
server {{
    listen @PORT@;
    server_name behind;
    location / {{ add_header X-Accel-Redirect /inside/hello.txt; return 200 done; }}
}}

server {{
    listen @PORT@;
    server_name passing;
    root .;
    countermark_keys secret secret alg=HS256;
    countermark_audience {audience};
    countermark_throttle clients 1/1m scope=passing;
    add_header Countermark "$countermark_status $countermark_code" always;
    location / {{ countermark pass; try_files /none @denying; }}
    location @denying {{ countermark deny; try_files /hello.txt =404; }}
}}
"""

BEARER = 'Bearer realm="gateway"'
INVALID = BEARER + ', error="invalid_token"'


def dpop(error):
    return 'DPoP realm="gateway"' + (f', error="{error}"' if error else "")


class Table:
    def __init__(self, server):
        self.server = server
        self.lines = []

    def expect(self, name, answer, status, http, challenge="", case=None):
        """An answer with this status, HTTP status and challenge; and, if the core can be asked the same, its verdict."""
        shown = answer.field("Countermark").split(" ")
        found = (shown[0], answer.http, answer.field("WWW-Authenticate"))
        expected = (status, http, challenge)
        served = answer.body == "hello\n"
        lab.check(
            f"{name}: {status}",
            found == expected and served == (http == 200),
            f"{found}, not {expected}; {answer.body[:60]!r}",
        )
        if case is not None:
            self.lines.append((name, shown + [answer.field("More").split("|")[0]], dict(case, id=name)))

    def ask_the_core(self):
        """The same cases, judged by the conformance program."""
        text = "".join(json.dumps(line) + "\n" for _, _, line in self.lines)
        done = subprocess.run([CONFORMANCE], input=text, capture_output=True, text=True, timeout=60)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        differing = [
            (name, shown, answer)
            for (name, shown, _), answer in zip(self.lines, answers)
            if shown != [answer["status"], str(answer["code"]), str(answer.get("similarity", -1))]
        ]
        for name, shown, answer in differing:
            print(f"     the core says {answer['status']} {answer['code']}, nginx {shown}: {name}")
        lab.check(
            f"the core's own verdict on {len(self.lines)} of these requests is the same, by name, number and similarity",
            not differing and len(answers) == len(self.lines) and done.returncode == 0,
            done.stderr,
        )


def bearer(text, fields=CHROME):
    return list(fields) + [("Authorization", "Bearer " + text)]


def case(made, keys=Secret().jwk, evidence=None, **policy):
    """A line for the conformance program."""
    policy.setdefault("audiences", [AUDIENCE])
    line = {"token": made, "now": int(time.time()), "keys": {"keys": [keys]}, "policy": policy}
    return dict(line, evidence=evidence) if evidence else line


def files():
    key, rsa = Curve("k1"), Rsa()
    own, other = certificate("device"), certificate("other")
    server = certificate("localhost")
    return (key, rsa, own[2], other[2]), {
        "key.pem": key.pem,
        "secret": SECRET,
        "pepper": PEPPER,
        "nonce": "a secret of the nonces, of 32 bytes or more",
        "bare.json": json.dumps({"keys": [key.jwk, {name: rsa.public[name] for name in ("kty", "n", "e")}]}),
        "keys.json": json.dumps({"keys": [Curve(str(number)).public for number in range(20)] + [key.public, rsa.public]}),
        "sealing.json": json.dumps({"keys": [{"kty": "oct", "alg": "A256GCM", "k": b64(bytes(range(32)))}]}),
        "server.pem": server[0],
        "server.key": server[1],
        "own.pem": own[0],
        "own.key": own[1],
        "other.pem": other[0],
        "other.key": other[1],
        "hello.txt": "hello\n",
        "sorry.txt": "sorry\n",
        "index/hello.txt": "hello\n",
    }


def server(**more):
    (key, rsa, own, other), content = files()
    made = lab.Server(HTTP.format(audience=AUDIENCE, issuer=ISSUER, origin=ORIGIN), content, **more)
    made.key, made.rsa, made.own_der, made.other_der = key, rsa, own, other
    return made
