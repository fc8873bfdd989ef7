"""The verdict table: the scenes of the gateway example through a real nginx. Where the core can judge the same case by its conformance
program, the verdict is also that one, by name and number."""

import json
import os
import subprocess
import time

import lab
from tokens import (AUDIENCE, ISSUER, PEPPER, SECRET, Curve, Rsa, Secret, b64, certificate, claims, marked, proof, sealed, tls, token)

CONFORMANCE = os.environ["CONFORMANCE"]
ORIGIN = "https://api.example"

CHROME = [
    ("Host", "localhost"),
    ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Sec-CH-UA", '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'),
    ("Sec-CH-UA-Platform", '"Windows"'),
    ("Sec-CH-UA-Mobile", "?0"),
]
UPDATED = [(name, value.replace("142", "143")) for name, value in CHROME]
# As FingerprintJS collects it, in part.
PAGE = json.dumps({"components": {"screenResolution": {"value": [1920, 1080]}, "timezone": {"value": "Europe/London"}, "platform": {"value": "Win32"},
                   "languages": {"value": [["en-GB"]]}, "hardwareConcurrency": {"value": 8}, "colorDepth": {"value": 24}}})
OTHER_PAGE = PAGE.replace("1920", "1366").replace("London", "Rome").replace("Win32", "Linux x86_64").replace("en-GB", "it").replace("8", "4")
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
countermark_zone cache verified 1m;
countermark_claim $roles realm_access.roles;
countermark_claim $client clientId;

server {{
    listen @PORT@;
    listen @TLS@ ssl;
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
    location /cookie/ {{ countermark_token cookie=session; try_files /hello.txt =404; }}
    location /argument/ {{ countermark_token argument=access_token; try_files /hello.txt =404; }}
    location /leeway/ {{ countermark_leeway 120s; countermark_max_age 1h; try_files /hello.txt =404; }}
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
    location /dpop/ {{ countermark_dpop {origin} zone=proofs; try_files /hello.txt =404; }}
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
    location /revoke {{ countermark off; countermark_revoke revoked; }}
    location /limited/ {{ countermark_throttle clients 6/1m burst=3 scope=limited; try_files /hello.txt =404; }}
    location /named/ {{ countermark_throttle clients 6/1m burst=2 claim=sub; try_files /hello.txt =404; }}
    location /pass/ {{ countermark pass; try_files /hello.txt =404; }}
    location /off/ {{ countermark off; try_files /hello.txt =404; }}
    location /index/ {{ countermark_dpop {origin} zone=proofs; alias ./index/; index missing.html hello.txt; }}
    location /page/ {{ error_page 401 /sorry.txt; try_files /hello.txt =404; }}
    location = /sorry.txt {{ countermark off; }}
    location /either/ {{ satisfy any; allow 127.0.0.0/8; deny all; try_files /hello.txt =404; }}
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
        lab.check(f"{name}: {status}", found == expected and served == (http == 200), f"{found}, not {expected}; {answer.body[:60]!r}")
        if case is not None:
            self.lines.append((name, shown, dict(case, id=name)))

    def ask_the_core(self):
        """The same cases, judged by the conformance program."""
        text = "".join(json.dumps(line) + "\n" for _, _, line in self.lines)
        done = subprocess.run([CONFORMANCE], input=text, capture_output=True, text=True, timeout=60)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        differing = [(name, shown, answer) for (name, shown, _), answer in zip(self.lines, answers)
                     if shown != [answer["status"], str(answer["code"])]]
        for name, shown, answer in differing:
            print(f"     the core says {answer['status']} {answer['code']}, nginx {shown}: {name}")
        lab.check(f"the core's own verdict on {len(self.lines)} of these requests is the same, by name and number",
                  not differing and len(answers) == len(self.lines) and done.returncode == 0, done.stderr)


def bearer(text, fields=CHROME):
    return list(fields) + [("Authorization", "Bearer " + text)]


def scenes(server):
    table = Table(server)
    expect, get = table.expect, server.get
    key, secret = server.key, Secret()

    def case(made, keys=secret.jwk, evidence=None, **policy):
        policy.setdefault("audiences", [AUDIENCE])
        return {"token": made, "now": int(time.time()), "keys": {"keys": [keys]}, "policy": policy, **({"evidence": evidence} if evidence else {})}

    # Signed tokens, as the gateway has them.
    def api(made):
        line = case(made, key.public, issuers=[ISSUER], algorithms=["ES256"], typ="at+jwt", require=["exp", "sub", "jti"])
        line["keys"]["issuer"] = ISSUER
        return line

    good = token(key, claims(), typ="at+jwt")
    head, payload, signature = good.split(".")
    forged = b64(json.dumps(dict(json.loads(__import__("base64").urlsafe_b64decode(payload + "==")), sub="admin")))
    none = b64(json.dumps({"alg": "none", "typ": "at+jwt"}))
    other = Curve("k1")
    for name, made, status in [
        ("honest client", good, "OK"),
        ("the same token again, its signature cached", good, "OK"),
        ("tampered: alice becomes admin", f"{head}.{forged}.{signature}", "SIGNATURE"),
        ("expired a minute ago", token(key, claims(exp=int(time.time()) - 60), typ="at+jwt"), "EXPIRED"),
        ("not valid yet", token(key, claims(nbf=int(time.time()) + 60), typ="at+jwt"), "NOT_YET_VALID"),
        ("meant for another audience", token(key, claims(aud="https://bank.example"), typ="at+jwt"), "AUDIENCE"),
        ("of another issuer", token(key, claims(iss="https://evil.example"), typ="at+jwt"), "ISSUER"),
        ("alg none, signature kept", f"{none}.{payload}.{signature}", "ALGORITHM_UNKNOWN"),
        ("alg none, no signature", f"{none}.{payload}.", "TOKEN_SEGMENT_EMPTY"),
        ("re-signed with another key", token(other, claims(), typ="at+jwt"), "SIGNATURE"),
        ("re-signed, HS256 under the public key", token(Secret(key.pem), claims(), typ="at+jwt", kid="k1"), "ALGORITHM_NOT_ALLOWED"),
        ("a key id that nobody has", token(key, claims(), typ="at+jwt", kid="k2"), "UNKNOWN_KID"),
        ("another type", token(key, claims()), "TYPE"),
        ("a required claim is missing", token(key, claims(jti=None), typ="at+jwt"), "CLAIM_REQUIRED"),
        ("a claim twice", token(key, '{"sub":"a","sub":"b"}', typ="at+jwt"), "PAYLOAD_DUPLICATE"),
    ]:
        http = 200 if status == "OK" else 401
        expect(name, get("/api/hello", bearer(made)), status, http, INVALID if http == 401 else "", api(made))
    answer = get("/api/hello", bearer(token(key, claims(aud="https://bank.example", exp=1), typ="at+jwt")))
    lab.check("all that failed is named, in order", answer.field("Claims").split("|")[4:] == ["AUDIENCE EXPIRED", "policy"], answer.field("Claims"))

    # The carrier: exactly one token, from exactly one place.
    made = token(secret, claims())
    expect("no token", get("/api/hello", CHROME), "CREDENTIALS_MISSING", 401, BEARER)
    # nginx itself refuses two fields of this name, as RFC 9110 5.3 has it; the module is not asked.
    lab.check("two tokens: 400", get("/secret/", bearer(made, bearer(made))).http == 400)
    expect("a malformed field", get("/secret/", bearer("a b")), "CREDENTIALS_MALFORMED", 400, BEARER + ', error="invalid_request"')
    expect("in the cookie", get("/cookie/", CHROME + [("Cookie", "a=b; session=" + made)]), "OK", 200, "", case(made))
    expect("in the cookie, twice", get("/cookie/", CHROME + [("Cookie", f"session={made}; session={made}")]), "CREDENTIALS_REPEATED", 400,
           BEARER + ', error="invalid_request"')
    expect("in a field where a cookie is asked for", get("/cookie/", bearer(made)), "CREDENTIALS_MISSING", 401, BEARER)
    expect("in the argument", get("/argument/?a=b&access_token=" + made, CHROME), "OK", 200, "", case(made))
    expect("in the argument and another", get(f"/argument/?access_token={made}&access%5Ftoken={made}", CHROME), "CREDENTIALS_REPEATED", 400,
           BEARER + ', error="invalid_request"')
    expect("in an argument where a field is asked for", get("/secret/?access_token=" + made, CHROME), "CREDENTIALS_MISSING", 401, BEARER)

    # Keys and policy.
    expect("HS256", get("/secret/", bearer(made)), "OK", 200, "", case(made))
    made = token(server.rsa, claims())
    expect("RS256 from a set of two", get("/set/", bearer(made)), "OK", 200, "", case(made, server.rsa.public))
    made = token(key, claims())
    expect("ES256 from the same set", get("/set/", bearer(made)), "OK", 200, "", case(made, key.public))
    made = token(secret, claims(exp=int(time.time()) - 60))
    expect("expired within the leeway", get("/leeway/", bearer(made)), "OK", 200, "", case(made, leeway=120, max_age=3600))
    made = token(secret, claims(iat=int(time.time()) - 4000))
    expect("issued too long ago", get("/leeway/", bearer(made)), "TOO_OLD", 401, INVALID, case(made, leeway=120, max_age=3600))
    made = token(secret, claims(aud="anything"))
    expect("any audience, where that is said", get("/any/", bearer(made)), "OK", 200, "", case(made, audiences=[], any_audience=True))
    made = token(secret, claims(more="x" * 100))
    expect("longer than the limit", get("/small/", bearer(made)), "TOKEN_TOO_LARGE", 401, INVALID, case(made, max_token_bytes=200))

    # Rights.
    asked = {"rights": {"all_of": {"scope": ["orders:read"]}}}
    scope = BEARER + ', error="insufficient_scope", scope="orders:read"'
    made = token(secret, claims(scope="orders:read orders:write"))
    expect("rights: with the scope", get("/orders/7", bearer(made)), "OK", 200, "", case(made, **asked))
    for name, more in [("without any", {}), ("with another", {"scope": "orders:write"})]:
        made = token(secret, claims(**more))
        expect("rights: " + name, get("/orders/7", bearer(made)), "RIGHTS_MISSING", 403, scope, case(made, **asked))
    insufficient = BEARER + ', error="insufficient_scope"'
    for name, more, status in [("a number high enough", {"level": 3}, "OK"), ("a number too low", {"level": 2}, "RIGHTS_MISSING"),
                               ("an excluded group", {"level": 3, "groups": ["guest"]}, "RIGHTS_FORBIDDEN"),
                               ("a number as text", {"level": "3"}, "RIGHTS_TYPE")]:
        made = token(secret, claims(**more))
        expect("rights: " + name, get("/level/", bearer(made)), status, 200 if status == "OK" else 403, "" if status == "OK" else insufficient)

    fingerprints(table, case)
    proofs(table, case)
    certificates(table, case)
    standing(table)
    inside_nginx(table)

    # Nested.
    envelope = bytes(range(32))
    made = sealed(token(secret, claims()), envelope)
    expect("nested: signed, then encrypted", get("/sealed/", bearer(made)), "OK", 200)
    expect("nested: under another key", get("/sealed/", bearer(sealed(token(secret, claims()), bytes(32)))), "DECRYPTION", 401, INVALID)
    expect("nested: a signed token alone", get("/sealed/", bearer(token(secret, claims()))), "TOKEN_NOT_COMPACT", 401, INVALID)
    table.ask_the_core()


def fingerprints(table, case):
    expect, get = table.expect, table.server.get
    step_up = BEARER + ', error="insufficient_user_authentication"'
    for path, preset, name_of in [("headers", 1, "headers"), ("strict", 2, "headers-strict")]:
        made = marked(preset, "192.0.2.10", CHROME)
        form = {"form": "sketch", "claim": "cmk", "preset": name_of, "pepper": b64(PEPPER)}
        for name, browser, address, status in [
            ("the same browser", CHROME, "192.0.2.10", "OK"),
            ("browser updated", UPDATED, "192.0.2.10", "OK"),
            ("moved to another network", CHROME, "198.51.100.7", "OK" if path == "headers" else "STEP_UP"),
            ("stolen, from another browser", FIREFOX, "203.0.113.5", "FINGERPRINT_MISMATCH"),
            ("headers stripped to hide differences", STRIPPED, "192.0.2.10", "FINGERPRINT_MISMATCH"),
        ]:
            fields = bearer(made, browser) + [("X-Real-IP", address)]
            answer = get(f"/{path}/", fields)
            http, challenge = (200, "") if status == "OK" else (401, step_up if status == "STEP_UP" else INVALID)
            asked = case(made, evidence={"address": address, "headers": [list(field) for field in fields]}, fingerprint=form)
            expect(f"fingerprint {path}, {name}", answer, status, http, challenge, asked)
            if name == "browser updated":
                lab.check(f"fingerprint {path}, browser updated: a new token is advised", answer.field("Claims").split("|")[3] == "reissue")
    made = token(Secret(), claims())
    expect("fingerprint: a token without one", get("/headers/", bearer(made)), "FINGERPRINT_MISSING", 401, INVALID)
    made = marked("digest", "192.0.2.10", CHROME)
    real = [("X-Real-IP", "192.0.2.10")]
    expect("fingerprint digest, the same browser", get("/digest/", bearer(made) + real), "OK", 200)
    page = [("X-Page", PAGE)]
    made = marked(3, "192.0.2.10", CHROME, page=PAGE)
    for name, more, status in [("the page's too", page, "OK"), ("another page's", [("X-Page", OTHER_PAGE)], "FINGERPRINT_MISMATCH"),
                               ("a page's that is no JSON", [("X-Page", "{")], "COLLECTOR_MALFORMED"), ("none of a page", [], "FINGERPRINT_MISMATCH")]:
        answer = get("/browser/", bearer(made) + real + more)
        expect("fingerprint browser, " + name, answer, status, 200 if status == "OK" else 401, "" if status == "OK" else INVALID)
    made = marked("digest", "192.0.2.10", CHROME)
    expect("fingerprint digest, browser updated", get("/digest/", bearer(made, UPDATED) + real), "FINGERPRINT_MISMATCH", 401, INVALID)


def proofs(table, case):
    expect, get = table.expect, table.server.get
    device, thief, secret = Curve(), Curve(), Secret()
    made = token(secret, claims(cnf={"jkt": device.thumbprint()}))
    unbound = token(secret, claims())

    def show(path, shown, method="GET", text=made, scheme="DPoP", query="", more=()):
        fields = CHROME + [("Authorization", f"{scheme} {text}")] + [("DPoP", each) for each in shown] + list(more)
        return get(path + query, fields, method)

    def line(shown, path="/dpop/a", method="GET", text=made, scheme="DPoP", nonce=None):
        evidence = {"dpop": shown, "method": method, "uri": ORIGIN + path, "scheme": scheme}
        if nonce:
            evidence["nonce"] = nonce
        return case(text, evidence={name: value for name, value in evidence.items() if value}, holder="dpop")

    uri = ORIGIN + "/dpop/a"
    now = int(time.time())
    first = proof(device, "GET", uri, made)
    expect("DPoP: a proof", show("/dpop/a", [first]), "OK", 200, "", line(first))
    expect("DPoP: token and proof stolen, sent again", show("/dpop/a", [first]), "REPLAYED", 401, dpop("invalid_dpop_proof"), line(first))
    expect("DPoP: no token", get("/dpop/a", CHROME), "CREDENTIALS_MISSING", 401, dpop(""))
    expect("DPoP: token stolen, sent as Bearer", show("/dpop/a", [], scheme="Bearer"), "POSSESSION_MISSING", 401, INVALID, line(None, scheme="Bearer"))
    expect("DPoP: token stolen, without a proof", show("/dpop/a", []), "POSSESSION_MISSING", 401, dpop("invalid_token"), line(None))
    for name, shown, status, error in [
        ("a proof by the thief's key", proof(thief, "GET", uri, made), "PROOF_THUMBPRINT", "invalid_token"),
        ("a proof for another URL", proof(device, "GET", ORIGIN + "/dpop/b", made), "PROOF_URI", "invalid_dpop_proof"),
        ("a proof for another host, named in Host", proof(device, "GET", "http://localhost/dpop/a", made), "PROOF_URI", "invalid_dpop_proof"),
        ("a proof for another method", proof(device, "POST", uri, made), "PROOF_METHOD", "invalid_dpop_proof"),
        ("a proof for another token", proof(device, "GET", uri, unbound), "PROOF_TOKEN_HASH", "invalid_dpop_proof"),
        ("a proof of an hour ago", proof(device, "GET", uri, made, iat=now - 3600), "PROOF_TIME", "invalid_dpop_proof"),
        ("a proof that is none", "abc", "PROOF_MALFORMED", "invalid_dpop_proof"),
    ]:
        expect("DPoP: " + name, show("/dpop/a", [shown]), status, 401, dpop(error), line(shown))
    two = [proof(device, "GET", uri, made), proof(device, "GET", uri, made)]
    expect("DPoP: two proofs", show("/dpop/a", two), "PROOF_REPEATED", 401, dpop("invalid_dpop_proof"))
    shown = proof(device, "GET", uri, unbound)
    expect("DPoP: a token that is bound to no key", show("/dpop/a", [shown], text=unbound), "POSSESSION_UNBOUND", 401, dpop("invalid_token"),
           line(shown, text=unbound))
    shown = proof(device, "GET", uri, made)
    expect("DPoP: a query is no part of the target", show("/dpop/a", [shown], query="?x=1"), "OK", 200, "", line(shown))
    shown = proof(device, "HEAD", ORIGIN + "/dpop/a", made)
    lab.check("DPoP: HEAD is a method of its own", show("/dpop/a", [shown], method="HEAD").http == 200)
    expect("DPoP where it is not asked for: an unbound token under the scheme", show("/secret/", [], text=unbound), "POSSESSION_UNBOUND", 401,
           dpop("invalid_token"))
    expect("DPoP where it is not asked for: a bound token", show("/secret/", [], scheme="Bearer"), "CONFIRMATION", 401, INVALID, case(made))

    # Nonces: the answer gives one, and with that the request is served.
    uri = ORIGIN + "/nonce/a"
    answer = show("/nonce/a", [proof(device, "GET", uri, made)])
    expect("DPoP: first request, without a nonce", answer, "PROOF_NONCE", 401, dpop("use_dpop_nonce"))
    nonce = answer.field("DPoP-Nonce")
    lab.check("DPoP: the answer has a nonce", len(nonce) == 43, nonce)
    shown = proof(device, "GET", uri, made, nonce=nonce)
    expect("DPoP: the same with the nonce of the answer", show("/nonce/a", [shown]), "OK", 200, "", line(shown, "/nonce/a", nonce=nonce))
    shown = proof(device, "GET", uri, made, nonce="x" * 43)
    expect("DPoP: with a nonce of the client's own", show("/nonce/a", [shown]), "PROOF_NONCE", 401, dpop("use_dpop_nonce"),
           line(shown, "/nonce/a", nonce=nonce))

    # One proof, and nginx judges the request twice: for the directory, and for its index.
    shown = proof(device, "GET", ORIGIN + "/index/", made)
    expect("DPoP: a redirect inside nginx does not use a proof twice", show("/index/", [shown]), "OK", 200)
    expect("DPoP: and afterwards it is used", show("/index/", [shown]), "REPLAYED", 401, dpop("invalid_dpop_proof"))


def certificates(table, case):
    expect, get, server = table.expect, table.server.get, table.server
    own = tls([os.path.join(server.directory, name) for name in ("own.pem", "own.key")])
    other = tls([os.path.join(server.directory, name) for name in ("other.pem", "other.key")])
    digest = b64(__import__("hashlib").sha256(server.own_der).digest())
    made = token(Secret(), claims(cnf={"x5t#S256": digest}))

    def line(der):
        return case(made, evidence={"certificate": b64(der)} if der else None, holder="certificate")

    expect("certificate: that of the token", get("/certificate/", bearer(made), context=own), "OK", 200, "", line(server.own_der))
    expect("certificate: token stolen, none shown", get("/certificate/", bearer(made), context=tls()), "POSSESSION_MISSING", 401, INVALID, line(None))
    expect("certificate: token stolen, another one shown", get("/certificate/", bearer(made), context=other), "CERTIFICATE_MISMATCH", 401, INVALID,
           line(server.other_der))
    written = bearer(made) + [("Client-Cert", ":" + __import__("base64").b64encode(server.own_der).decode() + ":")]
    expect("certificate: token stolen, written by the thief", get("/certificate/", written, context=tls()), "POSSESSION_MISSING", 401, INVALID)
    expect("certificate: without TLS", get("/certificate/", bearer(made)), "POSSESSION_MISSING", 401, INVALID)
    expect("certificate: where either is taken", get("/bound/", bearer(made), context=own), "OK", 200)
    expect("either: bound to nothing, a bearer token", get("/bound/", bearer(token(Secret(), claims()))), "OK", 200)


def standing(table):
    expect, get = table.expect, table.server.get
    secret, now = Secret(), int(time.time())
    mine, others = claims(sub="carol", iat=now - 10), claims(sub="carol", iat=now - 10)
    one, two = token(secret, mine), token(secret, others)
    expect("revoked: a token before", get("/revocable/", bearer(one)), "OK", 200)
    lab.check("revoked: it is noted", get(f"/revoke?token={mine['jti']}&expires={mine['exp']}&issuer={ISSUER.replace('/', '%2F')}", CHROME, "POST").http == 204)
    expect("revoked: the token after that", get("/revocable/", bearer(one)), "REVOKED", 401, INVALID)
    expect("revoked: another token of the same user", get("/revocable/", bearer(two)), "OK", 200)
    lab.check("revoked: everywhere", get(f"/revoke?subject=carol&before={now}&issuer={ISSUER}", CHROME, "POST").http == 204)
    expect("revoked user: the other token after that", get("/revocable/", bearer(two)), "REVOKED", 401, INVALID)
    expect("revoked user: a new login", get("/revocable/", bearer(token(secret, claims(sub="carol")))), "OK", 200)
    expect("revoked user: somebody else's", get("/revocable/", bearer(token(secret, claims()))), "OK", 200)
    for query in ["", "?token=a", "?token=a&key=b&expires=9", "?token=&expires=9", "?subject=a&before=0", "?token=a&expires=soon"]:
        lab.check(f"revoke{query or ' without arguments'}: 400", get("/revoke" + query, CHROME, "POST").http == 400)
    lab.check("revoke by GET: 405", get("/revoke?token=a&expires=9", CHROME).http == 405)

    # The address counts before the token is looked at, so a thief with nonsense is stopped as well.
    for number in range(3):
        expect(f"flood: request {number + 1}", get("/limited/", bearer("nonsense")), "TOKEN_NOT_COMPACT", 401, INVALID)
    answer = get("/limited/", bearer("nonsense"))
    expect("flood: one too many", answer, "RATE_LIMITED", 429)
    lab.check("flood: Retry-After says when", 1 <= int(answer.field("Retry-After") or 0) <= 30, answer.field("Retry-After"))
    expect("flood: another address", get("/limited/", bearer(token(secret, claims())) + [("X-Real-IP", "192.0.2.99")]), "OK", 200)
    expect("flood: another place", get("/secret/", bearer(token(secret, claims()))), "OK", 200)
    for number in range(2):
        expect(f"user's flood: request {number + 1}", get("/named/", bearer(token(secret, claims(sub="dave")))), "OK", 200)
    expect("user's flood: one too many", get("/named/", bearer(token(secret, claims(sub="dave")))), "RATE_LIMITED", 429)
    expect("user's flood: another user", get("/named/", bearer(token(secret, claims(sub="erin")))), "OK", 200)
    expect("user's flood: a token that names nobody", get("/named/", bearer(token(secret, claims(sub=None)))), "CLAIM_REQUIRED", 401, INVALID)


def inside_nginx(table):
    """Variables, and what nginx does with a verdict."""
    expect, get = table.expect, table.server.get
    secret = Secret()
    made = token(secret, claims(clientId="c-7", realm_access={"roles": ["a", "b"]}))
    expect("pass: a good token", get("/pass/", bearer(made)), "OK", 200)
    answer = get("/pass/", bearer(made[:-1] + ("A" if made[-1] != "A" else "B")))
    expect("pass: a bad one goes on, and the variable says it", answer, "SIGNATURE", 200)
    lab.check("pass: a bad one has no claims", answer.field("Claims").startswith("||||"), answer.field("Claims"))
    answer = get("/secret/", bearer(made))
    lab.check("claims: by name, by path, by a name with capitals", answer.field("Claims").startswith('alice|["a", "b"]|c-7|'), answer.field("Claims"))
    answer = get("/secret/", bearer(token(secret, claims(sub="al\r\nX-Admin: yes"))))
    lab.check("claims: a line break never reaches a header field", answer.field("Claims").startswith("|||") and not answer.field("X-Admin"), answer.fields)
    answer = get("/secret/", bearer(token(secret, claims(sub="al\\u0000ice", clientId="\u00fc\"\\"))))
    lab.check("claims: escapes are read", answer.field("Claims").split("|")[2].encode("latin-1").decode() == "ü\"\\", answer.fields)
    answer = get("/secret/", bearer(token(secret, json.dumps(claims(realm_access={"roles": ["a"]}), indent=2))))
    lab.check("claims: JSON on many lines becomes one", answer.field("Claims").split("|")[1] == '[       "a"     ]', answer.field("Claims"))
    answer = get("/page/", CHROME)
    lab.check("error_page: the page of nginx's, with status and challenge",
              (answer.http, answer.body, answer.field("WWW-Authenticate")) == (401, "sorry\n", BEARER), (answer.http, answer.body, answer.fields))
    lab.check("error_page: the verdict outlives the redirect", answer.field("Countermark") == "CREDENTIALS_MISSING 110", answer.field("Countermark"))
    answer = get("/either/", CHROME)
    lab.check("satisfy any: another module may say yes, and no challenge stays", (answer.http, answer.field("WWW-Authenticate")) == (200, ""), answer.fields)
    answer = get("/off/", CHROME)
    lab.check("off: served, and there is no verdict", (answer.http, answer.field("Countermark").strip()) == (200, ""), answer.fields)


def files():
    key, rsa = Curve("k1"), Rsa()
    own, other = certificate("device"), certificate("other")
    server = certificate("localhost")
    return (key, rsa, own[2], other[2]), {
        "key.pem": key.pem, "secret": SECRET, "pepper": PEPPER, "nonce": "a secret of the nonces, of 32 bytes or more",
        "keys.json": json.dumps({"keys": [key.public, rsa.public]}),
        "sealing.json": json.dumps({"keys": [{"kty": "oct", "alg": "A256GCM", "k": b64(bytes(range(32)))}]}),
        "server.pem": server[0], "server.key": server[1], "own.pem": own[0], "own.key": own[1], "other.pem": other[0], "other.key": other[1],
        "hello.txt": "hello\n", "sorry.txt": "sorry\n", "index/hello.txt": "hello\n",
    }


def server(**more):
    (key, rsa, own, other), content = files()
    made = lab.Server(HTTP.format(audience=AUDIENCE, issuer=ISSUER, origin=ORIGIN), content, **more)
    made.key, made.rsa, made.own_der, made.other_der = key, rsa, own, other
    return made


def run(**more):
    with server(**more) as running:
        scenes(running)
    lab.check("no worker fell", "exited on signal" not in running.last_log, running.last_log[-300:])
    # nginx itself logs requests' lines and doubled fields; what the module writes stands before the client.
    ours = [line.split(", client:")[0] for line in running.last_log.splitlines() if "countermark: " in line]
    lab.check(f"no token in the {len(ours)} lines that the module logged", ours and not any("eyJ" in line for line in ours))
    return running


if __name__ == "__main__":
    run()
    lab.finish()
