#!/usr/bin/env bash
# WebAssembly in Node: the core's program for cases under WASI; the C library as a module, under the same classes as in ../node.
. "$(dirname "$0")/../conformance/compare.sh"
need node:nodejs
targets=(wasm32-wasip1 wasm32-unknown-unknown)
# A toolchain that can fetch nothing more has no `core` for these: said, and no failure of the library.
if ! rustup target add "${targets[@]}" >"$work/log" 2>&1; then
    tail -5 "$work/log"
    echo 'SKIPPED: no target of WebAssembly can be had for this toolchain'
    exit 0
fi
check "the core's program for cases, of this machine" cargo build --quiet --example conformance
check 'the same for wasm32-wasip1' cargo build --quiet --release --target wasm32-wasip1 --example conformance
check 'the C library for wasm32-unknown-unknown' env -u COUNTERMARK_PREFIX cargo build --quiet --release --target wasm32-unknown-unknown -p countermark-lib
[ "$failed" -eq 0 ] || closing

module=$output/wasm32-unknown-unknown/release/countermark.wasm
shows() {
    node -e 'const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
        if (WebAssembly.Module.imports(module).length > 0) throw new Error("it imports");
        console.log(WebAssembly.Module.exports(module).filter((one) => one.kind === "function").map((one) => one.name).sort().join("\n"))' "$module" >"$work/shown"
    sed -n 's/.*\(cmk_[a-z0-9_]*\) CMK_JOIN.*/\1/p' include/countermark_prefix.h | sort | diff - "$work/shown"
}
check 'the module imports nothing, and exports the functions of the header and no other' shows
# As a user has it: three files in a package.
package=$work/node_modules/countermark
mkdir -p "$package"
cp integrations/wasm/{countermark.mjs,package.json} integrations/node/binding.mjs "$module" "$package"
cp integrations/node/{surface,cases}.mjs "$work"
checks node --expose-gc "$work/surface.mjs"
mkdir -p "$work/tried/target/wasm32-unknown-unknown/release"
cp "$module" "$work/tried/target/wasm32-unknown-unknown/release/"
quick_start wasm 2
echo 'the module:'
answers node "$work/cases.mjs"
echo 'under WASI:'
answers node --no-warnings integrations/wasm/wasi.mjs "$output/wasm32-wasip1/release/examples/conformance.wasm"
closing
