// Verify JWTs and who presents them: Countermark for Node, over its C library and koffi.
//
//     const keys = Keys.jwks(jwksText, { issuer: "https://login.example" });
//     const verifier = new Verifier([keys], { issuers: ["https://login.example"], audiences: ["https://api.example"] });
//     try { verifier.verify(token).claims } catch (error) { if (!(error instanceof Rejected)) throw error; ... }
//
// The library is found as COUNTERMARK_LIBRARY says, or as the system finds libcountermark.so.1.

import { randomFillSync } from "node:crypto";
import koffi from "koffi";
import { bind } from "./binding.mjs";

if (koffi.sizeof("void *") !== 8) throw new Error("countermark: this binding is for machines of 64 bits");
koffi.struct("cmk_bytes", { ptr: "uint64_t", len: "uint64_t" });
const library = koffi.load(process.env.COUNTERMARK_LIBRARY ?? "libcountermark.so.1");
const TYPES = { a: "uint64_t", z: "uint64_t", i: "int32_t", q: "int64_t", b: "cmk_bytes", s: "const char *" };

const machine = {
    pointerBytes: 8,

    functions(declarations) {
        return Object.fromEntries(declarations.trim().split("\n").map((line) => {
            const [, result, name, takes] = /^ *(\w) cmk_(\w+)\((.*)\)$/.exec(line);
            const call = library.func(`cmk_${name}`, TYPES[result], takes.split(", ").filter(Boolean).map((one) => TYPES[one]));
            return [name, result === "z" ? (...given) => Number(call(...given)) : call];
        }));
    },

    alloc(length) {
        const pointer = koffi.alloc("uint8_t", length), bytes = new Uint8Array(koffi.view(pointer, length));
        return { address: Number(koffi.address(pointer)), bytes: () => bytes, free: () => koffi.free(pointer) };
    },

    random: (bytes) => randomFillSync(bytes),
};

export const { CountermarkError, Keys, Rejected, Replay, Verifier, algorithms, authorization, openEnvelope } = bind(machine);
