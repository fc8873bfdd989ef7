"""What is wrong with a configuration or a key file fails `nginx -t`, with the file, the line and the reason."""

import json
import shutil

from cryptography.hazmat.primitives import serialization as to

import lab
from tokens import SECRET, Curve, Rsa, b64

ALL = """
countermark_zone replay proofs 1m;
countermark_zone throttle clients 1m;
countermark_zone throttle others 1m;
countermark_zone revocation revoked 1m life=10m;
server {
    listen @PORT@;
    location / {
        countermark deny;
        countermark_keys secret secret alg=HS256;
        %s
    }
}
"""

# What is written, and what nginx must say of it; the line is the one that it is written on unless a number says otherwise.
MISTAKES = [
    ("countermark_keys secret missing alg=HS256;", "cannot open"),
    ("countermark_keys secret /dev/zero alg=HS256;", "not a regular file"),
    ("countermark_keys secret empty alg=HS256;", "empty or longer"),
    ("countermark_keys secret long alg=HS256;", "empty or longer"),
    ("countermark_keys secret newline alg=HS256;", "a newline at the end"),
    ("countermark_keys secret short alg=HS256;", "KEY_TOO_SHORT"),
    ("countermark_keys secret secret;", "needs one alg="),
    ("countermark_keys secret secret alg=HS1;", 'no algorithm of this build: "HS1"'),
    ("countermark_keys secret secret alg=none;", 'no algorithm of this build: "none"'),
    ("countermark_keys secret secret alg=RS256;", "KEY_ALGORITHM_MISMATCH"),
    ("countermark_keys secret secret alg=HS256 kid=a kid=b;", "or one twice"),
    ("countermark_keys text secret alg=HS256;", "neither jwks nor pem nor secret"),
    ("countermark_keys pem secret alg=ES256;", "KEY_PEM"),
    ("countermark_keys pem key.pem alg=RS256;", "KEY_ALGORITHM_MISMATCH"),
    ("countermark_keys pem private.pem alg=ES256;", "KEY_"),
    ("countermark_keys jwks secret;", "KEY_MALFORMED"),
    ("countermark_keys jwks none.json;", "KEY_SET_EMPTY"),
    ("countermark_keys jwks useless.json;", "KEY_TYPE_UNSUPPORTED"),
    ("countermark_keys jwks cut.json;", "KEY_MALFORMED"),
    ("countermark_keys jwks keys.json kid=a;", "takes no kid="),
    ("countermark perhaps;", "neither off nor deny nor pass", True),
    ("countermark_audience a; countermark_audience b;", "is duplicate"),
    ("countermark_audience a b c d e f g h i;", "more than eight"),
    ('countermark_audience "";', "empty value"),
    ("countermark_algorithms HS256 HS255;", "HS255"),
    ("countermark_leeway soon;", "invalid value"),
    ("countermark_acr 'very strong';", "a value with a space"),
    ("countermark_token header;", "neither authorization nor cookie="),
    ("countermark_token cookie=;", "neither authorization nor cookie="),
    ("countermark_shape round;", "invalid value"),
    ("countermark_token_size 0;", "is 0, and no token is so short"),
    ("countermark_right scope;", "takes a claim's path"),
    ("countermark_right scope some_of a;", "neither all_of nor any_of"),
    ("countermark_right scope all_of 'a b';", "RIGHTS_RULE"),
    ("countermark_right level >= three;", "not one natural number"),
    ("countermark_fingerprint faces pepper=0:pepper;", "no preset"),
    ("countermark_fingerprint headers;", "fingerprint"),
    ("countermark_fingerprint headers pepper=0:short;", "PEPPER_TOO_SHORT"),
    ("countermark_fingerprint headers pepper=pepper;", "not NUMBER:FILE"),
    ("countermark_fingerprint headers pepper=0:newline;", "a newline at the end"),
    ("countermark_known city Rome;", "neither asn nor country"),
    ("countermark_collector mine $http_x_page;", "no collector"),
    ("countermark_dpop https://api.example;", "needs zone="),
    ("countermark_dpop api.example zone=proofs;", "not the origin"),
    ("countermark_dpop https://api.example/v1 zone=proofs;", "not the origin"),
    ("countermark_dpop https://api.example zone=clients;", "countermark_zone replay clients SIZE"),
    ("countermark_dpop https://api.example zone=proofs nonce=short;", "shorter than 32 bytes"),
    ("countermark_dpop https://api.example zone=proofs age=2d;", "no time between"),
    ("countermark_throttle clients 10;", "not REQUESTS/TIME"),
    ("countermark_throttle clients 0/1s;", "not REQUESTS/TIME"),
    ("countermark_throttle clients 1/400d;", "LIMIT_RANGE"),
    ("countermark_throttle nobody 1/1s;", "countermark_zone throttle nobody SIZE"),
    ("countermark_throttle clients 1/1s burst=none;", "no burst"),
    ("countermark_revocation proofs;", "countermark_zone revocation proofs SIZE"),
    ("countermark_cache verified;", "countermark_zone cache verified SIZE"),
    ("countermark_revoke clients;", "countermark_zone revocation clients SIZE"),
    ("countermark_zone replay late 1m;", "not allowed here"),
    ("countermark_algorithms" + " HS256" * 17 + ";", "more than sixteen"),
    ("countermark_algorithms HS256; countermark_algorithms HS256;", "is duplicate"),
    ("countermark_token cookie=a; countermark_token cookie=b;", "is duplicate"),
    ("countermark_known asn 1; countermark_known asn 2;", "is duplicate"),
    ("countermark_keys jwks keys.json alg=" + ",".join(["HS256"] * 17) + ";", "too many algorithms"),
    ("countermark_keys secret secret alg=HS256; " * 16, "more than sixteen times"),
    ("countermark_right off; countermark_right scope all_of a;", "takes a claim's path"),
    ("countermark_right scope all_of a; countermark_right off;", "is duplicate"),
    ("countermark_fingerprint headers key=0:pepper;", "neither claim= nor pepper="),
    ("countermark_fingerprint digest-headers;", "PEPPER_TOO_SHORT"),
    ("countermark_fingerprint digest-headers pepper=0:pepper pepper=1:pepper;", "TOO_MANY_ITEMS"),
    ("countermark_fingerprint digest-compat pepper=0:pepper;", "POLICY_CONFLICT"),
    ("countermark_dpop https://api.example zone=proofs zone=proofs;", "or one twice"),
    ("countermark_throttle clients 1/1s rate=1;", "neither burst="),
    ("countermark_throttle clients;", "takes a zone and REQUESTS/TIME"),
    ("countermark_throttle clients 1/1s; " * 9, "more than eight times"),
    ("countermark_throttle clients 1/1s; countermark_throttle others 1/1s;", "another zone"),
    ("countermark_revocation revoked; countermark_revocation revoked;", "is duplicate"),
    ("countermark_revoke revoked; countermark_revoke revoked;", "is duplicate"),
]

# Mistakes of a whole location, told with the line of its `countermark`.
TOGETHER = [
    ("countermark_issuer https://a.example https://b.example;", "ISSUERS_UNBOUND"),
    ("countermark_token_size 100m;", "LIMIT_RANGE"),
    ("countermark_leeway 100y;", "LIMIT_RANGE"),
    ("countermark_combination any;", "POLICY_CONFLICT"),
]

# Mistakes at the top, each a configuration of its own.
TOP = [
    ("countermark_zone replay proofs 1m;\ncountermark_zone replay proofs 1m;", "a second zone"),
    ("countermark_zone replay proofs 1m;\ncountermark_zone cache proofs 1m;", "already"),
    ("countermark_zone heap proofs 1m;", "neither replay nor revocation"),
    ("countermark_zone replay proofs 1k;", "no size of 32k"),
    ("countermark_zone revocation gone 1m;", "takes life=TIME"),
    ("countermark_zone replay proofs 1m life=5m;", "takes life=TIME"),
    ("countermark_claim roles realm.roles;", "takes a $variable"),
    ("server {\nlisten @PORT@;\ncountermark deny;\n}\n", "no countermark_keys"),
]


def files():
    key = Curve("a")
    private = key.key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption())
    good = json.dumps({"keys": [key.public, Rsa().public]})
    return {
        "secret": SECRET,
        "empty": "",
        "long": "x" * 600,
        "newline": SECRET + "\n",
        "short": "short",
        "pepper": "sixteen bytes and more",
        "key.pem": key.pem,
        "private.pem": private,
        "keys.json": good,
        "none.json": '{"keys":[]}',
        "cut.json": good[:-9],
        "useless.json": json.dumps({"keys": [{"kty": "OKP", "crv": "X448", "x": b64(bytes(56))}]}),
    }


def line_of(text, part):
    """The number of the last line that holds it."""
    return max(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def run():
    server = lab.Server("", files())

    def tried(http):
        server.configure(http)
        with open(server.directory + "/nginx.conf") as file:
            return *server.test(), file.read()

    code, said, _ = tried(ALL % "")
    lab.check("a good configuration passes", code == 0, said)
    for written, reason, *alone in MISTAKES:
        http = ALL % written
        if alone:
            http = http.replace("countermark deny;", "")
        code, said, text = tried(http)
        place = f"nginx.conf:{line_of(text, written)}"
        lab.check(f"{written} -> {reason}, {place}", code == 1 and reason in said and place in said, said[-400:])
    for written, reason in TOGETHER:
        code, said, text = tried(ALL % written)
        place = f"nginx.conf:{line_of(text, 'countermark deny')}"
        lab.check(f"{written} -> {reason}, {place}", code == 1 and reason in said and place in said, said[-400:])
    for written, reason in TOP:
        code, said, text = tried(written + "\nserver { listen @PORT@; }")
        last = "countermark deny" if "deny" in written else written.splitlines()[-1]
        place = f"nginx.conf:{line_of(text, last)}"
        lab.check(f"{written!r} -> {reason}, {place}", code == 1 and reason in said and place in said, said[-400:])
    forgets = "countermark_revocation revoked;"
    for written, warns in [
        ("", True),
        ("countermark_max_age 20m;", True),
        ("countermark_max_age 9m; countermark_leeway 61s;", True),
        ("countermark_max_age 9m; countermark_leeway 60s;", False),
        ("countermark_max_age 10m;", False),
    ]:
        code, said, text = tried(ALL % (forgets + written))
        place = f"nginx.conf:{line_of(text, 'countermark deny')}"
        found = said.count('the zone "revoked" forgets after 600s') == 1 and place in said and "[warn]" in said
        lab.check(
            f"a revocation for ten minutes, {written or 'tokens of any age'} {'a warning' if warns else 'no warning'}",
            code == 0 and found == warns and ("[warn]" in said) == warns,
            said,
        )
    code, said, _ = tried(ALL % "countermark_keys jwks keys.json;")
    lab.check("a set whose keys are all good passes without a warning", code == 0 and "not used" not in said, said)
    server.write("keys.json", json.dumps({"keys": [Curve("a").public, {"kty": "OKP", "crv": "X448", "x": b64(bytes(56))}]}))
    code, said, _ = tried(ALL % "countermark_keys jwks keys.json;")
    lab.check(
        "a key that the build does not know is skipped, with a warning",
        code == 0 and "1 of the keys" in said and "KEY_TYPE_UNSUPPORTED" in said,
        said,
    )
    shutil.rmtree(server.directory)


if __name__ == "__main__":
    run()
    lab.finish()
