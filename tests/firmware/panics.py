#!/usr/bin/env python3
"""Which functions of a linked image call a panic, and whether a cmk_ function reaches them.

Usage: panics.py OBJDUMP NAME IMAGE ALLOWED. Every call of a panic must stand in ALLOWED with its reason; a line of ALLOWED
that names this image and is no longer needed fails as well. Calls are read from the disassembly: what the linker kept.
"""

import re
import subprocess
import sys

# Everything that ends in the panic handler, by its demangled name.
PANIC = re.compile(r"^(core::panicking::|core::(option|result|cell|str|slice|char|num|unicode|array|alloc|ops|fmt)\S*(_fail(ed)?|_fail_\w+|panic\w*)\b|.*\bpanic_|.*unwrap_failed|.*expect_failed|.*::fail\b|.*begin_unwind|.*rust_panic|.*slice_\w+_fail)")
HEAD = re.compile(r"^[0-9a-f]+ <(.+)>:$")
TARGET = re.compile(r"<([^>]+?)(?:\+0x[0-9a-f]+)?>")


def graph(objdump, image):
    """Function -> functions that it calls, jumps to or takes the address of; demangled."""
    command = f"{objdump} -d --no-show-raw-insn {image} | rustfilt"
    listing = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=True).stdout
    calls, current = {}, None
    for line in listing.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.+)>:$", line)
        if head:
            current = head[1]
            calls.setdefault(current, set())
        elif current and (found := re.search(r"\s<(.+)>(?:\s*@.*)?$", line)):
            name = re.sub(r"\+0x[0-9a-f]+$", "", found[1]).removesuffix("@plt")
            if name != current:
                calls[current].add(name)
    return calls


def reached(calls, roots):
    seen, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += calls.get(name, ())
    return seen


def allowed(path, image):
    """Lines: IMAGE | CALLER | PANIC | REASON. An IMAGE is a name, or several with commas."""
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            images, caller, panic, reason = (part.strip() for part in line.split("|"))
            if not reason:
                sys.exit(f"no reason: {line}")
            if image in images.split(","):
                yield caller, panic


def main():
    objdump, name, image, list_path = sys.argv[1:]
    calls = graph(objdump, image)
    roots = sorted(function for function in calls if function.startswith("cmk_"))
    if len(roots) < 20:
        sys.exit(f"{name}: only {len(roots)} cmk_ functions in the image")
    panics = {function for function in set(calls).union(*calls.values()) if PANIC.match(function)}
    live = reached(calls, roots)
    # A panic that calls another is the business of whoever calls the first.
    found = {(caller, panic) for caller, callees in calls.items() if caller not in panics for panic in callees & panics}
    # Rust decides what a caller is called: only the path counts, not the types behind it.
    listed = set(allowed(list_path, name))
    new, stale = sorted(found - listed), sorted(listed - found)
    for caller, panic in sorted(found & listed):
        print(f"        {name}: known: {caller} -> {panic}{'' if caller in live else ' (only through a pointer)'}")
    for caller, panic in new:
        print(f"FAILED  {name}: new: {caller} -> {panic}")
    for caller, panic in stale:
        print(f"FAILED  {name}: no longer there, take it off the list: {caller} -> {panic}")
    if not new and not stale:
        print(f"ok      {name}: {len(roots)} cmk_ functions, {len(found)} calls of a panic, all of them on the list")


main()
