// Mints tokens with the field's rotating secrets as its Node.js services do, and prints them as conformance cases; with the
// argument "expect", what must become of each. The secret is computed here and nowhere else:
//
//     baseSecret + HMAC-SHA256(baseSecret, userId + '-' + floor(ms / 86400000)) in hexadecimal
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.cwd() + "/"));
const jsonwebtoken = require("jsonwebtoken");

const DAY = 86400000;
const MIDNIGHT = 19700 * DAY; // the start of a window
const wantsExpectations = process.argv[2] === "expect";
const BASE = "a base of the field, 32 bytes or more";

function dailySecret(base, userId, ms, window = DAY) {
  const number = Math.floor(ms / window);
  return base + createHmac("sha256", base).update(userId + "-" + number).digest("hex");
}

// `at`: when the issuer read its clock for the secret; `stamped`: for iat; `seen`: when the verifier judges.
function print(name, expect, { at, stamped = at, seen = at, claims, base = BASE, signer, rotating = {}, policy = {} }) {
  const payload = { userId: "alice", iat: Math.floor(stamped / 1000), exp: Math.floor(seen / 1000) + 3600, ...claims };
  const user = signer ?? payload[rotating.claim ?? "userId"];
  const token = jsonwebtoken.sign(payload, dailySecret(base, user, at, (rotating.window ?? DAY / 1000) * 1000));
  const now = Math.floor(seen / 1000);
  console.log(JSON.stringify(wantsExpectations
    ? { id: name, expect }
    : { id: name, token, now, rotating: { base, mode: "compat", claim: "userId", window: 86400, grace: 0, ...rotating }, policy }));
}

const first = MIDNIGHT, last = MIDNIGHT + DAY - 1, noon = MIDNIGHT + DAY / 2;
const grace = { grace: 1 };

// The edges of a window.
print("first millisecond", "OK", { at: first });
print("last millisecond", "OK", { at: last });
print("first millisecond, seen at the last", "OK", { at: first, seen: last });
print("last millisecond, seen in the next window", "ROTATING_WINDOW_PAST", { at: last, seen: last + 1 });
print("last millisecond, seen in the next window, grace", "OK", { at: last, seen: last + 1, rotating: grace });
print("previous window", "ROTATING_WINDOW_PAST", { at: noon - DAY, seen: noon });
print("previous window, grace", "OK", { at: noon - DAY, seen: noon, rotating: grace });
print("previous window's first millisecond, grace, seen at the last", "OK", { at: first - DAY, seen: last, rotating: grace });
print("two windows back", "ROTATING_WINDOW_PAST", { at: noon - 2 * DAY, seen: noon });
print("two windows back, grace", "ROTATING_WINDOW_PAST", { at: noon - 2 * DAY, seen: noon, rotating: grace });
print("last millisecond two windows back, grace", "ROTATING_WINDOW_PAST", { at: first - DAY - 1, seen: first, rotating: grace });

// The issuer reads its clock for the secret, then jsonwebtoken's caller reads it for iat.
print("clock read across midnight", "OK", { at: last, stamped: last + 1, seen: last + 1 });
print("clock read 1.999 s across midnight", "OK", { at: last, stamped: first + DAY + 1999, seen: first + DAY + 2000 });
print("clock read 2 s across midnight", "SIGNATURE", { at: last, stamped: first + DAY + 2000, seen: first + DAY + 2000 });
print("iat a millisecond before the secret's midnight", "SIGNATURE", { at: first + DAY, stamped: last, seen: last });

// Clocks that differ, both ways.
print("issuer 1 s ahead within the window", "ISSUED_IN_FUTURE", { at: noon + 1000, seen: noon });
print("issuer 1 s ahead within the window, leeway", "OK", { at: noon + 1000, seen: noon, policy: { leeway: 1 } });
print("issuer 1 s ahead across midnight", "ROTATING_WINDOW_AHEAD", { at: first + DAY, seen: last - 999 });
print("issuer 1 s ahead across midnight, leeway", "OK", { at: first + DAY, seen: last - 999, policy: { leeway: 1 } });
print("issuer 5 s ahead across midnight, leeway 4", "ISSUED_IN_FUTURE", { at: first + DAY + 1000, seen: last - 3999, policy: { leeway: 4 } });
print("issuer a day ahead, leeway a day", "OK", { at: noon + DAY, seen: noon, policy: { leeway: 86400 } });
print("issuer two days ahead, leeway two days", "ROTATING_WINDOW_AHEAD", { at: noon + 2 * DAY, seen: noon, policy: { leeway: 172800 } });
print("issuer 1 s behind across midnight", "ROTATING_WINDOW_PAST", { at: last - 999, seen: first + DAY, policy: { leeway: 5 } });
print("issuer 1 s behind across midnight, grace", "OK", { at: last - 999, seen: first + DAY, rotating: grace });

// Users of every kind.
const users = ["", "0", "42", "a-1", "a-1-19700", "-", "'; DROP TABLE users; --", "../../etc/passwd", "%s%n", "user@example.com", "tab\tnewline\nnul\u0000",
  "quote\"backslash\\slash/", "\u007f\u0080\u00ff", "Zoë", "用户", "😀👩‍👩‍👧", "\ufeffbom", "\u2028\u2029", "{\"userId\":\"bob\"}", "x".repeat(55), "x".repeat(56), "x".repeat(64),
  "x".repeat(4000)];
for (const [number, userId] of users.entries()) {
  print(`user ${number}`, "OK", { at: noon, claims: { userId } });
  print(`user ${number} with another's key`, "SIGNATURE", { at: noon, claims: { userId }, signer: userId + "x" });
}
for (const userId of [0, 1, 42, -7, 2 ** 31, 2 ** 53, Number.MAX_SAFE_INTEGER, 1e3]) {
  print(`number ${userId}`, "OK", { at: noon, claims: { userId } });
  print(`number ${userId} with another's key`, "SIGNATURE", { at: noon, claims: { userId }, signer: userId + 2 ** 20 });
}
for (const userId of [1.5, 2 ** 53 + 2, 1e21, -(2 ** 53) - 2, 1e-7]) {
  print(`number ${userId}`, "ROTATING_USER_TYPE", { at: noon, claims: { userId } });
}
for (const userId of [true, false, null, ["alice"], { id: "alice" }, []]) {
  print(`type ${JSON.stringify(userId)}`, "ROTATING_USER_TYPE", { at: noon, claims: { userId } });
}
print("claim missing", "ROTATING_USER_MISSING", { at: noon, claims: { userId: undefined }, signer: undefined });
print("another claim", "OK", { at: noon, claims: { userId: "bob", sub: "alice" }, rotating: { claim: "sub" } });
print("another claim with the usual one's key", "SIGNATURE", { at: noon, claims: { userId: "bob", sub: "alice" }, rotating: { claim: "sub" }, signer: "bob" });

// Bases and windows.
for (const length of [32, 63, 64, 65, 127, 128, 200, 512]) {
  print(`base of ${length}`, "OK", { at: noon, base: "b".repeat(length) });
  print(`base of ${length}, tampered user`, "SIGNATURE", { at: noon, base: "b".repeat(length), signer: "mallory" });
}
print("base of umlauts", "OK", { at: noon, base: "ü".repeat(20) });
print("base of 31", "KEY_TOO_SHORT", { at: noon, base: "b".repeat(31) });
print("base of 513", "KEY_TOO_LONG", { at: noon, base: "b".repeat(513) });
for (const window of [1, 2, 3, 60, 3600, 604800]) {
  print(`window of ${window} s`, "OK", { at: noon, rotating: { window } });
  print(`window of ${window} s, one later`, "ROTATING_WINDOW_PAST", { at: noon, seen: noon + window * 1000, rotating: { window } });
  print(`window of ${window} s, one later, grace`, "OK", { at: noon, seen: noon + window * 1000, rotating: { window, ...grace } });
}
print("window of 0 s", "ROTATING_SETTINGS", { at: noon, rotating: { window: 0 } });
print("grace of 2", "ROTATING_SETTINGS", { at: noon, rotating: { grace: 2 } });
print("claim without a name", "ROTATING_SETTINGS", { at: noon, rotating: { claim: "" } });

// The plain base is no key, and neither is a day's HMAC alone.
const payload = { userId: "alice", iat: noon / 1000, exp: noon / 1000 + 3600 };
const rotating = { base: BASE, mode: "compat", claim: "userId", window: 86400, grace: 0 };
for (const [name, key, options, expect] of [
  ["the base itself", BASE, {}, "SIGNATURE"],
  ["HS512 with the day's secret", dailySecret(BASE, "alice", noon), { algorithm: "HS512" }, "ALGORITHM_MISMATCH"],
  ["without iat", dailySecret(BASE, "alice", noon), { noTimestamp: true }, "ROTATING_TIME_MISSING"],
]) {
  const claims = options.noTimestamp ? { ...payload, iat: undefined } : payload;
  const token = jsonwebtoken.sign(JSON.parse(JSON.stringify(claims)), key, options);
  console.log(JSON.stringify(wantsExpectations ? { id: name, expect } : { id: name, token, now: noon / 1000, rotating, policy: {} }));
}
