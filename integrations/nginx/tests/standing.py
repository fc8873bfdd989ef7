"""Scenes about tokens that are worth nothing any more, about floods, and about what nginx does with a verdict."""

import json
import subprocess
import time

import lab
from table import BEARER, CHROME, INVALID, bearer
from tokens import ISSUER, Secret, claims, token


def revocations(table):
    expect, get = table.expect, table.server.get
    secret, now = Secret(), int(time.time())
    mine, others = claims(sub="carol", iat=now - 10), claims(sub="carol", iat=now - 10)
    one, two = token(secret, mine), token(secret, others)
    expect("revoked: a token before", get("/revocable/", bearer(one)), "OK", 200)
    lab.check(
        "revoked: it is noted",
        get(f"/revoke?token={mine['jti']}&expires={mine['exp']}&issuer={ISSUER.replace('/', '%2F')}", CHROME, "POST").http
        == 204,
    )
    expect("revoked: the token after that", get("/revocable/", bearer(one)), "REVOKED", 401, INVALID)
    expect("revoked: another token of the same user", get("/revocable/", bearer(two)), "OK", 200)
    lab.check(
        "revoked: inside an if, too",
        get(f"/revoke?token=other&expires={mine['exp']}", CHROME + [("X-If", "1")], "POST").http == 204,
    )
    lab.check("revoked: everywhere", get(f"/revoke?subject=carol&before={now}&issuer={ISSUER}", CHROME, "POST").http == 204)
    expect("revoked user: the other token after that", get("/revocable/", bearer(two)), "REVOKED", 401, INVALID)
    expect("revoked user: a new login", get("/revocable/", bearer(token(secret, claims(sub="carol")))), "OK", 200)
    expect("revoked user: somebody else's", get("/revocable/", bearer(token(secret, claims()))), "OK", 200)
    # A plus is written as %2B, a space as %20.
    for name, written in [("a+b", "a%2Bb"), ("a b", "a%20b"), ("a%b", "a%25b")]:
        made = token(secret, claims(sub=name, iat=now - 10))
        noted = get(f"/revoke?subject={written}&before={now}&issuer={ISSUER}", CHROME, "POST").http
        expect(f"revoked user {name!r}", get("/revocable/", bearer(made)), "REVOKED", 401, INVALID)
        lab.check(f"revoked user {name!r}: it is noted", noted == 204, noted)
    # Within the leeway an expired token is accepted, so it can be revoked.
    for name, query, kid in [("token", "token={jti}", None), ("key", "key=old", "old")]:
        late = claims(iat=now - 60, exp=now - 20)
        made = token(secret, late, **({"kid": kid} if kid else {}))
        expect(f"revoked {name} in the leeway: before", get("/lenient/", bearer(made)), "OK", 200)
        query = f"/revoke?{query.format(jti=late['jti'])}&expires={late['exp']}&issuer={ISSUER if name == 'token' else ''}"
        lab.check(f"revoked {name} in the leeway: it is noted", get(query.removesuffix("&issuer="), CHROME, "POST").http == 204)
        expect(f"revoked {name} in the leeway: after", get("/lenient/", bearer(made)), "REVOKED", 401, INVALID)
    for query in [
        "",
        "?token=a",
        "?token=a&key=b&expires=9",
        "?token=&expires=9",
        "?subject=a&before=0",
        "?token=a&expires=soon",
        "?token=a+b&expires=9",
        "?subject=a+b&before=9",
        "?key=a&issuer=a+b&expires=9",
        "?token=a%2&expires=9",
        "?token=a%&expires=9",
        "?token=a%zz&expires=9",
        "?token=%%41&expires=9",
    ]:
        lab.check(f"revoke{query or ' without arguments'}: 400", get("/revoke" + query, CHROME, "POST").http == 400)
    # Nothing of this is noted: which of two arguments counts, or what a word that nobody reads meant, 204 would not say.
    mine = claims(sub="ivan")
    made = token(secret, mine)
    for query in [
        "token={jti}&token=b&expires={exp}",
        "token=b&token={jti}&expires={exp}",
        "token={jti}&expires={exp}&isuer=ISS",
        "token={jti}&expires={exp}&issuer=a&issuer=b",
        "token={jti}&expires={exp}&before={exp}",
        "subject=ivan&before={exp}&expires={exp}",
        "token={jti}&TOKEN=b&expires={exp}",
        "token={jti}&expires={exp}&",
        "token={jti}&expires={exp}&issuer",
    ]:
        query = query.format(jti=mine["jti"], exp=mine["exp"])
        lab.check(f"revoke?{query}: 400", get("/revoke?" + query, CHROME, "POST").http == 400)
    # A page that the operator has open can send a POST without asking. Its browser says where it comes from.
    noted = f"/revoke?token={mine['jti']}&expires={mine['exp']}"
    for origin in ("https://evil.example", "null"):
        answer = get(noted, CHROME + [("Origin", origin)], "POST")
        lab.check(f"revoke from a page, Origin {origin}: 403", answer.http == 403, answer.http)
    expect("revoke: and the token is good", get("/revocable/", bearer(made)), "OK", 200)
    lab.check("revoke by GET: 405", get("/revoke?token=a&expires=9", CHROME).http == 405)


def floods(table):
    expect, get, secret = table.expect, table.server.get, Secret()
    # The address counts before the token is looked at, so a thief with nonsense is stopped as well.
    for number in range(3):
        expect(f"flood: request {number + 1}", get("/limited/", bearer("nonsense")), "TOKEN_NOT_COMPACT", 401, INVALID)
    answer = get("/limited/", bearer("nonsense"))
    expect("flood: one too many", answer, "RATE_LIMITED", 429)
    lab.check("flood: Retry-After says when", 1 <= int(answer.field("Retry-After") or 0) <= 30, answer.field("Retry-After"))
    expect(
        "flood: another address",
        get("/limited/", bearer(token(secret, claims())) + [("X-Real-IP", "192.0.2.99")]),
        "OK",
        200,
    )
    expect("flood: another place", get("/secret/", bearer(token(secret, claims()))), "OK", 200)
    for number in range(2):
        expect(f"user's flood: request {number + 1}", get("/named/", bearer(token(secret, claims(sub="dave")))), "OK", 200)
    expect("user's flood: one too many", get("/named/", bearer(token(secret, claims(sub="dave")))), "RATE_LIMITED", 429)
    expect("user's flood: another user", get("/named/", bearer(token(secret, claims(sub="erin")))), "OK", 200)
    expect(
        "user's flood: a token that names nobody",
        get("/named/", bearer(token(secret, claims(sub=None)))),
        "CLAIM_REQUIRED",
        401,
        INVALID,
    )

    expect("a limit of a number: a token", get("/numbered/", bearer(token(secret, claims(level=7)))), "OK", 200)
    answer = get("/numbered/", bearer(token(secret, claims(level=7))))
    expect("a limit of a number: another of the same", answer, "RATE_LIMITED", 429)
    expect("a limit of a number: another number", get("/numbered/", bearer(token(secret, claims(level=8)))), "OK", 200)

    # nginx judges these twice, for the directory and for its index, and counts them once.
    made = token(secret, claims(sub="frank"))
    found = [get("/twice/", bearer(made) + [("X-Real-IP", "192.0.2.50")]).http for _ in range(5)]
    lab.check("a redirect inside nginx: four requests count as four", found == [200] * 4 + [429], found)
    found = get("/twice/", bearer(made) + [("X-Real-IP", "192.0.2.51")]).http
    lab.check("a redirect inside nginx: and as four of the user's", found == 429, found)

    # A location that a redirect leads to has limits of its own.
    for path in ("/wide/", "/first/"):
        made = token(secret, claims(sub="grace"))
        found = [get(path, bearer(made) + [("X-Real-IP", "192.0.2.52")]).http for _ in range(3)]
        lab.check(f"a redirect inside nginx to narrower limits: {path}", found == [200, 429, 429], found)
    # What a location that passes has counted as too much is not served by the next, which denies.
    found = [get("/", bearer(made, [("Host", "passing")])).http for _ in range(3)]
    lab.check("pass, then deny, with one limit: the second request is refused", found == [200, 429, 429], found)

    # A table of 32 KB is full soon; then nobody is forgotten for somebody new.
    made, at, answer = token(secret, claims()), 0, None
    while at < 6000 and (answer is None or answer.http == 200):
        at += 1
        answer = get("/tiny/", bearer(made) + [("X-Real-IP", f"10.0.{at // 250}.{at % 250 + 1}")])
    expect("a full table: somebody new", answer, "THROTTLE_FULL", 503)
    answer = get("/tiny/", bearer(made) + [("X-Real-IP", "10.0.0.2")])
    expect(f"a full table: the first of {at - 1} clients is still counted", answer, "RATE_LIMITED", 429)


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
    lab.check(
        "claims: by name, by path, by a name with capitals",
        answer.field("Claims").startswith('alice|["a", "b"]|c-7|'),
        answer.field("Claims"),
    )
    answer = get("/secret/", bearer(token(secret, claims(sub="al\r\nX-Admin: yes"))))
    lab.check(
        "claims: a line break never reaches a header field",
        answer.field("Claims").startswith("|||") and not answer.field("X-Admin"),
        answer.fields,
    )
    for name in (" alice", "alice ", " "):
        answer = get("/secret/", bearer(token(secret, claims(sub=name))))
        lab.check(f"claims: {name!r} is nobody, for an upstream reads another", answer.field("Claims").startswith("|"))
    answer = get("/secret/", bearer(token(secret, claims(sub="al ice"))))
    lab.check("claims: a space inside stays", answer.field("Claims").startswith("al ice|"), answer.fields)
    answer = get("/secret/", bearer(token(secret, claims(sub="al\\u0000ice", clientId='\u00fc"\\'))))
    lab.check(
        "claims: escapes are read", answer.field("Claims").split("|")[2].encode("latin-1").decode() == 'ü"\\', answer.fields
    )
    answer = get("/secret/", bearer(token(secret, json.dumps(claims(realm_access={"roles": ["a"]}), indent=2))))
    lab.check(
        "claims: JSON on many lines becomes one",
        answer.field("Claims").split("|")[1] == '[       "a"     ]',
        answer.field("Claims"),
    )
    answer = get("/page/", CHROME)
    lab.check(
        "error_page: the page of nginx's, with status and challenge",
        (answer.http, answer.body, answer.field("WWW-Authenticate")) == (401, "sorry\n", BEARER),
        (answer.http, answer.body, answer.fields),
    )
    lab.check(
        "error_page: the verdict outlives the redirect",
        answer.field("Countermark") == "CREDENTIALS_MISSING 110",
        answer.field("Countermark"),
    )
    answer = get("/either/", CHROME)
    lab.check(
        "satisfy any: another module may say yes, and no challenge stays",
        (answer.http, answer.field("WWW-Authenticate")) == (200, ""),
        answer.fields,
    )
    for name, more, wanted in [
        ("a token", ["-H", "Authorization: Bearer " + made], "200 OK 0"),
        ("no token", [], "401 CREDENTIALS_MISSING 110"),
        ("two tokens", ["-H", "Authorization: Bearer " + made, "-H", "authorization: Bearer " + made], "400"),
    ]:
        done = subprocess.run(
            [
                "curl",
                "-sk",
                "--http2",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} %header{countermark} %{http_version}",
                *more,
                f"https://127.0.0.1:{table.server.tls_port}/secret/",
            ],
            capture_output=True,
            text=True,
            timeout=20,
        )
        lab.check(f"HTTP/2: {name}: {wanted}", " ".join(done.stdout.split()) == wanted + " 2", done.stdout)
    answer = get("/pass/", bearer("a.b.c"))
    more = "-1|Bearer|401|0|The JOSE header is not unpadded base64url with zero trailing bits (RFC 7515 2)."
    lab.check("pass: what deny would answer", answer.field("More") == more, answer.field("More"))
    lab.check(
        "pass: and its challenge",
        answer.field("Would") == INVALID + "|" and not answer.field("WWW-Authenticate"),
        answer.fields,
    )
    expect("off: nothing of what stands around it", get("/strictest/free/", bearer(made)), "OK", 200)
    expect(
        "all of what stands around it", get("/strictest/", bearer(made)), "CREDENTIALS_MISSING", 401, 'DPoP realm="gateway"'
    )
    answer = get("/off/", CHROME)
    lab.check(
        "off: served, and there is no verdict",
        (answer.http, answer.field("Countermark").strip()) == (200, ""),
        answer.fields,
    )
