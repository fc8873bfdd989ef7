// Judges conformance cases through the binding: JSON lines in, JSON lines out, as `cargo run --example conformance` does.
//
// A case that the binding cannot say is answered `skipped: WHY`. Lines are read as JavaScript reads JSON: what is no case is not judged here.

import { createInterface } from "node:readline";
import { CountermarkError, Keys, Replay, Verifier, algorithms, openEnvelope } from "countermark";

class Skipped extends Error {}

const replay = new Replay(10_000);
const SAME = "algorithms issuers audiences any_audience subject typ leeway max_age rights holder".split(" ");
const decoded = (text) => Buffer.from(text, "base64url");

/** JSON without the white space between its tokens: parsing it would round numbers. */
const onOneLine = (text) => text.replaceAll(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/gs, (found) => (found.startsWith('"') ? found : ""));

/** The policy in the binding's words. */
function settingsOf(policy) {
    const settings = Object.fromEntries(SAME.filter((name) => name in policy).map((name) => [name, policy[name]]));
    if (policy.require !== undefined) {
        // Of a case it is the whole list; the binding asks for exp by itself.
        settings.require = policy.require.filter((name) => name !== "exp");
        settings.allow_missing_exp = !policy.require.includes("exp");
    }
    if (policy.algorithms?.some((name) => !algorithms.includes(name))) throw new CountermarkError(901);
    for (const name of ["max_token_bytes", "max_age"]) if (policy[name] === 0) throw new Skipped(`${name} 0 is the default in C`);
    if ("max_token_bytes" in policy && policy.shape === "encrypted") throw new Skipped("max_token_bytes of an envelope alone is 8192 in C");
    if ("max_token_bytes" in policy) settings.token_bytes = policy.max_token_bytes;
    if (policy.shape !== undefined && policy.shape !== "encrypted") settings.shape = policy.shape;
    const given = policy.fingerprint;
    if (given !== undefined) {
        settings.fingerprint = "pepper" in given ? { ...given, pepper: decoded(given.pepper) } : given;
        if (!("weights" in given) && ("optional" in given || "required" in given)) throw new Skipped("optional and required of a sketch need weights in C");
        if (given.form === "sketch" && "weights" in given && Object.keys(given.weights).length === 0) throw new Skipped("a sketch without any weight has the preset's in C");
    }
    return settings;
}

function keysOf(line) {
    if (line.rotating !== undefined) {
        if (line.rotating.window === 0) throw new Skipped("rotating: window 0 is the default in C");
        const { base, ...settings } = line.rotating;
        return [new Keys({ capacity: 1 }).addRotating(base, settings)];
    }
    return [line.keys].flat().map((set) => Keys.jwks(JSON.stringify(set), { algorithms: line.policy?.algorithms, issuer: set.issuer }));
}

function judge(line) {
    const policy = line.policy ?? {}, evidence = { scheme: "DPoP", ...line.evidence }, now = line.now;
    for (const name of ["certificate", "channel"]) if (name in evidence) evidence[name] = decoded(evidence[name]);
    const settings = settingsOf(policy), keys = keysOf(line), verifier = new Verifier(keys, settings, { replay });
    try {
        let payload;
        if (policy.shape === "encrypted") {
            // An envelope alone authenticates nobody: nothing that claims could answer may be asked of it.
            const asked = ["issuers", "audiences", "require"].some((name) => policy[name]?.length > 0) || ["subject", "max_age", "fingerprint"].some((name) => name in policy);
            if (policy.payload !== "opaque" || asked) throw new CountermarkError(910);
            payload = openEnvelope(keys, line.token);
        } else if (policy.payload === "opaque") {
            payload = verifier.verifyOpaque(line.token, { now });
        } else {
            const { json, similarity } = verifier.verify(line.token, { now, evidence });
            return `"status":"OK","code":0,"claims":${onOneLine(json)}${similarity === null ? "" : `,"similarity":${similarity}`}`;
        }
        return `"status":"OK","code":0,"payload":"${Buffer.from(payload).toString("base64url")}"`;
    } finally {
        verifier.close();
        for (const set of keys) set.close();
    }
}

function answer(text) {
    const line = JSON.parse(text), head = `{"id":${JSON.stringify(line.id)},`;
    try {
        return `${head}${judge(line)}}`;
    } catch (error) {
        if (error instanceof Skipped) return `skipped: ${error.message}`;
        if (!(error instanceof CountermarkError)) throw error;
        const failed = JSON.stringify(error.failed ?? [error.code]), similarity = error.similarity ?? null;
        return `${head}"status":"${error.code}","code":${error.status},"stage":"${error.stage}","failed":${failed}${similarity === null ? "" : `,"similarity":${similarity}`}}`;
    }
}

for await (const text of createInterface({ input: process.stdin })) process.stdout.write(`${answer(text)}\n`);
