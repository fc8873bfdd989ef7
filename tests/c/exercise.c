/* Every function of the C ABI, with good arguments and with bad ones. Checks itself; for the sanitizers and for Valgrind.
 *
 * One idea a file, in exercise/; this is the order. */
#include "exercise/about.h"
#include "exercise/caches.h"
#include "exercise/carrier.h"
#include "exercise/digests.h"
#include "exercise/envelopes.h"
#include "exercise/keys.h"
#include "exercise/minting.h"
#include "exercise/possession.h"
#include "exercise/replays.h"
#include "exercise/revocations.h"
#include "exercise/rights.h"
#include "exercise/rotating.h"
#include "exercise/risks.h"
#include "exercise/signers.h"
#include "exercise/sketches.h"
#include "exercise/statuses.h"
#include "exercise/tampering.h"
#include "exercise/throttles.h"
#include "exercise/verifiers.h"
#include "exercise/verifying.h"

/* Signers, verifiers, minting, verifying, tampering with one algorithm. */
static void round_of(int32_t alg) {
    struct round round;
    begin(&round, alg);
    signers(&round);
    verifiers(&round);
    minting(&round);
    verifying(&round);
    tampering(&round);
    end(&round);
}

int main(void) {
    static const int32_t algs[4] = {CMK_HS256, CMK_HS384, CMK_HS512, CMK_ES256};
    size_t at;
    about();
    keys();
    digests();
    carrier();
    possession();
    sketches();
    replays();
    revocations();
    statuses();
    throttles();
    rotating();
    rights();
    risks();
    sessions();
    caches();
    envelopes();
    other_keys();
    for (at = 0; at < 4; at++) {
        round_of(algs[at]);
    }
    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
