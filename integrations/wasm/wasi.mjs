// Runs the core's program for cases, built for wasm32-wasip1, in Node: `node wasi.mjs PROGRAM.wasm < cases.jsonl`. It is given standard
// input and output, and nothing else: no directory, no environment, no arguments.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: ["cases"], env: {}, preopens: {}, returnOnExit: true });
const module = await WebAssembly.compile(await readFile(process.argv[2]));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport }));
