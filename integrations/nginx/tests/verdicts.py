"""The verdict table: the scenes of the gateway example through a real nginx. Where the core can judge the same case by its conformance
program, the verdict is also that one, by name and number."""

import base64
import json
import time

import holders
import lab
import standing
from table import BEARER, CHROME, INVALID, Table, bearer, case, server
from tokens import AUDIENCE, ISSUER, Curve, Secret, b64, claims, sealed, token


def scenes(server):
    table = Table(server)
    expect, get = table.expect, server.get
    key, secret = server.key, Secret()

    # Signed tokens, as the gateway has them.
    def api(made):
        line = case(made, key.public, issuers=[ISSUER], algorithms=["ES256"], typ="at+jwt", require=["exp", "sub", "jti"])
        line["keys"]["issuer"] = ISSUER
        return line

    good = token(key, claims(), typ="at+jwt")
    head, payload, signature = good.split(".")
    forged = b64(json.dumps(dict(json.loads(base64.urlsafe_b64decode(payload + "==")), sub="admin")))
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
        (
            "re-signed, HS256 under the public key",
            token(Secret(key.pem), claims(), typ="at+jwt", kid="k1"),
            "ALGORITHM_NOT_ALLOWED",
        ),
        ("a key id that nobody has", token(key, claims(), typ="at+jwt", kid="k2"), "UNKNOWN_KID"),
        ("another type", token(key, claims()), "TYPE"),
        ("a required claim is missing", token(key, claims(jti=None), typ="at+jwt"), "CLAIM_REQUIRED"),
        ("a claim twice", token(key, '{"sub":"a","sub":"b"}', typ="at+jwt"), "PAYLOAD_DUPLICATE"),
    ]:
        http = 200 if status == "OK" else 401
        expect(name, get("/api/hello", bearer(made)), status, http, INVALID if http == 401 else "", api(made))
    answer = get("/api/hello", bearer(token(key, claims(aud="https://bank.example", exp=1), typ="at+jwt")))
    lab.check(
        "all that failed is named, in order",
        answer.field("Claims").split("|")[4:] == ["AUDIENCE EXPIRED", "policy"],
        answer.field("Claims"),
    )

    # The carrier: exactly one token, from exactly one place.
    made = token(secret, claims())
    expect("no token", get("/api/hello", CHROME), "CREDENTIALS_MISSING", 401, BEARER)
    # nginx itself refuses two fields of this name, as RFC 9110 5.3 has it; the module is not asked.
    lab.check("two tokens: 400", get("/secret/", bearer(made, bearer(made))).http == 400)
    expect(
        "a malformed field",
        get("/secret/", bearer("a b")),
        "CREDENTIALS_MALFORMED",
        400,
        BEARER + ', error="invalid_request"',
    )
    expect("in the cookie", get("/cookie/", CHROME + [("Cookie", "a=b; session=" + made)]), "OK", 200, "", case(made))
    expect(
        "in the cookie, twice",
        get("/cookie/", CHROME + [("Cookie", f"session={made}; session={made}")]),
        "CREDENTIALS_REPEATED",
        400,
        BEARER + ', error="invalid_request"',
    )
    expect("in a field where a cookie is asked for", get("/cookie/", bearer(made)), "CREDENTIALS_MISSING", 401, BEARER)
    expect("in the argument", get("/argument/?a=b&access_token=" + made, CHROME), "OK", 200, "", case(made))
    expect(
        "in the argument and another",
        get(f"/argument/?access_token={made}&access%5Ftoken={made}", CHROME),
        "CREDENTIALS_REPEATED",
        400,
        BEARER + ', error="invalid_request"',
    )
    expect(
        "in an argument where a field is asked for",
        get("/secret/?access_token=" + made, CHROME),
        "CREDENTIALS_MISSING",
        401,
        BEARER,
    )

    # Keys and policy.
    expect("HS256", get("/secret/", bearer(made)), "OK", 200, "", case(made))
    made = token(server.rsa, claims())
    expect("RS256 from a set of twenty-two", get("/set/", bearer(made)), "OK", 200, "", case(made, server.rsa.public))
    made = token(key, claims())
    expect("ES256 from the same set", get("/set/", bearer(made)), "OK", 200, "", case(made, key.public))
    for name, signer in [("ES256", key), ("RS256", server.rsa)]:
        made = token(signer, claims())
        answer = get("/bare/", bearer(made))
        expect(f"{name} under a key that does not say its algorithm", answer, "OK", 200, "", case(made, signer.public))
    made = token(secret, claims(exp=int(time.time()) - 60))
    expect("expired within the leeway", get("/leeway/", bearer(made)), "OK", 200, "", case(made, leeway=120, max_age=3600))
    made = token(secret, claims(iat=int(time.time()) - 4000))
    expect(
        "issued too long ago", get("/leeway/", bearer(made)), "TOO_OLD", 401, INVALID, case(made, leeway=120, max_age=3600)
    )
    again = BEARER + ', error="insufficient_user_authentication", acr_values="gold silver", max_age="300"'
    now = int(time.time())
    for name, login, status in [
        ("strong and recent", {"acr": "silver", "auth_time": now}, "OK"),
        ("too weak", {"acr": "bronze", "auth_time": now}, "ACR"),
        ("too long ago", {"acr": "gold", "auth_time": now - 400}, "AUTH_TOO_OLD"),
        ("of no time", {"acr": "gold"}, "AUTH_TIME_MISSING"),
    ]:
        http, challenge = (200, "") if status == "OK" else (401, again)
        expect(f"a login {name}", get("/login/", bearer(token(secret, claims(**login)))), status, http, challenge)
    made = token(secret, claims(aud="anything"))
    expect(
        "any audience, where that is said",
        get("/any/", bearer(made)),
        "OK",
        200,
        "",
        case(made, audiences=[], any_audience=True),
    )
    made = token(secret, claims(more="x" * 100))
    expect(
        "longer than the limit",
        get("/small/", bearer(made)),
        "TOKEN_TOO_LARGE",
        401,
        INVALID,
        case(made, max_token_bytes=200),
    )

    # Rights.
    asked = {"rights": {"all_of": {"scope": ["orders:read"]}}}
    scope = BEARER + ', error="insufficient_scope", scope="orders:read"'
    made = token(secret, claims(scope="orders:read orders:write"))
    expect("rights: with the scope", get("/orders/7", bearer(made)), "OK", 200, "", case(made, **asked))
    for name, more in [("without any", {}), ("with another", {"scope": "orders:write"})]:
        made = token(secret, claims(**more))
        expect("rights: " + name, get("/orders/7", bearer(made)), "RIGHTS_MISSING", 403, scope, case(made, **asked))
    insufficient = BEARER + ', error="insufficient_scope"'
    for name, more, status in [
        ("a number high enough", {"level": 3}, "OK"),
        ("a number too low", {"level": 2}, "RIGHTS_MISSING"),
        ("an excluded group", {"level": 3, "groups": ["guest"]}, "RIGHTS_FORBIDDEN"),
        ("a number as text", {"level": "3"}, "RIGHTS_TYPE"),
    ]:
        made = token(secret, claims(**more))
        expect(
            "rights: " + name,
            get("/level/", bearer(made)),
            status,
            200 if status == "OK" else 403,
            "" if status == "OK" else insufficient,
        )

    holders.fingerprints(table)
    holders.proofs(table)
    holders.certificates(table)
    standing.revocations(table)
    standing.floods(table)
    standing.inside_nginx(table)

    # Nested.
    envelope = bytes(range(32))
    made = sealed(token(secret, claims()), envelope)
    expect("nested: signed, then encrypted", get("/sealed/", bearer(made)), "OK", 200)
    expect(
        "nested: under another key",
        get("/sealed/", bearer(sealed(token(secret, claims()), bytes(32)))),
        "DECRYPTION",
        401,
        INVALID,
    )
    expect(
        "nested: a signed token alone", get("/sealed/", bearer(token(secret, claims()))), "TOKEN_NOT_COMPACT", 401, INVALID
    )
    table.ask_the_core()


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
