// What Countermark is in JavaScript, whatever runs its library: bind() takes a machine, and gives the classes. Two machines are written: the
// C library itself (countermark.mjs beside this file), and the library as a WebAssembly module (../wasm/countermark.mjs). A machine has
//
//     pointerBytes                8 or 4
//     functions(declarations)     each as a function of numbers: addresses and sizes (a, z), integers of 32 bits (i) and 64 (q), and
//                                 {ptr, len} (b); it gives a number, or a text (s)
//     alloc(length)               memory that does not move: { address, bytes(), free() }
//     random(bytes)               fills them
//
// Whatever comes back is a copy: nothing points into the library's memory. Structures: include/countermark.h.

const ABI = 1;
const numbered = (names, first) => names.split(" ").map((name, position) => [name, first + position]);
const ALGORITHMS = new Map(numbered("HS256 HS384 HS512 ES256 ES384 ES512 ES256K RS256 RS384 RS512 PS256 PS384 PS512 EdDSA ML-DSA-44 ML-DSA-65 ML-DSA-87", 1))
    .set("Ed25519", 14);
const COMPONENTS = new Map([
    ...numbered("ip.address ip.network ip.asn ip.country ip.organisation ip.isp", 1),
    ...numbered("ua.family ua.version ua.os ua.device ch.brands ch.platform ch.mobile accept-language upgrade-insecure-requests accept-encoding accept header.names privacy", 16),
    ...numbered("screen.size screen.depth timezone languages platform touch cpu.cores memory", 32),
    ...numbered("fonts plugins features", 48), ...numbered("canvas audio webgl.vendor webgl.renderer webgl.parameters", 64),
    ...numbered("incognito battery network.type input.devices", 80), ...numbered("tls.ja4 http2", 96), ["cookie", 112],
]);
const PRESETS = new Map(numbered("headers headers-strict browser uniform stalker stalker-strict device", 1));
const SHAPES = new Map(numbered("signed signed-then-encrypted encrypted-then-signed", 0));
const SCHEMES = new Map([["Bearer", 1], ["DPoP", 2]]);
// The methods of proving possession of which one must be met (CMK_METHOD_...); whatever a token's cnf names must be met besides.
const HOLDERS = new Map([["none", 0], ["certificate", 8], ["dpop", 4], ["channel", 32], ["any", 4 | 8 | 16]]);
const CREDENTIALS_REPEATED = 112, BINDING = 32, ANY_OF = 1, POLICY_MEMBERS = new Set(("algorithms issuers audiences any_audience subject typ leeway require "
    + "allow_missing_exp max_age token_bytes shape fingerprint holder rights").split(" "));

/** The number of a name; a name that is none is the caller's slip. The error does not repeat it: swapped arguments make it a secret. */
function known(map, name, what) {
    if (!map.has(name)) throw new TypeError(`countermark: no such ${what}`);
    return map.get(name);
}

function only(object, names, what) {
    for (const name of Object.keys(object)) if (!names.has(name)) throw new TypeError(`countermark: ${what} has no ${name}`);
}

/** A list of texts. A text alone is the caller's slip: it would be a list of characters. */
function listOf(value, name) {
    if (!Array.isArray(value)) throw new TypeError(`countermark: ${name} is an array`);
    return value;
}

/** A number for C, where -1 would be four thousand million. */
function whole(value, name) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`countermark: ${name} is a whole number of 32 bits`);
    return value;
}

/** A leniency is asked for by true alone: the text "false" would be true. */
function flag(value, name) {
    if (typeof value !== "boolean") throw new TypeError(`countermark: ${name} is true or false`);
    return value;
}

// ---- Structures: b bytes {address, length}; a address, z size, q integer of 64 bits; i integer of 32 bits; N* so many words of 64.

/** Offsets by C's rules: a member stands at a multiple of its alignment, and so does the next structure of an array. */
function structureOf(text, p) {
    const widths = { b: [2 * p, p], a: [p, p], z: [p, p], q: [8, 8], i: [4, 4] };
    let size = 0, alignment = 4;
    const aligned = (to) => Math.ceil(size / to) * to;
    const members = new Map(text.trim().split(/\s+/).map((word) => {
        const [name, kind] = word.split(":");
        const [width, align] = kind.endsWith("*") ? [8 * Number.parseInt(kind, 10), 8] : widths[kind];
        const offset = aligned(align);
        [size, alignment] = [offset + width, Math.max(alignment, align)];
        return [name, { offset, kind }];
    }));
    return { members, size: aligned(alignment) };
}

const FUNCTIONS = `
    i cmk_abi()
    s cmk_status_name(i)
    s cmk_status_sentence(i)
    s cmk_stage_name(i)
    i cmk_http_status(i)
    i cmk_failures_next(q, i)
    z cmk_verifier_bytes()
    z cmk_claims_bytes()
    z cmk_sketch_bytes()
    z cmk_replay_bytes()
    z cmk_replay_region_bytes(z)
    z cmk_keys_head_bytes(z)
    i cmk_keys_init(a, a, z, b)
    i cmk_keys_size_for(b, a, z, b, a)
    i cmk_keys_add_jwks(a, b, a, z, a)
    i cmk_keys_add_secret(a, i, b, b)
    i cmk_keys_add_pem(a, i, b, b)
    i cmk_keys_add_rotating(a, b, b, a)
    i cmk_sketch_init(a, a)
    i cmk_verifier_init_abi(i, a, z, a, z, a)
    i cmk_scratch_bytes(a, z, a)
    i cmk_verify_abi(i, a, a, a, z, a, z, a, z)
    i cmk_verify_opaque_abi(i, a, a, a, z, a, a, z)
    i cmk_claims_json(a, a)
    i cmk_envelope_open(a, z, b, a, z, a)
    i cmk_replay_init(a, a, z, b)
    i cmk_replay_commit(a, a, q)
    i cmk_authorization(b, a)
    i cmk_challenge(i, b, b, i, a, z, a)`;

export function bind(machine) {
    const p = machine.pointerBytes, structure = (text) => structureOf(text, p);
    const KEYS = structure("region:a bytes:z");
    const LOADED = structure("added:i skipped:i reason:i " + Array.from({ length: 8 }, (_, at) => `reasons${at}:i`).join(" "));
    const ROTATING = structure("size:z claim:b mode:i window:i grace:i");
    const HEADER = structure("name:b value:b");
    const COMPONENT = structure("number:i value:b");
    const EVIDENCE = structure(`size:z headers:a header_count:z address:b asn:b country:b organisation:b isp:b components:a component_count:z
        certificate:b certificate_digest:b proofs:a proof_count:z method:b uri:b nonce:b channel:b binding:b scheme:i`);
    const RECIPE = structure("size:z preset:i framing:i hash:i encoding:i claim:b pepper:b inputs:a input_count:z");
    const PEPPER = structure("number:i secret:b");
    const WEIGHT = structure("component:i weight:i role:i stability:i coincidence:i");
    const SKETCH_RULES = structure(`size:z claim:b peppers:a pepper_count:z weights:a weight_count:z groups:a group_count:z preset:i stages:i
        accept:i step_up:i coverage:i drift:i generation:i behind:i ahead:i evidence_accept:i evidence_step_up:i`);
    const DPOP = structure("size:z algs:a alg_count:z nonce_secret:b nonce_seconds:i kind:i past_seconds:i future_seconds:i proof_bytes:i");
    const RULE = structure("path:b values:a value_count:z number:q test:i flags:i");
    const POLICY = structure(`size:z issuers:a issuer_count:z audiences:a audience_count:z require:a require_count:z acr:a acr_count:z algs:a
        alg_count:z subject:b typ:b nonce:b digest:a sketch:a flags:i leeway:i max_age:i auth_max_age:i token_bytes:i depth:i members:i
        candidates:i dpop:a channel:b binding:i certificate:i combination:i at_least:i methods:i shape:i rules:a rule_count:z`);
    const REQUEST = structure("size:z token:b now:q evidence:a flags:i");
    const REPORT = structure(`status:i advice:i failures:q similarity:i evidence:i coverage:i drift:i generation:i reasons:i matched:4* changed:4*
        missing:4* collect:4* step_up_subject:${1 + Math.ceil(p / 4)}* use:4* use_expires_at:q unmet:i`);
    const CREDENTIALS = structure("token:b scheme:i reserved:i");
    const BYTES = structure("bytes:b");
    const SIZE = structure("size:z");

    const cmk = machine.functions(FUNCTIONS);
    if (cmk.abi() !== ABI) throw new Error(`countermark: the library has ABI ${cmk.abi()}, this module ${ABI}`);

    /** A status that is not OK, of a call that judged no token. */
    class CountermarkError extends Error {
        constructor(status) {
            super(`${cmk.status_name(status)}: ${cmk.status_sentence(status)}`);
            this.status = status;
            this.code = this.name = cmk.status_name(status);
            this.sentence = cmk.status_sentence(status);
            this.stage = cmk.stage_name(status);
            /** The HTTP status of the answer: 400, 401, 403, 429, 503, or 500 for what is the host's own mistake. */
            this.http = cmk.http_status(status);
        }

        /** The value of WWW-Authenticate; null beside 500 and 503. */
        challenge({ scheme = "Bearer", realm, scope } = {}) {
            if (this.http >= 500) return null;
            return Memory.during((memory) => {
                const [buffer, found] = [memory.take(1024), memory.put(BYTES)];
                checked(cmk.challenge(known(SCHEMES, scheme, "scheme"), memory.bytes(realm), memory.bytes(scope), this.status, buffer, 1024, found));
                return memory.text(found);
            });
        }
    }

    /** A token that is not accepted. */
    class Rejected extends CountermarkError {
        constructor(status, report) {
            super(status);
            this.similarity = report("similarity") >= 0 ? report("similarity") : null;
            /** The name of every check behind the signature that failed, or of the one that ended the work. */
            this.failed = [];
            for (let after = 0; (after = cmk.failures_next(report("failures"), after)) !== 0;) this.failed.push(cmk.status_name(after));
            if (this.failed.length === 0) this.failed.push(this.code);
        }
    }

    function checked(status) {
        if (status !== 0) throw new CountermarkError(status);
    }

    /** Memory outside of JavaScript's heap, for what one object or one call gives to the library. It does not move. */
    class Memory {
        #blocks = [];

        /** Gives the callback memory that ends with the call, zeroed: it held a token. */
        static during(callback) {
            const memory = new Memory();
            try { return callback(memory); } finally { memory.free(); }
        }

        /** The address of so many zero bytes, aligned to 8. */
        take(size) {
            // koffi ends the process where there is no more memory; 2 GiB is beyond what anybody means.
            if (!Number.isSafeInteger(size) || size < 0 || size > 2 ** 31) throw new RangeError("countermark: no memory of that size");
            let block = this.#blocks.at(-1);
            if (block === undefined || block.used + size > block.length) {
                const length = Math.max(size, 8192);
                block = { memory: machine.alloc(length), length, used: 0 };
                block.memory.bytes().fill(0);
                this.#blocks.push(block);
            }
            const address = block.memory.address + block.used;
            block.used += Math.ceil(size / 8) * 8;
            return address;
        }

        /** The bytes from an address on to the end of its block, as they lie now. */
        #at(address) {
            const block = this.#blocks.find((one) => address >= one.memory.address && address < one.memory.address + one.length);
            if (block === undefined) throw new RangeError("countermark: memory of somebody else");
            return block.memory.bytes().subarray(address - block.memory.address);
        }

        #view(address) {
            const bytes = this.#at(address);
            return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        }

        /** A structure with these members, the others zero; at an address, or in new memory. One that has a size says it. */
        put(kind, values = {}, address = this.take(kind.size)) {
            const view = this.#view(address);
            const pointer = (at, value) => (p === 8 ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true));
            for (const [name, value] of Object.entries(kind.members.has("size") && kind !== SIZE ? { size: kind.size, ...values } : values)) {
                const { kind: width, offset } = kind.members.get(name);
                if (width === "b") pointer(offset, value.ptr), pointer(offset + p, value.len);
                else if (width === "i") view.setInt32(offset, value, true);
                else if (width === "q") view.setBigInt64(offset, BigInt(value), true);
                else pointer(offset, value);
            }
            return address;
        }

        get(kind, address, name) {
            const view = this.#view(address), { kind: width, offset } = kind.members.get(name);
            if (width === "i") return view.getInt32(offset, true);
            if (width === "q") return view.getBigInt64(offset, true);
            return p === 8 ? Number(view.getBigUint64(offset, true)) : view.getUint32(offset, true);
        }

        /** Bytes for the library: a text, or bytes. undefined and null are no bytes at all; an empty text is a text. */
        bytes(value) {
            if (value === undefined || value === null) return { ptr: 0, len: 0 };
            if (typeof value !== "string" && !ArrayBuffer.isView(value)) throw new TypeError("countermark: a text or bytes, not " + typeof value);
            const given = typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
            const ptr = this.take(Math.max(given.length, 1));
            this.#at(ptr).set(given);
            return { ptr, len: given.length };
        }

        /** The address of an array of structures and its length; none for no items. */
        list(kind, items) {
            if (items.length === 0) return [0, 0];
            const first = this.take(kind.size * items.length);
            items.forEach((item, position) => this.put(kind, item, first + kind.size * position));
            return [first, items.length];
        }

        texts(items) {
            return this.list(BYTES, items.map((item) => ({ bytes: this.bytes(item) })));
        }

        algorithms(names = []) {
            listOf(names, "algorithms");
            const first = this.take(Math.max(4 * names.length, 1)), view = this.#view(first);
            names.forEach((name, position) => view.setInt32(4 * position, known(ALGORITHMS, name, "algorithm"), true));
            return [names.length === 0 ? 0 : first, names.length];
        }

        /** A copy of the bytes that a cmk_bytes at this address names. */
        copy(address) {
            const view = this.#view(address);
            const [ptr, len] = p === 8 ? [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))] : [view.getUint32(0, true), view.getUint32(4, true)];
            return len === 0 ? new Uint8Array(0) : this.#at(ptr).slice(0, len);
        }

        text(address) {
            return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.copy(address));
        }

        free() {
            for (const block of this.#blocks.splice(0)) {
                block.memory.bytes().fill(0);
                block.memory.free();
            }
        }
    }

    // What the classes do with each other's addresses is nobody else's: under these names it cannot be called from outside.
    const [MEMORY, IS_USED, USE, RELEASE, ARRAY, COMMIT, BYTES_OF] = Array.from({ length: 7 }, () => Symbol());

    /** Memory that is zeroed and freed when its owner is, or earlier by close(), which waits until nobody uses it. */
    const owned = new FinalizationRegistry((memory) => memory.free());
    class Owner {
        #memory = new Memory();
        #users = 0;

        constructor() {
            owned.register(this, this.#memory, this);
        }

        get [MEMORY]() {
            if (this.#memory === null) throw new TypeError("countermark: it is closed");
            return this.#memory;
        }

        get [IS_USED]() { return this.#users > 0; }
        [USE]() { this[MEMORY] && this.#users++; return this; }
        [RELEASE]() { this.#users--; }

        close() {
            if (this.#users > 0) throw new TypeError("countermark: a verifier uses it; close that first");
            this.#memory?.free();
            this.#memory = null;
            owned.unregister(this);
        }
    }

    /** A key set. With an issuer its keys verify tokens of that issuer only. Fill it before a verifier has it. */
    class Keys extends Owner {
        #keys;

        constructor({ issuer, capacity = 4, [BYTES_OF]: bytes } = {}) {
            super();
            const named = this[MEMORY].bytes(issuer);
            // 1176: CMK_KEY_BYTES_MAX, the most that one key takes.
            const size = Math.ceil((bytes ?? cmk.keys_head_bytes(named.len) + whole(capacity, "capacity") * 1176) / 8) * 8;
            this.#keys = this[MEMORY].put(KEYS);
            checked(cmk.keys_init(this.#keys, this[MEMORY].take(size), size, named));
        }

        /** The usable keys of a JWK Set. A key without `alg` gets the only one of the algorithms that fits its type. */
        static jwks(text, { algorithms, issuer } = {}) {
            return Memory.during((memory) => {
                const [json, algs, size, loaded] = [memory.bytes(text), memory.algorithms(algorithms), memory.put(SIZE), memory.put(LOADED)];
                checked(cmk.keys_size_for(json, ...algs, memory.bytes(issuer), size));
                const keys = new Keys({ issuer, [BYTES_OF]: memory.get(SIZE, size, "size") });
                checked(cmk.keys_add_jwks(keys.#keys, json, ...algs, loaded));
                [keys.added, keys.skipped] = [memory.get(LOADED, loaded, "added"), memory.get(LOADED, loaded, "skipped")];
                return keys;
            });
        }

        #add(call) {
            this[MEMORY];
            if (this[IS_USED]) throw new TypeError("countermark: a verifier has these keys; make a new set and a new verifier");
            checked(Memory.during(call));
            return this;
        }

        addSecret(algorithm, secret, kid) {
            return this.#add((memory) => cmk.keys_add_secret(this.#keys, known(ALGORITHMS, algorithm, "algorithm"), memory.bytes(kid), memory.bytes(secret)));
        }

        /** A block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE. */
        addPem(algorithm, text, kid) {
            return this.#add((memory) => cmk.keys_add_pem(this.#keys, known(ALGORITHMS, algorithm, "algorithm"), memory.bytes(kid), memory.bytes(text)));
        }

        /** A secret for each user and each window of time, derived from a base. */
        addRotating(base, { mode = "compat", claim = "userId", window = 86400, grace = 0, kid } = {}) {
            const modes = new Map([["compat", 1], ["derived", 2]]);
            return this.#add((memory) => cmk.keys_add_rotating(this.#keys, memory.bytes(kid), memory.bytes(base),
                memory.put(ROTATING, { claim: memory.bytes(claim), mode: known(modes, mode, "mode"), window: whole(window, "window"), grace: whole(grace, "grace") })));
        }

        /** For this module: the structures of these sets, one behind the other, in memory of the caller's. */
        static [ARRAY](sets, memory) {
            return memory.list(KEYS, sets.map((one) => ({ region: one[MEMORY].get(KEYS, one.#keys, "region"), bytes: one[MEMORY].get(KEYS, one.#keys, "bytes") })));
        }
    }

    /** Remembers proofs, so that each is accepted once. For so many at a time: the rate of requests times 360 seconds. */
    class Replay extends Owner {
        #table;

        constructor(uses = 100_000) {
            super();
            const size = cmk.replay_region_bytes(whole(uses, "uses"));
            this.#table = this[MEMORY].take(cmk.replay_bytes());
            checked(cmk.replay_init(this.#table, this[MEMORY].take(size), size, this[MEMORY].bytes(machine.random(new Uint8Array(32)))));
        }

        /** For this module: remembers one use. */
        [COMMIT](use, now) {
            this[MEMORY];
            return cmk.replay_commit(this.#table, use, now);
        }
    }

    /** Key sets and a policy, checked once. The members of a policy and of evidence: see ../conformance/README.md. */
    class Verifier extends Owner {
        #keys;
        #replay;
        #verifier;
        #tokenBytes;

        constructor(keys, policy = {}, { replay } = {}) {
            super();
            only(policy, POLICY_MEMBERS, "a policy");
            // Defaults are for what is not there: null is neither.
            const { issuers = [], audiences = [], require = [], rights = {}, any_audience = false, allow_missing_exp = false, leeway = 0, max_age = 0, holder = "none",
                token_bytes = 0, shape = "signed" } = policy, memory = this[MEMORY];
            const methods = known(HOLDERS, holder, "holder");
            if ((holder === "dpop" || holder === "any") && !replay) throw new TypeError("countermark: proofs are accepted once only by a verifier with a Replay");
            const [algs, alg_count] = memory.algorithms(policy.algorithms), [rules, rule_count] = memory.list(RULE, rulesOf(memory, rights));
            const numbers = { token_bytes, leeway, max_age };
            for (const [name, value] of Object.entries(numbers)) whole(value, name);
            const values = {
                algs, alg_count, rules, rule_count, ...numbers,
                shape: known(SHAPES, shape, "shape"), subject: memory.bytes(policy.subject), typ: memory.bytes(policy.typ),
                flags: (flag(any_audience, "any_audience") ? 1 : 0) | (flag(allow_missing_exp, "allow_missing_exp") ? 2 : 0), ...fingerprintOf(memory, policy.fingerprint),
            };
            for (const [name, list] of [["issuer", issuers], ["audience", audiences], ["require", require]]) {
                [values[name === "require" ? name : `${name}s`], values[`${name}_count`]] = memory.texts(listOf(list, name));
            }
            if (methods !== 0) {
                // Without a table a token that is bound to a proof's key is refused.
                Object.assign(values, { dpop: replay ? memory.put(DPOP) : 0, certificate: 1, channel: memory.bytes("tls-exporter#S256"), binding: methods & BINDING ? 1 : 0,
                    combination: ANY_OF, methods });
            }
            const used = [...listOf(keys, "key sets")], [sets, count] = Keys[ARRAY](used, memory), size = cmk.verifier_bytes();
            this.#verifier = memory.take(size);
            checked(cmk.verifier_init_abi(ABI, this.#verifier, size, sets, count, memory.put(POLICY, values)));
            [this.#keys, this.#replay, this.#tokenBytes] = [used.map((one) => one[USE]()), replay?.[USE](), token_bytes === 0 ? 8192 : token_bytes];
        }

        /** What the token says, or Rejected. now: seconds since 1970. evidence: what is known of the client. */
        verify(token, { now, evidence } = {}) {
            return this.#ask(token, now, evidence, (memory, request, report, scratch, length, seconds) => {
                const [size, text] = [cmk.claims_bytes(), memory.put(BYTES)], claims = memory.take(size);
                let status = cmk.verify_abi(ABI, this.#verifier, request, scratch, length, claims, size, report, REPORT.size);
                const said = (name) => memory.get(REPORT, report, name);
                if (status === 0 && said("use_expires_at") !== 0n) status = this.#replay[COMMIT](report + REPORT.members.get("use").offset, seconds);
                if (status !== 0) throw new Rejected(status, said);
                checked(cmk.claims_json(claims, text));
                const json = memory.text(text);
                return {
                    json,
                    get claims() { return JSON.parse(json); },
                    similarity: said("similarity") >= 0 ? said("similarity") : null,
                    reissue: (said("advice") & 1) !== 0, // something changed: issue a new sketch
                };
            });
        }

        /** The payload of a JWS that is no claims set. It says nothing of time, issuer, audience or holder. Never for a JWT. */
        verifyOpaque(token, { now } = {}) {
            return this.#ask(token, now, undefined, (memory, request, report, scratch, length) => {
                const payload = memory.put(BYTES);
                const status = cmk.verify_opaque_abi(ABI, this.#verifier, request, scratch, length, payload, report, REPORT.size);
                if (status !== 0) throw new Rejected(status, (name) => memory.get(REPORT, report, name));
                return memory.copy(payload);
            });
        }

        #ask(token, now = Math.floor(Date.now() / 1000), evidence, judge) {
            this[MEMORY];
            if (typeof now === "bigint" ? BigInt.asIntN(64, now) !== now : !Number.isSafeInteger(now)) throw new TypeError("countermark: now is in whole seconds");
            return Memory.during((memory) => {
                const text = memory.bytes(token), { address, proofBytes } = evidenceOf(memory, evidence);
                this[MEMORY]; // again: reading the evidence may have run code that closed it
                const request = memory.put(REQUEST, { token: text, now, evidence: address }), size = memory.put(SIZE);
                checked(cmk.scratch_bytes(this.#verifier, Math.min(text.len, this.#tokenBytes), size));
                const length = memory.get(SIZE, size, "size") + proofBytes + Math.floor(proofBytes / 16) + 8;
                return judge(memory, request, memory.take(REPORT.size), memory.take(length), length, now);
            });
        }

        close() {
            super.close();
            for (const one of [...this.#keys.splice(0), this.#replay]) one?.[RELEASE]();
            this.#replay = undefined;
        }
    }

    function rulesOf(memory, rights) {
        only(rights, new Set(["all_of", "any_of", "none_of"]), "rights");
        return ["all_of", "any_of", "none_of"].flatMap((name, position) => Object.entries(rights[name] ?? {}).sort(byName).map(([path, asked]) => {
            const [values, value_count] = memory.texts(listOf(asked, path));
            return { path: memory.bytes(path), values, value_count, test: position + 1 };
        }));
    }

    const byName = ([left], [right]) => (left < right ? -1 : 1);
    /** The number of a component; one of the host's own is called by its number. */
    const componentOf = (name) => {
        if (!COMPONENTS.has(name) && !/^[12]\d\d$/.test(name)) throw new TypeError(`countermark: no component ${name}`);
        return COMPONENTS.get(name) ?? Number(name);
    };

    /** The policy's members for a fingerprint. */
    function fingerprintOf(memory, fingerprint) {
        if (fingerprint === undefined) return {};
        if (fingerprint.form === "digest") {
            only(fingerprint, new Set(["form", "claim", "preset"]), "a digest");
            if ((fingerprint.preset ?? "compat") !== "compat") throw new TypeError("countermark: a digest has the preset compat");
            return { digest: memory.put(RECIPE, { preset: 2, claim: memory.bytes(fingerprint.claim ?? "fp") }) };
        }
        only(fingerprint, new Set("form claim preset pepper accept step_up coverage drift weights optional required".split(" ")), "a sketch");
        if (fingerprint.form !== "sketch") throw new TypeError("countermark: a fingerprint has the form digest or sketch");
        const { claim = "cmk", preset = "browser", pepper = "", accept = -1, step_up = -1, coverage = -1, drift = -1, optional = [], required = [] } = fingerprint;
        const [peppers] = memory.list(PEPPER, [{ number: 0, secret: memory.bytes(pepper) }]);
        for (const threshold of [accept, step_up, coverage, drift]) if (threshold !== -1) whole(threshold, "a threshold");
        const rules = { claim: memory.bytes(claim), preset: known(PRESETS, preset, "preset"), peppers, pepper_count: 1, accept, step_up, coverage, drift,
            generation: -1, behind: -1, ahead: -1, evidence_accept: -(2 ** 31), evidence_step_up: -(2 ** 31) };
        if (fingerprint.weights === undefined) {
            if (optional.length + required.length > 0) throw new TypeError("countermark: optional and required need weights");
        } else {
            const roles = new Map([...optional.map((name) => [componentOf(name), 1]), ...required.map((name) => [componentOf(name), 2])]);
            // A required component without a weight is compared all the same, and is in no sum.
            const weights = new Map([...required.map((name) => [componentOf(name), 0]), ...Object.entries(fingerprint.weights).map(([name, weight]) => [componentOf(name), whole(weight, name)])]);
            const listed = [...weights].sort(([left], [right]) => left - right);
            [rules.weights, rules.weight_count] = memory.list(WEIGHT, listed.map(([component, weight]) => ({ component, weight, role: roles.get(component) ?? 0 })));
        }
        const sketch = memory.take(cmk.sketch_bytes());
        checked(cmk.sketch_init(sketch, memory.put(SKETCH_RULES, rules)));
        return { sketch };
    }

    const EVIDENCE_MEMBERS = new Set("address headers components certificate dpop scheme method uri nonce channel binding".split(" "));

    /** Evidence in C, and the bytes of its longest proof as far as any is read. */
    function evidenceOf(memory, evidence) {
        if (evidence === undefined) return { address: 0, proofBytes: 0 };
        only(evidence, EVIDENCE_MEMBERS, "evidence");
        const { scheme, dpop } = evidence, proofs = [dpop ?? []].flat();
        if (proofs.length > 0 && scheme === undefined) throw new TypeError("countermark: beside a proof the evidence says scheme: what the token came under");
        const values = { scheme: known(SCHEMES, scheme === undefined ? "Bearer" : scheme, "scheme") };
        for (const name of ["address", "certificate", "method", "uri", "nonce", "channel", "binding"]) values[name] = memory.bytes(evidence[name]);
        [values.headers, values.header_count] = memory.list(HEADER, (evidence.headers ?? []).map(([name, value]) => ({ name: memory.bytes(name), value: memory.bytes(value) })));
        [values.proofs, values.proof_count] = memory.texts(proofs);
        const supplied = [];
        for (const [name, value] of Object.entries(evidence.components ?? {}).sort(byName)) {
            // The empty set is the set of one empty element.
            const listed = Array.isArray(value) ? (value.length === 0 ? [""] : value) : [value];
            const texts = listed.map((one) => memory.bytes(typeof one === "number" || typeof one === "boolean" ? String(one) : one));
            if (/^ip\.(asn|country|organisation|isp)$/.test(name)) values[name.slice(3)] = texts[0];
            else supplied.push(...texts.map((text) => ({ number: componentOf(name), value: text })));
        }
        [values.components, values.component_count] = memory.list(COMPONENT, supplied);
        const lengths = proofs.map((proof) => Math.min(new TextEncoder().encode(proof).length, 8192));
        return { address: memory.put(EVIDENCE, values), proofBytes: Math.max(0, ...lengths) };
    }

    /** The content of a JWE alone, of at most 8192 bytes. It says nothing about who made it, or when. */
    function openEnvelope(keys, envelope) {
        return Memory.during((memory) => {
            const [text, content] = [memory.bytes(envelope), memory.put(BYTES)], size = text.len + Math.floor(text.len / 16) + 8;
            checked(cmk.envelope_open(...Keys[ARRAY](keys, memory), text, memory.take(size), size, content));
            return memory.copy(content);
        });
    }

    /**
     * The token and the scheme of an Authorization field; undefined for none. Of a list of fields more than one is refused: whoever is in
     * front may have looked at the other (RFC 6750 2).
     */
    function authorization(field) {
        const [value, ...more] = [field].flat();
        checked(more.length > 0 ? CREDENTIALS_REPEATED : 0);
        return Memory.during((memory) => {
            const found = memory.put(CREDENTIALS);
            checked(cmk.authorization(memory.bytes(value), found));
            return { token: memory.text(found), scheme: memory.get(CREDENTIALS, found, "scheme") === 2 ? "DPoP" : "Bearer" };
        });
    }

    const algorithms = [...ALGORITHMS.keys()];

    return { CountermarkError, Keys, Rejected, Replay, Verifier, algorithms, authorization, openEnvelope };
}
