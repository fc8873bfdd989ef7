"""The verdict table and malformed requests once more, with a module that AddressSanitizer and UBSan watch."""

import lab
import malformed
import verdicts


def findings(name, server):
    lab.check(
        f"{name}: nothing found by AddressSanitizer and UBSan",
        not server.findings and "runtime error" not in server.last_log,
        (server.findings or [server.last_log[-500:]])[0][:1500],
    )


if __name__ == "__main__":
    findings("verdicts", verdicts.run(workers=2))
    findings("malformed", malformed.run(20000, workers=2, level="crit"))
    lab.finish()
