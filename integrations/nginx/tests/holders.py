"""Scenes about who presents a token: browsers known by their likeness, DPoP proofs, client certificates."""

import base64
import hashlib
import os
import subprocess
import time

import lab
from table import BEARER, CHROME, FIREFOX, INVALID, ORIGIN, OTHER_PAGE, PAGE, STRIPPED, UPDATED, bearer, case, dpop
from tokens import PEPPER, Curve, Secret, b64, claims, marked, proof, tls, token


def by_http2(server, path, fields):
    """A POST by curl: HTTP status, what the module said, and the version that was spoken."""
    command = ["curl", "-sk", "--http2", "-X", "POST", "-o", "/dev/null", "-w", "%{http_code} %header{countermark} %{http_version}"]
    for field in fields:
        command += ["-H", field]
    command.append(f"https://127.0.0.1:{server.tls_port}{path}")
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout


def fingerprints(table):
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
                lab.check(
                    f"fingerprint {path}, browser updated: a new token is advised",
                    answer.field("Claims").split("|")[3] == "reissue",
                )
    made = token(Secret(), claims())
    expect("fingerprint: a token without one", get("/headers/", bearer(made)), "FINGERPRINT_MISSING", 401, INVALID)
    made = marked("digest", "192.0.2.10", CHROME)
    real = [("X-Real-IP", "192.0.2.10")]
    expect("fingerprint digest, the same browser", get("/digest/", bearer(made) + real), "OK", 200)
    page = [("X-Page", PAGE)]
    made = marked(3, "192.0.2.10", CHROME, page=PAGE)
    for name, more, status in [
        ("the page's too", page, "OK"),
        ("another page's", [("X-Page", OTHER_PAGE)], "FINGERPRINT_MISMATCH"),
        ("a page's that is no JSON", [("X-Page", "{")], "COLLECTOR_MALFORMED"),
        ("none of a page", [], "FINGERPRINT_MISMATCH"),
    ]:
        answer = get("/browser/", bearer(made) + real + more)
        expect(
            "fingerprint browser, " + name, answer, status, 200 if status == "OK" else 401, "" if status == "OK" else INVALID
        )
    made = marked("digest", "192.0.2.10", CHROME)
    expect(
        "fingerprint digest, browser updated",
        get("/digest/", bearer(made, UPDATED) + real),
        "FINGERPRINT_MISMATCH",
        401,
        INVALID,
    )
    made = marked("compat", "192.0.2.10", CHROME)
    form = {"form": "digest", "claim": "fp", "preset": "compat"}
    for name, browser, status in [("the same browser", CHROME, "OK"), ("browser updated", UPDATED, "FINGERPRINT_MISMATCH")]:
        fields = bearer(made, browser) + real
        evidence = {"address": "192.0.2.10", "headers": [list(field) for field in fields]}
        answer = get("/compat/", fields)
        http, challenge = (200, "") if status == "OK" else (401, INVALID)
        asked = case(made, evidence=evidence, fingerprint=form)
        expect("fingerprint digest-compat, " + name, answer, status, http, challenge, asked)

    # What is looked up by the address counts in the similarity, which the core is asked for, too.
    made = marked(3, "192.0.2.10", CHROME)
    form = {"form": "sketch", "claim": "cmk", "preset": "browser", "pepper": b64(PEPPER)}
    for name, known in [
        ("nothing", {}),
        ("a country", {"country": "FR"}),
        ("all", {"asn": "64500", "country": "FR", "organisation": "o", "isp": "i"}),
    ]:
        fields = bearer(made) + real + [("X-" + what, value) for what, value in known.items()]
        evidence = {
            "address": "192.0.2.10",
            "headers": [list(field) for field in fields],
            "components": {"ip." + what: value for what, value in known.items()},
        }
        answer = get("/known/", fields)
        status = answer.field("Countermark").split(" ")[0]
        http, challenge = (200, "") if status == "OK" else (401, step_up if status == "STEP_UP" else INVALID)
        expect(
            f"fingerprint browser, looked up: {name}",
            answer,
            status,
            http,
            challenge,
            case(made, evidence=evidence, fingerprint=form),
        )


def proofs(table):
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
    expect(
        "DPoP: token and proof stolen, sent again",
        show("/dpop/a", [first]),
        "REPLAYED",
        401,
        dpop("invalid_dpop_proof"),
        line(first),
    )
    expect("DPoP: no token", get("/dpop/a", CHROME), "CREDENTIALS_MISSING", 401, dpop(""))
    expect(
        "DPoP: token stolen, sent as Bearer",
        show("/dpop/a", [], scheme="Bearer"),
        "POSSESSION_MISSING",
        401,
        INVALID,
        line(None, scheme="Bearer"),
    )
    expect(
        "DPoP: token stolen, without a proof",
        show("/dpop/a", []),
        "POSSESSION_MISSING",
        401,
        dpop("invalid_token"),
        line(None),
    )
    for name, shown, status, error in [
        ("a proof by the thief's key", proof(thief, "GET", uri, made), "PROOF_THUMBPRINT", "invalid_token"),
        ("a proof for another URL", proof(device, "GET", ORIGIN + "/dpop/b", made), "PROOF_URI", "invalid_dpop_proof"),
        (
            "a proof for another host, named in Host",
            proof(device, "GET", "http://localhost/dpop/a", made),
            "PROOF_URI",
            "invalid_dpop_proof",
        ),
        ("a proof for another method", proof(device, "POST", uri, made), "PROOF_METHOD", "invalid_dpop_proof"),
        ("a proof for another token", proof(device, "GET", uri, unbound), "PROOF_TOKEN_HASH", "invalid_dpop_proof"),
        ("a proof of an hour ago", proof(device, "GET", uri, made, iat=now - 3600), "PROOF_TIME", "invalid_dpop_proof"),
        ("a proof that is none", "abc", "PROOF_MALFORMED", "invalid_dpop_proof"),
    ]:
        expect("DPoP: " + name, show("/dpop/a", [shown]), status, 401, dpop(error), line(shown))
    two = [proof(device, "GET", uri, made), proof(device, "GET", uri, made)]
    expect("DPoP: two proofs", show("/dpop/a", two), "PROOF_REPEATED", 401, dpop("invalid_dpop_proof"))
    shown = proof(device, "GET", uri, unbound)
    expect(
        "DPoP: a token that is bound to no key",
        show("/dpop/a", [shown], text=unbound),
        "POSSESSION_UNBOUND",
        401,
        dpop("invalid_token"),
        line(shown, text=unbound),
    )
    shown = proof(device, "GET", uri, made)
    expect("DPoP: a query is no part of the target", show("/dpop/a", [shown], query="?x=1"), "OK", 200, "", line(shown))
    shown = proof(device, "HEAD", ORIGIN + "/dpop/a", made)
    lab.check("DPoP: HEAD is a method of its own", show("/dpop/a", [shown], method="HEAD").http == 200)
    expect(
        "DPoP where it is not asked for: an unbound token under the scheme",
        show("/secret/", [], text=unbound),
        "POSSESSION_UNBOUND",
        401,
        dpop("invalid_token"),
    )
    expect(
        "DPoP where it is not asked for: a bound token",
        show("/secret/", [], scheme="Bearer"),
        "CONFIRMATION",
        401,
        INVALID,
        case(made),
    )

    # Nonces: the answer gives one, and with that the request is served.
    uri = ORIGIN + "/nonce/a"
    answer = show("/nonce/a", [proof(device, "GET", uri, made)])
    expect("DPoP: first request, without a nonce", answer, "PROOF_NONCE", 401, dpop("use_dpop_nonce"))
    nonce = answer.field("DPoP-Nonce")
    lab.check("DPoP: the answer has a nonce", len(nonce) == 43, nonce)
    shown = proof(device, "GET", uri, made, nonce=nonce)
    expect(
        "DPoP: the same with the nonce of the answer",
        show("/nonce/a", [shown]),
        "OK",
        200,
        "",
        line(shown, "/nonce/a", nonce=nonce),
    )
    shown = proof(device, "GET", uri, made, nonce="x" * 43)
    expect(
        "DPoP: with a nonce of the client's own",
        show("/nonce/a", [shown]),
        "PROOF_NONCE",
        401,
        dpop("use_dpop_nonce"),
        line(shown, "/nonce/a", nonce=nonce),
    )

    # A minute's nonce, and little patience with clocks.
    uri, now = ORIGIN + "/soon/a", int(time.time())
    nonce = show("/soon/a", [proof(device, "GET", uri, made)]).field("DPoP-Nonce")
    for name, iat, status in [
        ("of now", now, "OK"),
        ("of half a minute ago", now - 30, "PROOF_TIME"),
        ("of half a minute ahead", now + 30, "PROOF_TIME"),
    ]:
        answer = show("/soon/a", [proof(device, "GET", uri, made, nonce=nonce, iat=iat)])
        http, challenge = (200, "") if status == "OK" else (401, dpop("invalid_dpop_proof"))
        expect("DPoP: a proof " + name, answer, status, http, challenge)
    answer = show("/dpop/\xfc", [proof(device, "GET", ORIGIN + "/dpop/\xfc", made)])
    lab.check(
        "DPoP: a path that no URI has: 400",
        (answer.http, answer.field("Countermark")) == (400, "ARGUMENT 914"),
        answer.fields,
    )

    # nginx turns such a request into GET inside; the proof is for what the client sent.
    for path, by in [("/accel/a", "X-Accel-Redirect"), ("/sorry/a", "error_page")]:
        shown = proof(device, "POST", ORIGIN + path, made)
        expect(f"DPoP: POST, and nginx goes on with GET by {by}", show(path, [shown], method="POST"), "OK", 200)
        shown = proof(device, "GET", ORIGIN + path, made)
        answer = show(path, [shown], method="POST")
        expect(f"DPoP: POST with a proof for GET, {by}", answer, "PROOF_METHOD", 401, dpop("invalid_dpop_proof"))
        # The same over HTTP/2, whose requests have no line.
        for method, wanted in [("POST", "200 OK 0 2"), ("GET", "401 PROOF_METHOD 722 2")]:
            shown = proof(device, method, ORIGIN + path, made)
            told = by_http2(table.server, path, ["Authorization: DPoP " + made, "DPoP: " + shown])
            lab.check(f"DPoP over HTTP/2: POST with a proof for {method}, {by}", told == wanted, told)

    # One proof, and nginx judges the request twice: for the directory, and for its index.
    shown = proof(device, "GET", ORIGIN + "/index/", made)
    expect("DPoP: a redirect inside nginx does not use a proof twice", show("/index/", [shown]), "OK", 200)
    expect("DPoP: and afterwards it is used", show("/index/", [shown]), "REPLAYED", 401, dpop("invalid_dpop_proof"))


def certificates(table):
    expect, get, server = table.expect, table.server.get, table.server
    own = tls([os.path.join(server.directory, name) for name in ("own.pem", "own.key")])
    other = tls([os.path.join(server.directory, name) for name in ("other.pem", "other.key")])
    digest = b64(hashlib.sha256(server.own_der).digest())
    made = token(Secret(), claims(cnf={"x5t#S256": digest}))

    def line(der):
        return case(made, evidence={"certificate": b64(der)} if der else None, holder="certificate")

    expect(
        "certificate: that of the token",
        get("/certificate/", bearer(made), context=own),
        "OK",
        200,
        "",
        line(server.own_der),
    )
    expect(
        "certificate: token stolen, none shown",
        get("/certificate/", bearer(made), context=tls()),
        "POSSESSION_MISSING",
        401,
        INVALID,
        line(None),
    )
    expect(
        "certificate: token stolen, another one shown",
        get("/certificate/", bearer(made), context=other),
        "CERTIFICATE_MISMATCH",
        401,
        INVALID,
        line(server.other_der),
    )
    written = bearer(made) + [("Client-Cert", ":" + base64.b64encode(server.own_der).decode() + ":")]
    expect(
        "certificate: token stolen, written by the thief",
        get("/certificate/", written, context=tls()),
        "POSSESSION_MISSING",
        401,
        INVALID,
    )
    expect("certificate: without TLS", get("/certificate/", bearer(made)), "POSSESSION_MISSING", 401, INVALID)
    expect("certificate: where either is taken", get("/bound/", bearer(made), context=own), "OK", 200)
    expect("either: bound to nothing, a bearer token", get("/bound/", bearer(token(Secret(), claims()))), "OK", 200)
