"""What a user of the binding may rely on beside verdicts: copies, lifetimes, threads, refusals of wrong use."""

import gc
import json
import threading

import countermark

SECRET = b"a secret of at least thirty-two bytes"
# The token of the README's quick start.
TOKEN = ("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9"
         ".Bhz3uM33ZOz3QDEpKfO3zC2rsGIyDtlLHMSoBaUBS6Y")
ETERNAL = ("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwic3ViIjoiYWxpY2UifQ"
           ".qCYTA9j6rf5ljhLU8yZpsO_i6iH0StFjKopLtGgh28Y")  # the same without exp
NOW = 1_900_000_000
failures = 0


def check(what, truth):
    global failures
    failures += not truth
    print(("ok: " if truth else "FAILED: ") + what)


def raises(kind, call, name=None):
    try:
        call()
    except kind as error:
        return name is None or error.name == name
    return False


def verifier_of(**policy):
    """Nothing of what it is made from is kept outside of it."""
    keys = countermark.Keys(capacity=1)
    keys.add_secret("HS256", SECRET)
    return countermark.Verifier([keys], **{"audiences": ["https://api.example"], **policy})


def overfill():
    keys = countermark.Keys(capacity=1)
    for number in range(20):
        keys.add_secret("HS256", SECRET, str(number))


verifier = verifier_of()
accepted = verifier.verify(TOKEN, NOW)
check("the quick start's token says alice", accepted.claims["sub"] == "alice")
for _ in range(200):
    verifier.verify(TOKEN, NOW)
del verifier
gc.collect()
check("claims are a copy: they outlive the verifier", json.loads(accepted.json)["aud"] == "https://api.example")

verifier = verifier_of(subject="".join(["al", "ice"]), rights={"any_of": {"sub": ["".join(["ali", "ce"]), "bob"]}})
gc.collect()
held = [bytearray(b"\xff" * 64) for _ in range(10_000)]
check("keys and texts live as long as the verifier", verifier.verify(TOKEN, NOW).claims["sub"] == "alice")

wrong = []


def many():
    for _ in range(300):
        try:
            verifier.verify(TOKEN, NOW)
            if not raises(countermark.Rejected, lambda: verifier.verify(TOKEN, 2_000_000_000), "EXPIRED"):
                wrong.append(1)
        except Exception as error:
            wrong.append(error)


threads = [threading.Thread(target=many) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
check("eight threads share a verifier", not wrong)

try:
    verifier_of(subject="bob").verify(TOKEN, 2_000_000_000)
except countermark.Rejected as rejected:
    check("a rejection names every check that failed", rejected.failed == ["SUBJECT", "EXPIRED"] and rejected.stage == "policy")
    check("and the answer to the client", rejected.http == 401 and 'error="invalid_token"' in rejected.challenge(realm="api"))

check("a token is taken from its header field", countermark.authorization("Bearer abc.def.ghi") == ("abc.def.ghi", "Bearer"))
check("no header field is CREDENTIALS_MISSING", raises(countermark.Error, lambda: countermark.authorization(None), "CREDENTIALS_MISSING"))
check("two words are CREDENTIALS_MALFORMED", raises(countermark.Error, lambda: countermark.authorization("Bearer a b"), "CREDENTIALS_MALFORMED"))
check("of two fields neither is taken: CREDENTIALS_REPEATED, 400", raises(
    countermark.Error, lambda: countermark.authorization(["Bearer abc.def.ghi", "Bearer a.b.c"]), "CREDENTIALS_REPEATED")
      and countermark.Error(112).http == 400 and countermark.authorization(["Bearer abc.def.ghi"]) == ("abc.def.ghi", "Bearer")
      and raises(countermark.Error, lambda: countermark.authorization([]), "CREDENTIALS_MISSING"))
# Servers decode header fields so that any byte comes back; UTF-8 alone has no such text.
check("a header's byte that is no UTF-8 is that byte", raises(
    countermark.Error, lambda: countermark.authorization("Bearer a.b.\udcff"), "CREDENTIALS_MALFORMED") and raises(
    countermark.Rejected, lambda: verifier.verify(TOKEN + "\udcff", NOW), "SIGNATURE") and verifier.verify(
    TOKEN, NOW, {"headers": [("User-Agent", "caf\udce9")]}).claims["sub"] == "alice")
check("in a method or a URI it is refused", all(raises(
    countermark.Rejected, lambda: verifier.verify(TOKEN, NOW, {name: "https://api.example/\udcff"}), "ARGUMENT") for name in ("method", "uri")))
check("an empty token is TOKEN_EMPTY", raises(countermark.Rejected, lambda: verifier.verify("", NOW), "TOKEN_EMPTY"))
check("a token of 70,000 bytes is TOKEN_TOO_LARGE", raises(countermark.Rejected, lambda: verifier.verify("a" * 70_000, NOW), "TOKEN_TOO_LARGE"))
check("a NUL is a byte like any other", raises(countermark.Rejected, lambda: verifier.verify(TOKEN + "\0", NOW), "SIGNATURE"))
check("an empty subject is asked for, not left out", raises(countermark.Rejected, lambda: verifier_of(subject="").verify(TOKEN, NOW), "SUBJECT"))
check("a short secret is KEY_TOO_SHORT", raises(countermark.Error, lambda: countermark.Keys().add_secret("HS256", b"short"), "KEY_TOO_SHORT"))
check("a set that is full is REGION_TOO_SMALL", raises(countermark.Error, overfill, "REGION_TOO_SMALL"))
check("a policy has no member that is spelt wrong", raises(TypeError, lambda: verifier_of(audience=["x"])))
check("-1 is no leeway", raises(ValueError, lambda: verifier_of(leeway=-1)))
check("a text is no list of texts", raises(TypeError, lambda: verifier_of(issuers="https://login.example"))
      and raises(TypeError, lambda: verifier_of(require="exp")))
check("nor is it one of algorithms, headers or roles", all(raises(TypeError, call) for call in (
    lambda: verifier_of(algorithms="HS256"), lambda: countermark.Keys.jwks("{}", "HS256"),
    lambda: verifier_of(fingerprint={"form": "sketch", "pepper": b"x" * 16, "weights": {"fonts": 1}, "required": "fonts"}),
    lambda: verifier.verify(TOKEN, NOW, {"headers": {"TE": "trailers"}}))))
check("a list that can be read once is read once", raises(
    countermark.Rejected, lambda: verifier_of(require=iter(["exp"])).verify(ETERNAL, NOW), "EXPIRY_MISSING") and raises(
    countermark.Rejected, lambda: verifier_of(require=iter(["nbf"])).verify(TOKEN, NOW), "CLAIM_REQUIRED"))
check("exp is asked for, whatever else is", raises(countermark.Rejected, lambda: verifier_of(require=["sub"]).verify(ETERNAL, NOW), "EXPIRY_MISSING"))
check("unless the policy says so by its name", verifier_of(require=["sub"], allow_missing_exp=True).verify(ETERNAL, NOW).claims["sub"] == "alice")
check("which is true or false, as any_audience is", all(raises(TypeError, lambda: verifier_of(**{name: value}))
      for name in ("any_audience", "allow_missing_exp") for value in ("false", 1, [])))


def said(call):
    try:
        call()
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        return repr(error)
    return "no error, which is no better than s3cret"


check("no error repeats a secret: swapped arguments, a pepper beside a slip", not any("s3cret" in said(call) for call in (
    lambda: countermark.Keys().add_secret("s3cret", "HS256"), lambda: countermark.Keys().add_pem("s3cret", "ES256"),
    lambda: countermark.Keys().add_rotating("compat", "s3cret"), lambda: verifier_of(holder="s3cret"),
    lambda: verifier_of(fingerprint={"form": "s3cret"}), lambda: verifier_of(fingerprint={"form": "sketch", "preset": "s3cret"}),
    lambda: verifier_of(fingerprint={"form": "sketch", "peper": "s3cret" * 4}),
    lambda: verifier_of(fingerprint={"form": "digest", "pepper": "s3cret" * 4}))))
check("and a slip's name is in its error", "treshold" in said(lambda: verifier_of(fingerprint={"form": "sketch", "pepper": b"x" * 16, "treshold": 5})))
check("a number of C's own is no component", raises(ValueError, lambda: verifier.verify(TOKEN, NOW, {"components": {"3": "64496"}})))
check("0 is the usual length of a token, as in C", verifier_of(token_bytes=0).verify(TOKEN, NOW).claims["sub"] == "alice"
      and raises(countermark.Rejected, lambda: verifier_of(token_bytes=0).verify("a" * 8193, NOW), "TOKEN_TOO_LARGE"))
check("a capacity is a whole number, as is the size of a table", raises(ValueError, lambda: countermark.Keys(capacity=-1))
      and raises(ValueError, lambda: countermark.Keys(capacity=1.5)) and raises(ValueError, lambda: countermark.Replay(-1)))
check("a proof says under which scheme the token came", raises(ValueError, lambda: verifier.verify(TOKEN, NOW, {"dpop": "a.b.c"}))
      and raises(ValueError, lambda: verifier.verify(TOKEN, NOW, {"dpop": ["a.b.c"]})))
check("where there is none it may be left out", verifier.verify(TOKEN, NOW, {"dpop": [], "method": "GET"}).claims["sub"] == "alice")
check("a number is no token", raises(TypeError, lambda: verifier.verify(5, NOW)))
check("now is whole seconds of 64 bits", all(raises(ValueError, lambda: verifier.verify(TOKEN, now))
      for now in (2**64 + NOW, 2**63, -2**63 - 1, float("nan"), 1.9e9, True, "1900000000")))
check("nor is True a leeway", raises(ValueError, lambda: verifier_of(leeway=True)))
check("nor rights, nor evidence", raises(ValueError, lambda: verifier_of(rights={"some_of": {}}))
      and raises(TypeError, lambda: verifier.verify(TOKEN, NOW, {"adress": "::1"})))
check("proofs are not asked for without a table that remembers them", raises(ValueError, lambda: verifier_of(holder="dpop")))
check("a pepper of 15 bytes is PEPPER_TOO_SHORT", raises(
    countermark.Error, lambda: verifier_of(fingerprint={"form": "sketch", "pepper": b"x" * 15}), "PEPPER_TOO_SHORT"))
keys = countermark.Keys(capacity=2)
keys.add_secret("HS256", SECRET)
held = countermark.Verifier([keys])
check("keys that a verifier has are not changed", raises(ValueError, lambda: keys.add_secret("HS256", SECRET, "2")))
region = keys._region
del held, keys
gc.collect()
check("keys are wiped at their end", not any(region))
raise SystemExit(failures > 0)
