// Mints the tokens of plan.json with npm's jsonwebtoken and jose, and prints them as conformance cases.
// With the argument "expect" it prints what must become of each instead.
import { readFileSync } from "node:fs";
import { createPrivateKey, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages lie in the folder where the script is run, which need not be its own.
const require = createRequire(pathToFileURL(process.cwd() + "/"));
const jsonwebtoken = require("jsonwebtoken");
const jose = require("jose");

const plan = JSON.parse(readFileSync(new URL("plan.json", import.meta.url)));
const wantsExpectations = process.argv[2] === "expect";

function publicKeys(algorithm) {
  const { k1, k2 } = plan.keys[algorithm] ?? Object.values(plan.families).find(({ algorithms }) => algorithms.includes(algorithm));
  return { keys: [k1, k2].map(({ d, p, q, dp, dq, qi, ...key }) => key) };
}

function print(id, expect, token, algorithm, policy, keys = publicKeys(algorithm)) {
  const record = wantsExpectations
    ? { id, expect }
    : { id, token, now: plan.now, keys, policy: { algorithms: [algorithm], ...policy } };
  console.log(JSON.stringify(record));
}

function keyFor(jwk) {
  return jwk.kty === "oct" ? Buffer.from(jwk.k, "base64url") : createPrivateKey({ key: jwk, format: "jwk" });
}

// What the libraries do not sign with.
const unknownToJsonwebtoken = ["ES256K", "EdDSA"];
const unknownToJose = ["ES256K"];

async function planned(algorithm, keys, tokens) {
  for (const { name, expect, claims, header = {}, policy, key } of tokens) {
    const secret = keyFor(keys[key ?? "k1"]);
    const options = { algorithm, header };
    if (!unknownToJsonwebtoken.includes(algorithm)) {
      print(`jsonwebtoken ${algorithm} ${name}`, expect, jsonwebtoken.sign(claims, secret, options), algorithm, policy);
    }
    if (!unknownToJose.includes(algorithm)) {
      const builder = new jose.SignJWT(claims).setProtectedHeader({ alg: algorithm, ...header });
      print(`jose ${algorithm} ${name}`, expect, await builder.sign(secret), algorithm, policy);
    }
  }
}

for (const [algorithm, keys] of Object.entries(plan.keys)) {
  await planned(algorithm, keys, plan.tokens);
  await special(algorithm, keys);
}
for (const { algorithms, ...keys } of Object.values(plan.families)) {
  for (const algorithm of algorithms) {
    await planned(algorithm, keys, plan.tokens.filter(({ name }) => plan.family_tokens.includes(name)));
  }
}

// Tokens that no plan describes: unencoded payloads (RFC 7797), unsigned ones, payloads that are no claims set.
async function special(algorithm, keys) {
  const secret = keyFor(keys.k1);
  const { claims, policy } = plan.tokens[0];
  const opaque = { payload: "opaque" };
  const text = JSON.stringify(claims).replaceAll(".", "-");
  const encoded = Buffer.from(JSON.stringify(claims)).toString("base64url");

  // Correctly signed over the raw payload. The second payload is at the same time the base64url of good claims.
  for (const [name, raw] of [["json", text], ["base64url", encoded]]) {
    const header = { alg: algorithm, b64: false, crit: ["b64"] };
    const { protected: head, signature } = await new jose.FlattenedSign(Buffer.from(raw)).setProtectedHeader(header).sign(secret);
    print(`jose ${algorithm} b64-crit-${name}`, "UNENCODED_PAYLOAD", `${head}.${raw}.${signature}`, algorithm, policy);
    print(`jose ${algorithm} b64-crit-${name}-opaque`, "UNENCODED_PAYLOAD", `${head}.${raw}.${signature}`, algorithm, opaque);
    print(`jose ${algorithm} b64-crit-${name}-detached`, "UNENCODED_PAYLOAD", `${head}..${signature}`, algorithm, policy);
    if (algorithm === "HS256") {
      // jose refuses b64 without crit, as it should: this one is made by hand.
      const bare = Buffer.from('{"alg":"HS256","b64":false}').toString("base64url");
      const mac = createHmac("sha256", secret).update(`${bare}.${raw}`).digest("base64url");
      print(`by-hand ${algorithm} b64-${name}`, "UNENCODED_PAYLOAD", `${bare}.${raw}.${mac}`, algorithm, policy);
    }
  }
  const explicit = { alg: algorithm, b64: true, crit: ["b64"] };
  const critical = await new jose.CompactSign(Buffer.from(text)).setProtectedHeader(explicit).sign(secret);
  print(`jose ${algorithm} b64-true-crit`, "CRIT_UNKNOWN", critical, algorithm, policy);

  const plain = await new jose.CompactSign(Buffer.from(text)).setProtectedHeader({ alg: algorithm }).sign(secret);
  const [head, , tail] = plain.split(".");
  print(`jose ${algorithm} detached`, "SIGNATURE", `${head}..${tail}`, algorithm, policy);
  const bytes = Buffer.from([0xff, 0x00, 0x2e, 0x0a]);
  const binary = await new jose.CompactSign(bytes).setProtectedHeader({ alg: algorithm }).sign(secret);
  print(`jose ${algorithm} opaque`, "OK", binary, algorithm, opaque);
  print(`jose ${algorithm} opaque-as-claims`, "PAYLOAD_JSON", binary, algorithm, policy);
  const string = jsonwebtoken.sign("a string", secret, { algorithm });
  print(`jsonwebtoken ${algorithm} opaque`, "OK", string, algorithm, opaque);
  print(`jsonwebtoken ${algorithm} opaque-as-claims`, "PAYLOAD_JSON", string, algorithm, policy);

  const none = jsonwebtoken.sign(claims, null, { algorithm: "none" });
  print(`jsonwebtoken ${algorithm} none`, "TOKEN_SEGMENT_EMPTY", none, algorithm, policy);
  print(`jsonwebtoken ${algorithm} none-signed`, "ALGORITHM_UNKNOWN", none + tail, algorithm, policy);
  print(`jose ${algorithm} unsecured`, "TOKEN_SEGMENT_EMPTY", new jose.UnsecuredJWT(claims).encode(), algorithm, policy);
  if (algorithm !== "ES256") {
    // One byte shorter than the hash: the token is good, the key is not (RFC 7518 3.2).
    const short = secret.subarray(1);
    const weak = { keys: [{ kty: "oct", k: short.toString("base64url") }] };
    print(`jsonwebtoken ${algorithm} short-key`, "KEY_TOO_SHORT", jsonwebtoken.sign(claims, short, { algorithm }), algorithm, policy, weak);
  }
}
