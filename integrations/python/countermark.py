"""Verify JWTs and who presents them: Countermark for Python, over its C library. One file, no dependency.

    keys = countermark.Keys.jwks(jwks_text, issuer="https://login.example")
    verifier = countermark.Verifier([keys], issuers=["https://login.example"], audiences=["https://api.example"])
    try:
        claims = verifier.verify(token).claims
    except countermark.Rejected as rejected:
        print(rejected.name, rejected.sentence, rejected.http)

A verifier and its keys may be shared by threads. Whatever comes back is a copy: nothing points into the library's memory. The library
is found as COUNTERMARK_LIBRARY says, or as the system finds libcountermark.so.1. Structures: include/countermark.h.
"""

import ctypes
import json
import os
import time
from ctypes import POINTER, byref, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p, sizeof

ABI = 1
ALGORITHMS = {name: 1 + position for position, name in enumerate(
    "HS256 HS384 HS512 ES256 ES384 ES512 ES256K RS256 RS384 RS512 PS256 PS384 PS512 EdDSA ML-DSA-44 ML-DSA-65 ML-DSA-87".split())}
ALGORITHMS["Ed25519"] = ALGORITHMS["EdDSA"]
COMPONENTS = {name: number for first, names in {
    1: "ip.address ip.network ip.asn ip.country ip.organisation ip.isp",
    16: "ua.family ua.version ua.os ua.device ch.brands ch.platform ch.mobile accept-language upgrade-insecure-requests"
        " accept-encoding accept header.names privacy",
    32: "screen.size screen.depth timezone languages platform touch cpu.cores memory",
    48: "fonts plugins features", 64: "canvas audio webgl.vendor webgl.renderer webgl.parameters",
    80: "incognito battery network.type input.devices", 96: "tls.ja4 http2", 112: "cookie",
}.items() for number, name in enumerate(names.split(), first)}
PRESETS = {name: 1 + position for position, name in enumerate(
    "headers headers-strict browser uniform stalker stalker-strict device".split())}
SHAPES = {"signed": 0, "signed-then-encrypted": 1, "encrypted-then-signed": 2}
SCHEMES = {"Bearer": 1, "DPoP": 2}
MODES = {"compat": 1, "derived": 2}
# The methods of proving possession of which one must be met (CMK_METHOD_...); whatever a token's cnf names must be met besides.
HOLDERS = {"none": 0, "certificate": 8, "dpop": 4, "channel": 32, "any": 4 | 8 | 16}
CREDENTIALS_REPEATED, POLICY_CONFLICT, POSSESSION_BINDING, ANY_OF = 112, 910, 32, 1


class _Structure(ctypes.Structure):
    """Where a library is told the size of what it is given, this is it."""

    @classmethod
    def sized(cls, **members):
        return cls(size=sizeof(cls), **members)


class _Bytes(ctypes.Structure):
    _fields_ = [("ptr", c_void_p), ("len", c_size_t)]


def _structure(name, fields):
    return type(name, (_Structure,), {"_fields_": fields})


_Keys = _structure("Keys", [("region", c_void_p), ("bytes", c_size_t)])
_Loaded = _structure("Loaded", [("added", c_uint32), ("skipped", c_uint32), ("reason", c_int32), ("reasons", ctypes.c_uint8 * 32)])
_Rotating = _structure("Rotating", [("size", c_size_t), ("claim", _Bytes), ("mode", c_int32), ("window", c_uint32), ("grace", c_uint32)])
_Header = _structure("Header", [("name", _Bytes), ("value", _Bytes)])
_Component = _structure("Component", [("number", c_uint32), ("value", _Bytes)])
_Evidence = _structure("Evidence", [
    ("size", c_size_t), ("headers", POINTER(_Header)), ("header_count", c_size_t), ("address", _Bytes), ("asn", _Bytes), ("country", _Bytes),
    ("organisation", _Bytes), ("isp", _Bytes), ("components", POINTER(_Component)), ("component_count", c_size_t), ("certificate", _Bytes),
    ("certificate_digest", _Bytes), ("proofs", POINTER(_Bytes)), ("proof_count", c_size_t), ("method", _Bytes), ("uri", _Bytes),
    ("nonce", _Bytes), ("channel", _Bytes), ("binding", _Bytes), ("scheme", c_int32)])
_Recipe = _structure("Recipe", [
    ("size", c_size_t), ("preset", c_int32), ("framing", c_int32), ("hash", c_int32), ("encoding", c_int32), ("claim", _Bytes),
    ("pepper", _Bytes), ("inputs", c_void_p), ("input_count", c_size_t)])
_Pepper = _structure("Pepper", [("number", c_uint32), ("secret", _Bytes)])
_Weight = _structure("Weight", [("component", c_uint32), ("weight", c_uint32), ("role", c_int32), ("stability", c_uint32), ("coincidence", c_uint32)])
_SketchRules = _structure("SketchRules", [
    ("size", c_size_t), ("claim", _Bytes), ("peppers", POINTER(_Pepper)), ("pepper_count", c_size_t), ("weights", POINTER(_Weight)),
    ("weight_count", c_size_t), ("groups", c_void_p), ("group_count", c_size_t), ("preset", c_int32), ("stages", c_int32),
    ("accept", c_int32), ("step_up", c_int32), ("coverage", c_int32), ("drift", c_int32), ("generation", c_int32), ("behind", c_int32),
    ("ahead", c_int32), ("evidence_accept", c_int32), ("evidence_step_up", c_int32)])
_Dpop = _structure("Dpop", [
    ("size", c_size_t), ("algs", POINTER(c_int32)), ("alg_count", c_size_t), ("nonce_secret", _Bytes), ("nonce_seconds", c_uint32),
    ("kind", c_int32), ("past_seconds", c_uint32), ("future_seconds", c_uint32), ("proof_bytes", c_uint32)])
_Rule = _structure("Rule", [
    ("path", _Bytes), ("values", POINTER(_Bytes)), ("value_count", c_size_t), ("number", c_int64), ("test", c_int32), ("flags", c_uint32)])
_Policy = _structure("Policy", [
    ("size", c_size_t), ("issuers", POINTER(_Bytes)), ("issuer_count", c_size_t), ("audiences", POINTER(_Bytes)), ("audience_count", c_size_t),
    ("require", POINTER(_Bytes)), ("require_count", c_size_t), ("acr", POINTER(_Bytes)), ("acr_count", c_size_t), ("algs", POINTER(c_int32)),
    ("alg_count", c_size_t), ("subject", _Bytes), ("typ", _Bytes), ("nonce", _Bytes), ("digest", POINTER(_Recipe)), ("sketch", c_void_p),
    ("flags", c_uint32), ("leeway", c_uint32), ("max_age", c_uint32), ("auth_max_age", c_uint32), ("token_bytes", c_uint32),
    ("depth", c_uint32), ("members", c_uint32), ("candidates", c_uint32), ("dpop", POINTER(_Dpop)), ("channel", _Bytes), ("binding", c_int32),
    ("certificate", c_uint32), ("combination", c_int32), ("at_least", c_uint32), ("methods", c_uint32), ("shape", c_int32),
    ("rules", POINTER(_Rule)), ("rule_count", c_size_t)])
_Request = _structure("Request", [("size", c_size_t), ("token", _Bytes), ("now", c_int64), ("evidence", POINTER(_Evidence)), ("flags", c_uint32)])
_Use = _structure("Use", [("digest", ctypes.c_uint8 * 32), ("expires_at", c_int64)])
_Value = _structure("Value", [("opaque", c_uint64 * (1 + (2 * sizeof(c_void_p) + 7) // 8))])
_Report = _structure("Report", [
    ("status", c_int32), ("advice", c_uint32), ("failures", c_uint64), ("similarity", c_int32), ("evidence", c_int32), ("coverage", c_uint32),
    ("drift", c_uint32), ("generation", c_uint32), ("reasons", c_uint32), ("matched", c_uint64 * 4), ("changed", c_uint64 * 4),
    ("missing", c_uint64 * 4), ("collect", c_uint64 * 4), ("step_up_subject", _Value), ("to_commit", _Use), ("unmet", c_int32)])
_Credentials = _structure("Credentials", [("token", _Bytes), ("scheme", c_int32), ("reserved", c_uint32)])

# What each function takes behind its name: ints are checked, so that no pointer is cut to 32 bits.
_FUNCTIONS = {
    "cmk_abi": (c_uint32,), "cmk_status_name": (ctypes.c_char_p, c_int32), "cmk_status_sentence": (ctypes.c_char_p, c_int32),
    "cmk_stage_name": (ctypes.c_char_p, c_int32), "cmk_http_status": (c_int32, c_int32), "cmk_failures_next": (c_int32, c_uint64, c_int32),
    "cmk_verifier_bytes": (c_size_t,), "cmk_claims_bytes": (c_size_t,), "cmk_sketch_bytes": (c_size_t,), "cmk_replay_bytes": (c_size_t,),
    "cmk_replay_region_bytes": (c_size_t, c_size_t), "cmk_keys_head_bytes": (c_size_t, c_size_t),
    "cmk_keys_init": (c_int32, c_void_p, c_void_p, c_size_t, _Bytes), "cmk_keys_wipe": (c_int32, c_void_p),
    "cmk_keys_size_for": (c_int32, _Bytes, c_void_p, c_size_t, _Bytes, c_void_p),
    "cmk_keys_add_jwks": (c_int32, c_void_p, _Bytes, c_void_p, c_size_t, c_void_p),
    "cmk_keys_add_secret": (c_int32, c_void_p, c_int32, _Bytes, _Bytes), "cmk_keys_add_pem": (c_int32, c_void_p, c_int32, _Bytes, _Bytes),
    "cmk_keys_add_rotating": (c_int32, c_void_p, _Bytes, _Bytes, c_void_p),
    "cmk_sketch_init": (c_int32, c_void_p, c_void_p), "cmk_sketch_wipe": (c_int32, c_void_p),
    "cmk_verifier_init_abi": (c_int32, c_uint32, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p), "cmk_verifier_wipe": (c_int32, c_void_p),
    "cmk_scratch_bytes": (c_int32, c_void_p, c_size_t, c_void_p),
    "cmk_verify_abi": (c_int32, c_uint32, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p, c_size_t),
    "cmk_verify_opaque_abi": (c_int32, c_uint32, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_size_t),
    "cmk_claims_json": (c_int32, c_void_p, c_void_p), "cmk_envelope_open": (c_int32, c_void_p, c_size_t, _Bytes, c_void_p, c_size_t, c_void_p),
    "cmk_replay_init": (c_int32, c_void_p, c_void_p, c_size_t, _Bytes), "cmk_replay_commit": (c_int32, c_void_p, c_void_p, c_int64),
    "cmk_replay_wipe": (c_int32, c_void_p), "cmk_authorization": (c_int32, _Bytes, c_void_p),
    "cmk_challenge": (c_int32, c_int32, _Bytes, _Bytes, c_int32, c_void_p, c_size_t, c_void_p),
}


def _load():
    library = ctypes.CDLL(os.environ.get("COUNTERMARK_LIBRARY", "libcountermark.so.1"))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.cmk_abi() != ABI:
        raise ImportError(f"countermark: the library has ABI {library.cmk_abi()}, this module {ABI}")
    return library


_library = _load()


class Error(Exception):
    """A status that is not OK, of a call that judged no token."""

    def __init__(self, status):
        self.status = status
        self.name = _library.cmk_status_name(status).decode()
        self.sentence = _library.cmk_status_sentence(status).decode()
        self.stage = _library.cmk_stage_name(status).decode()
        super().__init__(f"{self.name}: {self.sentence}")

    @property
    def http(self):
        """The HTTP status of the answer: 400, 401, 403, 429, 503, or 500 for what is the host's own mistake."""
        return _library.cmk_http_status(self.status)

    def challenge(self, scheme="Bearer", realm=None, scope=None):
        """The value of WWW-Authenticate; None beside 500 and 503."""
        if self.http >= 500:
            return None
        memory, buffer, found = _Memory(), ctypes.create_string_buffer(1024), _Bytes()
        _check(_library.cmk_challenge(_known(SCHEMES, scheme, "scheme"), memory.bytes(realm), memory.bytes(scope), self.status, buffer, len(buffer), byref(found)))
        return _copy(found).decode()


class Rejected(Error):
    """A token that is not accepted."""

    def __init__(self, status, report):
        super().__init__(status)
        self.similarity = report.similarity if report.similarity >= 0 else None
        self.unmet = report.unmet if report.unmet >= 0 else None  # the position of the first right that is lacking
        self.failed = []  # the name of every check behind the signature that failed, or of the one that ended the work
        after = 0
        while after := _library.cmk_failures_next(report.failures, after):
            self.failed.append(_library.cmk_status_name(after).decode())
        self.failed = self.failed or [self.name]


class Accepted:
    """What an accepted token says: `json` as it stands in the token, and `claims` of it."""

    def __init__(self, text, report):
        self.json = text
        self.similarity = report.similarity if report.similarity >= 0 else None
        self.reissue = bool(report.advice & 1)  # something changed: issue a new sketch

    @property
    def claims(self):
        return json.loads(self.json)


def _check(status):
    if status != 0:
        raise Error(status)


def _copy(found):
    return ctypes.string_at(found.ptr, found.len) if found.len else b""


class _Memory:
    """Keeps alive what the library is given pointers to."""

    def __init__(self):
        self._kept = []

    def keep(self, value):
        self._kept.append(value)
        return value

    def bytes(self, value):
        """None is no bytes at all; an empty text is a text."""
        if value is None:
            return _Bytes()
        if not isinstance(value, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"countermark: a text or bytes, not {type(value).__name__}")
        # As servers decode header fields (PEP 383): of a byte that was no UTF-8 comes that byte, and no exception that nobody awaits.
        value = self.keep(value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value))
        return _Bytes(ctypes.cast(ctypes.c_char_p(value), c_void_p), len(value))

    def list(self, kind, items):
        """An array and its length; no array for no items."""
        items = list(items)
        return (self.keep((kind * len(items))(*items)), len(items)) if items else (None, 0)

    def texts(self, name, items):
        return self.list(_Bytes, [self.bytes(item) for item in _listed(name, items)])


def _listed(name, items):
    """The caller's list, read once: it may be an iterator. A text alone would be a list of characters, a mapping one of its names."""
    if isinstance(items, (str, bytes, bytearray, memoryview, dict)):
        raise TypeError(f"countermark: {name} is a list")
    return list(items)


def _whole(name, value):
    """A number for C, where -1 would be four thousand million."""
    if type(value) is not int or not 0 <= value < 2**32:
        raise ValueError(f"countermark: {name} is a whole number of 32 bits")
    return value


def _known(numbers, name, what):
    """The number of a name. Of a name that is none the error says nothing: swapped arguments make it a secret."""
    if name not in numbers:
        raise ValueError(f"countermark: no such {what}")
    return numbers[name]


def _flag(name, value):
    """A leniency is asked for by True alone: the text "false" would be true."""
    if not isinstance(value, bool):
        raise TypeError(f"countermark: {name} is True or False")
    return int(value)


def _algorithms(memory, names):
    return memory.list(c_int32, [_known(ALGORITHMS, name, "algorithm") for name in _listed("algorithms", names)])


class Keys:
    """A key set in memory of its own. With an issuer its keys verify tokens of that issuer only. Fill it before a verifier has it."""

    def __init__(self, issuer=None, capacity=4, _bytes=None):
        memory = _Memory()
        issuer = memory.bytes(issuer)
        # 1176: CMK_KEY_BYTES_MAX, the most that one key takes.
        size = _bytes or _library.cmk_keys_head_bytes(issuer.len) + _whole("capacity", capacity) * 1176
        self._region = (c_uint64 * ((size + 7) // 8))()
        self._keys, self._is_shared = _Keys(), False
        _check(_library.cmk_keys_init(byref(self._keys), self._region, sizeof(self._region), issuer))

    @classmethod
    def jwks(cls, text, algorithms=(), issuer=None):
        """The usable keys of a JWK Set. A key without `alg` gets the only one of the algorithms that fits its type."""
        memory, size, loaded = _Memory(), c_size_t(), _Loaded()
        text, algs = memory.bytes(text), _algorithms(memory, algorithms)
        _check(_library.cmk_keys_size_for(text, *algs, memory.bytes(issuer), byref(size)))
        keys = cls(issuer, _bytes=size.value)
        _check(_library.cmk_keys_add_jwks(byref(keys._keys), text, *algs, byref(loaded)))
        keys.added, keys.skipped = loaded.added, loaded.skipped
        return keys

    def _open(self):
        if self._is_shared:
            raise ValueError("countermark: a verifier has these keys; make a new set and a new verifier")
        return _Memory()

    def add_secret(self, algorithm, secret, kid=None):
        memory = self._open()
        _check(_library.cmk_keys_add_secret(byref(self._keys), _known(ALGORITHMS, algorithm, "algorithm"), memory.bytes(kid), memory.bytes(secret)))

    def add_pem(self, algorithm, text, kid=None):
        """A block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE."""
        memory = self._open()
        _check(_library.cmk_keys_add_pem(byref(self._keys), _known(ALGORITHMS, algorithm, "algorithm"), memory.bytes(kid), memory.bytes(text)))

    def add_rotating(self, base, mode="compat", claim="userId", window=86400, grace=0, kid=None):
        """A secret for each user and each window of time, derived from a base."""
        memory = self._open()
        rules = _Rotating.sized(claim=memory.bytes(claim), mode=_known(MODES, mode, "mode"), window=_whole("window", window), grace=_whole("grace", grace))
        _check(_library.cmk_keys_add_rotating(byref(self._keys), memory.bytes(kid), memory.bytes(base), byref(rules)))

    def __del__(self):
        if hasattr(self, "_keys") and _library:
            _library.cmk_keys_wipe(byref(self._keys))


class Replay:
    """Remembers proofs, so that each is accepted once. For so many at a time: the rate of requests times 360 seconds."""

    def __init__(self, uses=100_000):
        memory, secret = _Memory(), os.urandom(32)
        self._region = (c_uint64 * ((_library.cmk_replay_region_bytes(_whole("uses", uses)) + 7) // 8))()
        self._table = (c_uint64 * (_library.cmk_replay_bytes() // 8))()
        _check(_library.cmk_replay_init(self._table, self._region, sizeof(self._region), memory.bytes(secret)))

    def __del__(self):
        if hasattr(self, "_table") and _library:
            _library.cmk_replay_wipe(self._table)


class Verifier:
    """Key sets and a policy, checked once.

    issuers, audiences, subject, typ: what the token must say. No audience: a token with `aud` is refused, unless any_audience.
    require: claims that must be there, besides "exp". allow_missing_exp: a token without it, which may live for ever. leeway, max_age: seconds.
    fingerprint: {"form": "digest", "claim", "preset": "compat"} or {"form": "sketch", "claim", "preset", "pepper": bytes, "accept",
    "step_up", "coverage", "drift", "weights": {name: weight}, "optional": [name], "required": [name]}; the last two only with weights.
    holder: "none", "certificate", "dpop", "channel" (a binding beside the token), or "any" of what a token's cnf can name.
    rights: {"all_of" | "any_of" | "none_of": {path: [value]}}. shape: "signed", "signed-then-encrypted", "encrypted-then-signed".
    Proofs need a Replay, and each is then used up by the one verification that accepts it.
    """

    def __init__(self, keys, *, algorithms=(), issuers=(), audiences=(), any_audience=False, subject=None, typ=None, leeway=0,
                 require=(), allow_missing_exp=False, max_age=0, token_bytes=0, shape="signed", fingerprint=None, holder="none", rights=None, replay=None):
        if holder in ("dpop", "any") and replay is None:
            raise ValueError("countermark: proofs are accepted once only by a verifier with a Replay")
        self._memory, self._replay, self._sketch, self._verifier = _Memory(), replay, None, None
        self._token_bytes = token_bytes or 8192  # as C has it
        memory = self._memory
        policy = _Policy.sized(leeway=_whole("leeway", leeway), max_age=_whole("max_age", max_age), token_bytes=_whole("token_bytes", token_bytes),
                               shape=_known(SHAPES, shape, "shape"), subject=memory.bytes(subject), typ=memory.bytes(typ))
        policy.algs, policy.alg_count = _algorithms(memory, algorithms)
        policy.issuers, policy.issuer_count = memory.texts("issuers", issuers)
        policy.audiences, policy.audience_count = memory.texts("audiences", audiences)
        policy.require, policy.require_count = memory.texts("require", require)
        policy.flags = _flag("any_audience", any_audience) | 2 * _flag("allow_missing_exp", allow_missing_exp)
        policy.rules, policy.rule_count = memory.list(_Rule, self._rules({} if rights is None else rights))
        methods = _known(HOLDERS, holder, "holder")
        if methods:
            # Without a table a token that is bound to a proof's key is refused.
            policy.dpop = memory.keep(ctypes.pointer(_Dpop.sized())) if replay else None
            policy.certificate, policy.channel = 1, memory.bytes("tls-exporter#S256")
            policy.binding = 1 if methods & POSSESSION_BINDING else 0
            policy.combination, policy.methods = ANY_OF, methods
        self._bind_fingerprint(policy, fingerprint)
        self._keys = _listed("keys", keys)
        for one in self._keys:
            one._is_shared = True  # threads may read them from now on
        sets, count = memory.list(_Keys, [one._keys for one in self._keys])
        verifier = (c_uint64 * (_library.cmk_verifier_bytes() // 8))()
        _check(_library.cmk_verifier_init_abi(ABI, verifier, sizeof(verifier), sets, count, byref(policy)))
        self._verifier = verifier

    def _rules(self, rights):
        for test, name in enumerate(("all_of", "any_of", "none_of"), 1):
            for path, values in sorted(rights.get(name, {}).items()):
                values, count = self._memory.texts(path, values)
                yield _Rule(path=self._memory.bytes(path), values=values, value_count=count, test=test)
        if unknown := set(rights) - {"all_of", "any_of", "none_of"}:
            raise ValueError(f"countermark: rights have no {unknown}")

    def _bind_fingerprint(self, policy, fingerprint):
        if fingerprint is None:
            return
        memory, given = self._memory, dict(fingerprint)
        form = given.pop("form", None)
        if form == "digest":
            claim, preset = given.pop("claim", "fp"), given.pop("preset", "compat")
            if preset != "compat" or given:
                raise ValueError("countermark: a digest has the preset compat, and a claim")
            policy.digest = memory.keep(ctypes.pointer(_Recipe.sized(preset=2, claim=memory.bytes(claim))))
            return
        if form != "sketch":
            raise ValueError("countermark: a fingerprint has the form digest or sketch")
        peppers = memory.list(_Pepper, [_Pepper(0, memory.bytes(given.pop("pepper", b"")))])
        rules = _SketchRules.sized(claim=memory.bytes(given.pop("claim", "cmk")), preset=_known(PRESETS, given.pop("preset", "browser"), "preset"),
                                   peppers=peppers[0], pepper_count=1, generation=-1, behind=-1, ahead=-1,
                                   evidence_accept=-2**31, evidence_step_up=-2**31)
        for threshold in ("accept", "step_up", "coverage", "drift"):
            setattr(rules, threshold, _whole(threshold, given.pop(threshold)) if threshold in given else -1)
        weights, roles = given.pop("weights", None), {}
        for role, name in ((1, "optional"), (2, "required")):
            roles.update((_component(component), role) for component in _listed(name, given.pop(name, ())))
        if given or roles and weights is None:
            raise ValueError(f"countermark: a sketch has no {sorted(given)}; optional and required need weights")
        if weights is not None:
            weights = {_component(name): _whole(name, weight) for name, weight in weights.items()}
            # A required component without a weight is compared all the same, and is in no sum.
            weights.update((number, 0) for number, role in roles.items() if role == 2 and number not in weights)
            rules.weights, rules.weight_count = memory.list(
                _Weight, [_Weight(number, weight, roles.get(number, 0)) for number, weight in sorted(weights.items())])
        sketch = (c_uint64 * (_library.cmk_sketch_bytes() // 8))()
        _check(_library.cmk_sketch_init(sketch, byref(rules)))
        self._sketch = sketch
        policy.sketch = ctypes.cast(sketch, c_void_p)

    def verify(self, token, now=None, evidence=None):
        """What the token says, or Rejected. now: seconds since 1970. evidence: what is known of the client, see `evidence_of`."""
        memory, report, text = _Memory(), _Report(), _Bytes()
        request, scratch = self._request(memory, token, now, evidence)
        claims = (c_uint64 * (_library.cmk_claims_bytes() // 8))()
        status = _library.cmk_verify_abi(ABI, self._verifier, byref(request), scratch, sizeof(scratch), claims, sizeof(claims),
                                         byref(report), sizeof(report))
        if status == 0 and report.to_commit.expires_at:
            status = _library.cmk_replay_commit(self._replay._table, byref(report.to_commit), request.now)
        if status != 0:
            raise Rejected(status, report)
        _check(_library.cmk_claims_json(claims, byref(text)))
        return Accepted(_copy(text).decode(), report)

    def verify_opaque(self, token, now=None):
        """The payload of a JWS that is no claims set. It says nothing of time, issuer, audience or holder. Never for a JWT."""
        memory, report, payload = _Memory(), _Report(), _Bytes()
        request, scratch = self._request(memory, token, now, None)
        status = _library.cmk_verify_opaque_abi(ABI, self._verifier, byref(request), scratch, sizeof(scratch), byref(payload),
                                                byref(report), sizeof(report))
        if status != 0:
            raise Rejected(status, report)
        return _copy(payload)

    def _request(self, memory, token, now, evidence):
        now = int(time.time()) if now is None else now
        if type(now) is not int or not -2**63 <= now < 2**63:
            raise ValueError("countermark: now is whole seconds, of 64 bits")
        request = _Request.sized(token=memory.bytes(token), now=now)
        proof_bytes = 0
        if evidence is not None:
            given = evidence_of(memory, **evidence)
            request.evidence = memory.keep(ctypes.pointer(given))
            proof_bytes = max((min(given.proofs[at].len, 8192) for at in range(given.proof_count)), default=0)
        size = c_size_t()
        _check(_library.cmk_scratch_bytes(self._verifier, min(request.token.len, self._token_bytes), byref(size)))
        return request, ctypes.create_string_buffer(size.value + proof_bytes + proof_bytes // 16 + 8)

    def __del__(self):
        if getattr(self, "_verifier", None) is not None and _library:
            _library.cmk_verifier_wipe(self._verifier)
        if getattr(self, "_sketch", None) is not None and _library:
            _library.cmk_sketch_wipe(self._sketch)


def _component(name):
    """The number of a component; one of the host's own is called by its number."""
    if name in COMPONENTS:
        return COMPONENTS[name]
    if isinstance(name, str) and name.isascii() and name.isdigit() and 128 <= int(name) <= 255:
        return int(name)
    raise ValueError(f"countermark: no component {name}")


def evidence_of(memory, *, address=None, headers=(), components=None, certificate=None, dpop=None, scheme=None, method=None, uri=None,
                nonce=None, channel=None, binding=None):
    """What is known of the client. headers: pairs. components: {name: text, number, or list of texts}. certificate (DER), channel: bytes.
    dpop: the value of the DPoP field, or a list of all of them; beside it scheme: what the token came under, "Bearer" or "DPoP". uri: absolute, as the client sees it."""
    proofs = [] if dpop is None else [dpop] if isinstance(dpop, (str, bytes)) else _listed("dpop", dpop)
    if proofs and scheme is None:
        raise ValueError("countermark: beside a proof the evidence says scheme: what the token came under")
    evidence = _Evidence.sized(
        address=memory.bytes(address), certificate=memory.bytes(certificate), method=memory.bytes(method), uri=memory.bytes(uri),
        nonce=memory.bytes(nonce), channel=memory.bytes(channel), binding=memory.bytes(binding), scheme=_known(SCHEMES, "Bearer" if scheme is None else scheme, "scheme"))
    evidence.headers, evidence.header_count = memory.list(_Header, [_Header(memory.bytes(n), memory.bytes(v)) for n, v in _listed("headers", headers)])
    evidence.proofs, evidence.proof_count = memory.texts("dpop", proofs)
    supplied = []
    for name, value in sorted((components or {}).items()):
        # The empty set is the set of one empty element.
        values = (value or [""]) if isinstance(value, (list, tuple, set)) else [value]
        texts = [memory.bytes(one if isinstance(one, str) else json.dumps(one)) for one in values]
        if name in ("ip.asn", "ip.country", "ip.organisation", "ip.isp"):
            setattr(evidence, name[3:], texts[0])
        else:
            supplied += [_Component(_component(name), text) for text in texts]
    evidence.components, evidence.component_count = memory.list(_Component, supplied)
    return evidence


def open_envelope(keys, envelope):
    """The content of a JWE alone, of at most 8192 bytes. It says nothing about who made it, or when."""
    memory, content = _Memory(), _Bytes()
    sets, count = memory.list(_Keys, [one._keys for one in _listed("keys", keys)])
    envelope = memory.bytes(envelope)
    scratch = ctypes.create_string_buffer(envelope.len + envelope.len // 16 + 8)
    _check(_library.cmk_envelope_open(sets, count, envelope, scratch, sizeof(scratch), byref(content)))
    return _copy(content)


def authorization(value):
    """The token and the scheme ("Bearer", "DPoP") of an Authorization field; None for none. Of a list of fields more than one is refused:
    whoever is in front may have looked at the other (RFC 6750 2)."""
    if isinstance(value, (list, tuple)):
        if len(value) > 1:
            raise Error(CREDENTIALS_REPEATED)
        value = value[0] if value else None
    memory, found = _Memory(), _Credentials()
    _check(_library.cmk_authorization(memory.bytes(value), byref(found)))
    return _copy(found.token).decode("utf-8", "surrogateescape"), {number: name for name, number in SCHEMES.items()}[found.scheme]
