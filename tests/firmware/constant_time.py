#!/usr/bin/env python3
"""Runs the image of constant_time.c with every instruction traced, and compares what verifications executed.

Usage: constant_time.py IMAGE TRACE_FILE. Wrong MACs and digests must run the very same instructions wherever they differ. A
right one must run the same until the comparison has ended, and part from them at the verdict. A leaky twin must be caught.
"""

import re
import subprocess
import sys

# A trace line: Trace 0: host [cs_base/address/flags/cflags]. An interrupted block says so and is traced again.
STEP = re.compile(rb"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
# What may lie between the comparison's last instruction and the verdict's branch: what was compared is wiped there.
VERDICT_MAX = 700

failures = 0


def say(is_right, text):
    global failures
    failures += not is_right
    print(("ok      " if is_right else "FAILED  ") + text)


def functions(image):
    """Name, first and last address of every function."""
    command = ["arm-none-eabi-nm", "--print-size", "--defined-only", image]
    symbols = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in symbols.splitlines()]
    starts = {row[3]: (int(row[0], 16) & ~1, int(row[1], 16)) for row in rows if len(row) == 4 and row[2] in "tT"}
    return {name: range(start, start + size) for name, (start, size) in starts.items()}


def run(image, trace):
    options = subprocess.run(["qemu-system-arm", "--help"], capture_output=True, text=True, check=True).stdout
    single = ["-singlestep"] if "-singlestep" in options else ["-accel", "tcg,one-insn-per-tb=on"]
    command = ["qemu-system-arm", "-M", "mps2-an386", "-cpu", "cortex-m4", "-icount", "shift=10,sleep=off", "-display", "none"]
    command += ["-monitor", "none", "-serial", "none", "-semihosting", *single, "-d", "exec,nochain", "-D", trace, "-kernel", image]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    report = (done.stdout + done.stderr).decode()
    if done.returncode != 0 or "wrong verdict" in report:
        sys.exit(f"the image failed, exit {done.returncode}:\n{report}")
    lines = [line.split(": ") for line in report.split("\n")[:-1]]
    return [(name, int(count)) for name, count in lines]


def segments(trace, start, end):
    """The instructions' addresses between each pair of marks."""
    found, current = [], None
    with open(trace, "rb") as lines:
        for line in lines:
            step = STEP.match(line)
            if step is None:
                if line.startswith(b"Stopped execution") and current:
                    current.pop()
                continue
            address = int(step[1], 16)
            if address == start:
                current = []
            elif address == end and current is not None:
                found.append(current)
                current = None
            elif current is not None:
                current.append(address)
    return found


def first_difference(left, right):
    return next((at for at, (one, other) in enumerate(zip(left, right)) if one != other), min(len(left), len(right)))


def compare(runs, comparison):
    """Whether runs of one kind are constant in time, and why not. `comparison`: the addresses of the one that is tested."""
    good = runs[next(name for name in runs if name.split()[-1] in ("good", "fingerprint"))]
    wrong = {name: steps for name, steps in runs.items() if steps is not good}
    counts = sorted({len(steps) for steps in wrong.values()})
    if len({tuple(steps) for steps in wrong.values()}) != 1:
        return False, f"wrong ones run different instructions; counts {counts}"
    bad = next(iter(wrong.values()))
    parting = first_difference(good, bad)
    compared = last_of(bad, comparison)
    text = f"{len(wrong)} wrong ones run the same {counts[0]} instructions; the right one the first {parting} of them, "
    text += f"the comparison ending at {compared}"
    return 0 < parting - compared <= VERDICT_MAX and compared == last_of(good, comparison), text


def last_of(steps, comparison):
    return max((at for at, address in enumerate(steps) if address in comparison), default=-1)


def main():
    image, trace = sys.argv[1:]
    report = run(image, trace)
    names = [name for name, _ in report]
    known = functions(image)
    comparison = known[next(name for name in known if "countermark" in name and re.search("2ct5equal|ct.*5equal", name))]
    found = segments(trace, known["mark_start"].start, known["mark_end"].start)
    say(len(names) == len(found) > 0, f"{len(found)} traced runs for {len(names)} names")
    # The leaky twin is called from other code, with other instructions around it.
    beside = sorted({count - len(steps) for (name, count), steps in zip(report, found) if not name.startswith("leaky")})
    say(len(beside) == 1, f"the timer's counts are the trace's, but for {beside} instructions around them")
    kinds = {}
    for name, steps in zip(names, found):
        kinds.setdefault(name.split()[0], {})[name] = steps
    for kind in ("HS256", "HS384", "HS512", "fingerprint"):
        runs = {name: steps for name, steps in kinds[kind].items() if not name.endswith(("cut", "missing"))}
        say(len(runs) == 4, f"{kind}: one right, three wrong")
        is_constant, text = compare(runs, comparison)
        say(is_constant, f"{kind}: {text}")
    is_constant, text = compare(kinds["leaky"], known["main"])
    say(not is_constant, f"the leaky twin is caught: {text}")
    print("end of report")


main()
sys.exit(failures != 0)
