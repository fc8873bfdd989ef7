// Countermark as a WebAssembly module: the classes of ../node/binding.mjs without a library of the machine's, for Node, Deno, browsers and
// workers at the edge. Beside this file lie binding.mjs and countermark.wasm (see README.md); nothing else is needed.
//
// The module imports nothing. Its memory grows; behind __heap_base it is this file's, in pieces of powers of two that are used again.

import { bind } from "./binding.mjs";

const url = new URL("./countermark.wasm", import.meta.url);
const bytes = url.protocol === "file:" ? await (await import("node:fs/promises")).readFile(url) : await (await fetch(url)).arrayBuffer();
const { exports: library } = (await WebAssembly.instantiate(bytes)).instance;
const { memory } = library;
// Node 18 has it in a module only.
const webcrypto = globalThis.crypto ?? (await import("node:crypto")).webcrypto;
const PAGE = 65_536;

// Behind what the module has: first the places of what C passes by value, at most three in one call, then free memory.
const BYTES = 8;
const values = Math.ceil(library.__heap_base.value / 16) * 16;
let end = values + 3 * BYTES + 8;
const free = new Map();

/** The address of a piece of so many bytes, a power of two. Whoever had it before left zeros. */
function piece(size) {
    const used = free.get(size)?.pop();
    if (used !== undefined) return used;
    const address = end;
    const missing = Math.ceil((address + size - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing); // a RangeError where there is no more
    end += size;
    return address;
}

/** A C string of the module's own. */
function text(address) {
    const rest = new Uint8Array(memory.buffer, address);
    return new TextDecoder().decode(rest.subarray(0, rest.indexOf(0)));
}

const machine = {
    pointerBytes: 4,

    functions(declarations) {
        return Object.fromEntries(declarations.trim().split("\n").map((line) => {
            const [, result, name, takes] = /^ *(\w) cmk_(\w+)\((.*)\)$/.exec(line);
            const kinds = takes.split(", ").filter(Boolean), call = library[`cmk_${name}`];
            return [name, (...given) => {
                let place = values;
                const found = call(...given.map((value, position) => {
                    if (kinds[position] === "q") return BigInt(value);
                    if (kinds[position] !== "b") return value;
                    // What C passes by value WebAssembly passes by its address.
                    new Uint32Array(memory.buffer, place, 2).set([value.ptr, value.len]);
                    place += BYTES;
                    return place - BYTES;
                }));
                return result === "s" ? text(found) : result === "z" ? found >>> 0 : found;
            }];
        }));
    },

    alloc(length) {
        const size = 2 ** Math.ceil(Math.log2(length)), address = piece(size);
        return {
            address,
            // Anew each time: memory that has grown lies elsewhere.
            bytes: () => new Uint8Array(memory.buffer, address, length),
            free: () => void (free.has(size) ? free.get(size).push(address) : free.set(size, [address])),
        };
    },

    random: (given) => webcrypto.getRandomValues(given),
};

export const { CountermarkError, Keys, Rejected, Replay, Verifier, algorithms, authorization, openEnvelope } = bind(machine);
