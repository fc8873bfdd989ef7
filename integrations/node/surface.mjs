// What a user of the binding may rely on beside verdicts: copies, lifetimes, threads, refusals of wrong use. Run with --expose-gc.

import { Worker, isMainThread } from "node:worker_threads";
import { CountermarkError, Keys, Rejected, Replay, Verifier, authorization, openEnvelope } from "countermark";

const SECRET = "a secret of at least thirty-two bytes";
// The token of the README's quick start.
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9.Bhz3uM33ZOz3QDEpKfO3zC2rsGIyDtlLHMSoBaUBS6Y";
// The same without exp.
const ETERNAL = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwic3ViIjoiYWxpY2UifQ.qCYTA9j6rf5ljhLU8yZpsO_i6iH0StFjKopLtGgh28Y";
const now = 1_900_000_000;

/** Nothing of what it is made from is kept outside of it. */
function verifierOf(policy = {}) {
    const keys = new Keys({ capacity: 1 }).addSecret("HS256", SECRET);
    return new Verifier([keys], { audiences: ["https://api.example"], ...policy });
}

if (!isMainThread) {
    const verifier = verifierOf();
    for (let turn = 0; turn < 300; turn++) if (verifier.verify(TOKEN, { now }).claims.sub !== "alice") throw new Error("not alice");
    process.exit(0);
}

function check(what, truth) {
    console.log(`${truth ? "ok" : "FAILED"}: ${what}`);
    if (!truth) process.exitCode = 1;
}

/** Whether the call throws this kind of error, and of this status. */
function throws(kind, call, code) {
    try {
        call();
    } catch (error) {
        return error instanceof kind && (code === undefined || error.code === code);
    }
    return false;
}

let verifier = verifierOf();
const accepted = verifier.verify(TOKEN, { now });
check("the quick start's token says alice", accepted.claims.sub === "alice");
for (let turn = 0; turn < 200; turn++) verifier.verify(TOKEN, { now });
verifier.close();
check("a closed verifier verifies nothing", throws(TypeError, () => verifier.verify(TOKEN, { now })));
check("claims are a copy: they outlive the verifier", JSON.parse(accepted.json).aud === "https://api.example");

// Whatever was not kept would be collected and written over here.
verifier = verifierOf({ subject: ["al", "ice"].join(""), rights: { any_of: { sub: [["ali", "ce"].join(""), "bob"] } } });
for (let turn = 0; turn < 20; turn++) {
    for (let made = 0; made < 100; made++) verifierOf();
    globalThis.gc();
    await new Promise(setImmediate);
}
check("keys and texts live as long as the verifier", verifier.verify(TOKEN, { now }).claims.sub === "alice");

const before = process.memoryUsage.rss();
for (let turn = 0; turn < 20_000; turn++) verifier.verify(TOKEN, { now });
check("20,000 verifications keep no memory", process.memoryUsage.rss() - before < 50e6);

const exits = await Promise.all(Array.from({ length: 4 }, () => new Promise((done) => new Worker(new URL(import.meta.url)).on("exit", done))));
check("four threads, each with a verifier of its own", exits.every((code) => code === 0));

try {
    verifierOf({ subject: "bob" }).verify(TOKEN, { now: 2_000_000_000 });
} catch (error) {
    check("a rejection names every check that failed", error instanceof Rejected && error.failed.join() === "SUBJECT,EXPIRED" && error.stage === "policy");
    check("and the answer to the client", error.http === 401 && error.challenge({ realm: "api" }).includes('error="invalid_token"'));
}
const found = authorization("Bearer abc.def.ghi");
check("a token is taken from its header field", found.token === "abc.def.ghi" && found.scheme === "Bearer");
check("no header field is CREDENTIALS_MISSING", throws(CountermarkError, () => authorization(undefined), "CREDENTIALS_MISSING"));
check("two words are CREDENTIALS_MALFORMED", throws(CountermarkError, () => authorization("Bearer a b"), "CREDENTIALS_MALFORMED"));
check("of two fields neither is taken: CREDENTIALS_REPEATED", throws(CountermarkError, () => authorization(["Bearer abc.def.ghi", "Bearer a.b.c"]), "CREDENTIALS_REPEATED"));
check("one in a list is one, and none is none", authorization(["Bearer abc.def.ghi"]).token === "abc.def.ghi" && throws(CountermarkError, () => authorization([]), "CREDENTIALS_MISSING"));
check("an empty token is TOKEN_EMPTY", throws(Rejected, () => verifier.verify("", { now }), "TOKEN_EMPTY"));
check("a token of 70,000 bytes is TOKEN_TOO_LARGE", throws(Rejected, () => verifier.verify("a".repeat(70_000), { now }), "TOKEN_TOO_LARGE"));
check("a NUL is a byte like any other", throws(Rejected, () => verifier.verify(`${TOKEN}\0`, { now }), "SIGNATURE"));
check("an empty subject is asked for, not left out", throws(Rejected, () => verifierOf({ subject: "" }).verify(TOKEN, { now }), "SUBJECT"));
check("a short secret is KEY_TOO_SHORT", throws(CountermarkError, () => new Keys().addSecret("HS256", "short"), "KEY_TOO_SHORT"));
check("a set that is full is REGION_TOO_SMALL", throws(CountermarkError, () => {
    const keys = new Keys({ capacity: 1 });
    for (let number = 0; number < 20; number++) keys.addSecret("HS256", SECRET, String(number));
}, "REGION_TOO_SMALL"));
check("a policy has no member that is spelt wrong", throws(TypeError, () => verifierOf({ audience: ["x"] })));
check("nor rights, nor evidence", throws(TypeError, () => verifierOf({ rights: { some_of: {} } })) && throws(TypeError, () => verifier.verify(TOKEN, { now, evidence: { adress: "::1" } })));
check("-1 is no leeway, nor is half a second", throws(RangeError, () => verifierOf({ leeway: -1 })) && throws(RangeError, () => verifierOf({ leeway: 0.5 })));
check("a text is no list of texts", throws(TypeError, () => verifierOf({ issuers: "https://login.example" })) && throws(TypeError, () => verifierOf({ require: "exp" })));
check("exp is asked for, whatever else is", throws(Rejected, () => verifierOf({ require: ["sub"] }).verify(ETERNAL, { now }), "EXPIRY_MISSING"));
check("unless the policy says so by its name", verifierOf({ require: ["sub"], allow_missing_exp: true }).verify(ETERNAL, { now }).claims.sub === "alice");
check("which is true or false, as any_audience is", ["any_audience", "allow_missing_exp"].every((name) => ["false", 1, null, []].every((value) => throws(TypeError, () => verifierOf({ [name]: value })))));
check("null is no list, no rights and no number", ["issuers", "audiences", "require", "rights", "max_age"].every((name) => throws(Error, () => verifierOf({ [name]: null }))));
const saysNothing = (call) => {
    try { call(); } catch (error) { return !error.message.includes("s3cret"); }
    return false;
};
check("no error repeats a secret: swapped arguments", [() => new Keys().addSecret("s3cret", "HS256"), () => new Keys().addPem("s3cret", "ES256"),
    () => new Keys().addRotating("compat", { mode: "s3cret" }), () => verifierOf({ holder: "s3cret" }), () => verifierOf({ algorithms: ["s3cret"] })].every(saysNothing));
check("a proof says under which scheme the token came", ["a.b.c", ["a.b.c"]].every((dpop) => throws(TypeError, () => verifier.verify(TOKEN, { now, evidence: { dpop } }))));
check("where there is none it may be left out", [[], undefined].every((dpop) => verifier.verify(TOKEN, { now, evidence: { dpop, method: "GET" } }).claims.sub === "alice"));
check("a number is no token, and NaN no time", throws(TypeError, () => verifier.verify(5, { now })) && throws(TypeError, () => verifier.verify(TOKEN, { now: NaN })));
check("nor is what 64 bits do not hold", [2n ** 64n + BigInt(now), 2n ** 63n, -(2n ** 63n) - 1n, null, "1"].every((wrong) => throws(TypeError, () => verifier.verify(TOKEN, { now: wrong }))));
check("but a BigInt of 64 bits is", verifier.verify(TOKEN, { now: BigInt(now) }).claims.sub === "alice");
check("proofs are not asked for without a table that remembers them", throws(TypeError, () => verifierOf({ holder: "dpop" })));
check("a pepper of 15 bytes is PEPPER_TOO_SHORT", throws(CountermarkError, () => verifierOf({ fingerprint: { form: "sketch", pepper: "x".repeat(15) } }), "PEPPER_TOO_SHORT"));
check("an envelope that is none is refused", throws(CountermarkError, () => openEnvelope([new Keys().addSecret("HS256", SECRET)], TOKEN), "TOKEN_NOT_COMPACT"));

const keys = new Keys({ capacity: 2 }).addSecret("HS256", SECRET), replay = new Replay(100);
const held = new Verifier([keys], {}, { replay });
check("keys that a verifier has are not changed, and not closed", throws(TypeError, () => keys.addSecret("HS256", SECRET, "2")) && throws(TypeError, () => keys.close()) && throws(TypeError, () => replay.close()));
check("nor is there a way to their memory", ["memory", "use", "release", "commit", "isUsed"].every((name) => !(name in keys) && !(name in replay) && !(name in held)));
held.close();
keys.close();
replay.close();
check("closed keys make no verifier, and take no key", throws(TypeError, () => new Verifier([keys])) && throws(TypeError, () => keys.addSecret("HS256", SECRET)));
check("a capacity is a whole number, and no other option takes memory", [-1, 0.5, NaN, "1", null, -(2 ** 40), 0xffffffff].every((capacity) => throws(RangeError, () => new Keys({ capacity })))
    && throws(CountermarkError, () => new Keys({ capacity: 0, bytes: 8192 }).addSecret("HS256", SECRET), "REGION_TOO_SMALL"));
check("evidence that closes the verifier is not judged", throws(TypeError, () => {
    const ending = verifierOf();
    ending.verify(TOKEN, { now, evidence: { get address() { ending.close(); return "192.0.2.1"; } } });
}));
check("a policy that closes its keys makes no verifier", throws(TypeError, () => {
    const ending = new Keys().addSecret("HS256", SECRET);
    new Verifier([ending], { get issuers() { ending.close(); return []; } });
}));
check("0 is the usual length of a token, as in C", verifierOf({ token_bytes: 0 }).verify(TOKEN, { now }).claims.sub === "alice"
    && throws(Rejected, () => verifierOf({ token_bytes: 0 }).verify("a".repeat(8193), { now }), "TOKEN_TOO_LARGE"));
