// Mints the nested tokens of envelopes.json with npm's jose, and prints them as conformance cases; with "expect" what must become
// of each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const jose = require("jose");

const plan = JSON.parse(readFileSync(new URL("envelopes.json", import.meta.url)));
const wantsExpectations = process.argv[2] === "expect";
const bytes = (text) => new TextEncoder().encode(text);
const secret = Buffer.from(plan.signer.k, "base64url");
const signed = { alg: "HS256", kid: plan.signer.kid };

async function encrypt(content, alg, enc, jwk, nests) {
  const { d, ...half } = jwk;
  const key = jwk.kty === "oct" ? Buffer.from(jwk.k, "base64url") : await jose.importJWK({ ...half, alg }, alg);
  const header = { alg, enc, kid: "enc-1", ...(nests ? { cty: "JWT" } : {}) };
  return new jose.CompactEncrypt(bytes(content)).setProtectedHeader(header).encrypt(key);
}

async function mint(shape, alg, enc, jwk) {
  const claims = JSON.stringify(plan.claims);
  const sign = (content, header) => new jose.CompactSign(bytes(content)).setProtectedHeader(header).sign(secret);
  if (shape === "signed-then-encrypted") {
    return encrypt(await sign(claims, signed), alg, enc, jwk, true);
  }
  return sign(await encrypt(claims, alg, enc, jwk, false), { ...signed, cty: "JWT" });
}

for (const [name, jwk] of Object.entries(plan.keys)) {
  const [alg, part] = name.split(" ");
  const encryptions = alg === "dir" ? [part] : plan.encryptions;
  for (const enc of encryptions) {
    for (const shape of ["signed-then-encrypted", "encrypted-then-signed"]) {
      for (const [expect, key] of [["OK", jwk], ["DECRYPTION", plan.wrong[name]]]) {
        if (expect === "DECRYPTION" && alg !== "dir" && !plan.refused.includes(enc)) {
          continue;
        }
        const id = `jose ${name}/${enc} ${shape} ${expect}`;
        const keys = { keys: [plan.signer, { ...jwk, kid: "enc-1", alg: alg === "dir" ? enc : alg }] };
        const record = wantsExpectations
          ? { id, expect }
          : { id, token: await mint(shape, alg, enc, key), now: plan.now, keys, policy: { ...plan.policy, shape } };
        console.log(JSON.stringify(record));
      }
    }
  }
}
