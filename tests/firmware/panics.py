#!/usr/bin/env python3
"""Which functions of linked images call a panic: every call must stand on a list with its reason.

Usage: panics.py LIST NAME=OBJDUMP=IMAGE... A line of the list that no image needs fails as well. Calls are read from the
disassembly, so they are what the linker kept, whether through a cmk_ function or through a pointer.
"""

import re
import subprocess
import sys

# Everything of core that ends in the panic handler, by its demangled name.
PANIC = re.compile(r"^(core::panicking::|core::.*(_fail|_failed|panic\w*)(::<.*>)?$)")


def calls(objdump, image):
    """Function -> functions that it calls or jumps to; demangled."""
    command = f"{objdump} -d --no-show-raw-insn {image} | rustfilt"
    listing = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=True).stdout
    found, current = {}, None
    for line in listing.splitlines():
        if head := re.match(r"^[0-9a-f]+ <(.+)>:$", line):
            current = head[1]
            found.setdefault(current, set())
        elif current and (target := re.search(r"\s<(.+)>(?:\s*@.*)?$", line)):
            name = re.sub(r"\+0x[0-9a-f]+$", "", target[1]).removesuffix("@plt")
            if name != current:
                found[current].add(name)
    return found


def lines(path):
    with open(path, encoding="utf-8") as text:
        for line in text:
            if line.strip() and not line.startswith("#"):
                caller, panic, reason = (part.strip() for part in line.rsplit(" | ", 2))
                if not reason:
                    sys.exit(f"no reason: {line}")
                yield line, re.compile(caller), re.compile(panic)


def main():
    known = list(lines(sys.argv[1]))
    needed, failures = set(), 0
    for argument in sys.argv[2:]:
        name, objdump, image = argument.split("=")
        graph = calls(objdump, image)
        functions = [function for function in graph if function.startswith("cmk_")]
        if len(functions) < 20:
            sys.exit(f"{name}: only {len(functions)} cmk_ functions in the image")
        # A panic that calls another is the business of whoever calls the first.
        found = [(caller, panic) for caller, to in graph.items() if not PANIC.match(caller) for panic in to if PANIC.match(panic)]
        new = []
        for caller, panic in sorted(found):
            matching = {line for line, callers, panics in known if callers.search(caller) and panics.search(panic)}
            needed |= matching
            if not matching:
                new.append((caller, panic))
        for caller, panic in new:
            print(f"        {name}: {caller} -> {panic}")
        failures += bool(new)
        print(f"{'FAILED' if new else 'ok    '}  {name}: {len(functions)} cmk_ functions, {len(found)} calls of a panic, {len(new)} not on the list")
    for line, _, _ in known:
        if line not in needed:
            failures += 1
            print(f"FAILED  no image needs this line: {line.strip()}")
    print("ok      every line of the list is needed" if failures == 0 else f"{failures} failures")


main()
