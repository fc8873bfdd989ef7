// Mints the access tokens and DPoP proofs of proofs.json with npm's jose and dpop, under keys that are made for the run, and
// prints them as conformance cases. With the argument "expect" it prints what must become of each instead.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages lie in the folder where the script is run, which need not be its own.
const require = createRequire(pathToFileURL(process.cwd() + "/"));
const jose = require("jose");
const dpop = require("dpop");

const plan = JSON.parse(readFileSync(new URL("proofs.json", import.meta.url)));
const wantsExpectations = process.argv[2] === "expect";
const issuer = await jose.generateKeyPair("ES256");
const keys = { keys: [await jose.exportJWK(issuer.publicKey)] };

const realNow = Date.now;
const realUuid = crypto.randomUUID.bind(crypto);

const makers = {
  jose: {
    pair: (algorithm) => jose.generateKeyPair(algorithm, { extractable: true }),
    thumbprint: async (pair) => jose.calculateJwkThumbprint(await jose.exportJWK(pair.publicKey)),
    async prove(algorithm, signer, shown, planned, token) {
      const jwk = await jose.exportJWK(planned.jwk === "private" ? shown.privateKey : shown.publicKey);
      const claims = { htm: planned.htm ?? plan.method, htu: planned.htu ?? plan.uri, nonce: planned.nonce, ...planned.more };
      if (token !== undefined) {
        claims.ath = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(token))).toString("base64url");
      }
      const builder = new jose.SignJWT(claims)
        .setProtectedHeader({ typ: planned.typ ?? "dpop+jwt", alg: algorithm, jwk })
        .setIssuedAt(plan.now - (planned.age ?? 0));
      if (planned.jti !== "absent") {
        builder.setJti(realUuid());
      }
      return builder.sign(signer.privateKey);
    },
  },
  dpop: {
    // What generateProof() has no argument for, by the name of the member.
    cannot: ({ typ, jwk }) => typ !== undefined || jwk === "private",
    pair: (algorithm) => dpop.generateKeyPair(algorithm),
    thumbprint: (pair) => dpop.calculateThumbprint(pair.publicKey),
    async prove(algorithm, { privateKey }, { publicKey }, planned, token) {
      // It takes time and jti from the platform.
      Date.now = () => (plan.now - (planned.age ?? 0)) * 1000;
      crypto.randomUUID = () => (planned.jti === "absent" ? undefined : realUuid());
      try {
        const { htu = plan.uri, htm = plan.method, nonce, more } = planned;
        return await dpop.generateProof({ privateKey, publicKey }, htu, htm, nonce, token, more);
      } finally {
        Date.now = realNow;
        crypto.randomUUID = realUuid;
      }
    },
  },
};

function accessToken(claims) {
  return new jose.SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt" }).sign(issuer.privateKey);
}

for (const [library, maker] of Object.entries(makers)) {
  for (const algorithm of plan.libraries[library]) {
    const own = await maker.pair(algorithm);
    const other = await maker.pair(algorithm);
    const cnf = { jkt: await maker.thumbprint(own) };
    for (const planned of plan.proofs.filter((planned) => !maker.cannot?.(planned))) {
      const id = `${library} ${algorithm} ${planned.name}`;
      if (wantsExpectations) {
        console.log(JSON.stringify({ id, expect: planned.expect }));
        continue;
      }
      const token = await accessToken(planned.bound === false ? plan.claims : { ...plan.claims, cnf });
      const proved = { absent: undefined, other: "another.access.token" };
      const signer = planned.signer === "other" ? other : own;
      const shown = planned.jwk === "other" ? other : own;
      const proof = await maker.prove(algorithm, signer, shown, planned, planned.ath ? proved[planned.ath] : token);
      const evidence = { dpop: proof, scheme: planned.scheme, method: plan.method, uri: plan.uri, nonce: planned.asked };
      console.log(JSON.stringify({ id, token, now: plan.now, keys, policy: plan.policy, evidence }));
    }
  }
}
