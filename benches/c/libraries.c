/* Whole tokens through the C ABI beside libjwt and cjose: the same tokens, in turn, in one process.
 *
 *     libraries [--quick]
 *
 * Before anything is timed each library accepts the good token and refuses every bad one. */
#include "verifiers.h"
#include <time.h>

#define LIBRARIES 4
#define UNPREPARED 1 /* for ES256 alone */
#define ROUNDS_MAX 401

static const char *const names[LIBRARIES] = {"countermark", "unprepared", "libjwt", "cjose"};
static const verify_function verify[LIBRARIES] = {countermark_verify, unprepared_verify, libjwt_verify, cjose_verify};

/* The process's own time: nothing here waits, and what other processes take does not count. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A good token, and bad ones with one flaw each. */
static void check(enum alg alg, char good[TOKEN_MAX]) {
    char bad[6][TOKEN_MAX];
    char *dot;
    int library, flaw;
    mint(good, alg, ISSUER, AUDIENCE, NOW + 300);
    strcpy(bad[0], good); /* another bit in the signature */
    dot = strrchr(bad[0], '.');
    dot[20] = dot[20] == 'A' ? 'B' : 'A';
    strcpy(bad[1], good); /* the signature cut off */
    strrchr(bad[1], '.')[21] = '\0';
    mint(bad[2], alg, ISSUER, AUDIENCE, NOW + 301); /* another payload under the same signature */
    strcpy(strrchr(bad[2], '.'), strrchr(good, '.'));
    mint(bad[3], alg, ISSUER, AUDIENCE, NOW - 300);
    mint(bad[4], alg, "https://other.example", AUDIENCE, NOW + 300);
    mint(bad[5], alg, ISSUER, "https://other.example", NOW + 300);
    for (library = 0; library < LIBRARIES; library++) {
        if (!verify[library](alg, good, strlen(good))) {
            fprintf(stderr, "%s refuses a good %s token\n", names[library], alg_names[alg]);
            exit(1);
        }
        for (flaw = 0; flaw < 6; flaw++) {
            if (verify[library](alg, bad[flaw], strlen(bad[flaw]))) {
                fprintf(stderr, "%s accepts bad %s token %d\n", names[library], alg_names[alg], flaw);
                exit(1);
            }
        }
    }
}

static double batch(int library, enum alg alg, const char *token, size_t len, long times) {
    double start = seconds();
    long at;
    int good = 1;
    for (at = 0; at < times; at++) {
        good &= verify[library](alg, token, len);
    }
    MUST(good);
    return (seconds() - start) / (double)times;
}

/* How often a library verifies the token in so many seconds. Also warms it up. */
static long calibrate(int library, enum alg alg, const char *token, size_t len, double length) {
    long times = 1;
    double each;
    while ((each = batch(library, alg, token, len, times)) * (double)times < length / 2) {
        times *= 2;
    }
    return length > each ? (long)(length / each) : 1;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

static double quantile(const double *values, int count, double part) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    return sorted[(int)((count - 1) * part + 0.5)];
}

static void measure(enum alg alg, int rounds, double length) {
    static double times[LIBRARIES][ROUNDS_MAX], ratios[ROUNDS_MAX];
    char token[TOKEN_MAX];
    long counts[LIBRARIES];
    size_t len;
    int library, round, turn;
    check(alg, token);
    len = strlen(token);
    for (library = 0; library < LIBRARIES; library++) {
        counts[library] = calibrate(library, alg, token, len, length);
    }
    for (round = 0; round < rounds; round++) {
        for (turn = 0; turn < LIBRARIES; turn++) {
            /* Each round starts with another library, so that none always follows the same one. */
            library = (round + turn) % LIBRARIES;
            times[library][round] = batch(library, alg, token, len, counts[library]);
        }
    }
    for (library = 0; library < LIBRARIES; library++) {
        if (library == UNPREPARED && alg != ES256) {
            continue;
        }
        for (round = 0; round < rounds; round++) {
            ratios[round] = times[0][round] / times[library][round];
        }
        printf("%s, %4u bytes   %-12s %8.3f %10.2f %9.2f %9.2f\n", alg_names[alg], (unsigned)len, names[library],
               quantile(ratios, rounds, 0.5), 1e6 * quantile(times[library], rounds, 0.5),
               1e6 * quantile(times[library], rounds, 0.1), 1e6 * quantile(times[library], rounds, 0.9));
    }
}

int main(int count, char **arguments) {
    int quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    int alg;
    make_keys();
    countermark_open();
    libjwt_open();
    cjose_open();
    printf("Whole tokens: signature, exp, iss, aud. Ratio: countermark's time to the library's, in the same rounds.\n");
    printf("                    %-12s %8s %10s %9s %9s\n", "", "ratio", "median us", "10% us", "90% us");
    for (alg = 0; alg < ALGS; alg++) {
        measure((enum alg)alg, quick ? 101 : 401, quick ? 0.004 : 0.008);
    }
    return 0;
}
