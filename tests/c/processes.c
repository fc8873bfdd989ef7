/* A key set in memory that processes share: one process writes it, others have it read-only and verify all the while. The
 * set is replaced under them by a new one in a second region. Bounded by alarm(). Checks itself. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, usleep */
#endif
#include "countermark.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 4
#define ROUNDS 200   /* of each child under each set */
#define SECONDS 60   /* the most that any of them may take */
#define REGION 4096  /* bytes; protection is by pages */
#define NOW 1700000000

struct control {
    atomic_int current;           /* which region is in force */
    atomic_int rounds[CHILDREN];  /* under the first set */
};

static struct control *control;
static void *regions[2];
static const char *const kids[2] = {"old", "new"};
static const char *const secrets[2] = {"the old secret of thirty-two bytes", "the new secret of thirty-two bytes"};
static char texts[2][512];
static cmk_bytes tokens[2];

static void *shared(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int minted(int at) {
    static uint8_t scratch[1024];
    cmk_signer signer;
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    int32_t status = cmk_signer_of_secret(&signer, CMK_HS256, cmk_text(kids[at]), cmk_text(secrets[at]));
    if (status == CMK_OK) {
        status = cmk_issue(&signer, &mint, scratch, sizeof scratch, texts[at], sizeof texts[at], &tokens[at]);
    }
    cmk_signer_wipe(&signer);
    return status == CMK_OK;
}

/* What a child makes of a token under the set that is in force. */
static int32_t judged(int set, int token) {
    static uint64_t scratch[CMK_SCRATCH_BYTES(512) / 8 + 1];
    cmk_keys keys;
    cmk_policy policy = cmk_policy_strict();
    cmk_request request = cmk_request_at(tokens[token], NOW);
    cmk_verifier verifier;
    cmk_claims claims;
    cmk_report report;
    int32_t status;
    status = cmk_keys_open(&keys, regions[set], REGION);
    if (status == CMK_OK) {
        status = cmk_verifier_init(&verifier, &keys, 1, &policy);
    }
    return status != CMK_OK ? status : cmk_verify(&verifier, &request, scratch, sizeof scratch, &claims, &report);
}

static int child(int number) {
    int rounds[2] = {0, 0};
    alarm(SECONDS);
    if (mprotect(regions[0], REGION, PROT_READ) != 0 || mprotect(regions[1], REGION, PROT_READ) != 0) {
        return 2;
    }
    while (rounds[1] < ROUNDS) {
        int set = atomic_load(&control->current);
        if (judged(set, set) != CMK_OK) {
            return 3;
        }
        /* The set that replaces the first has its key too, so that tokens in the field stay good; the first lacks the new one. */
        if (judged(set, !set) != (set == 0 ? CMK_UNKNOWN_KID : CMK_OK)) {
            return 4;
        }
        rounds[set]++;
        if (set == 0) {
            atomic_fetch_add(&control->rounds[number], 1);
        }
    }
    return rounds[0] >= ROUNDS ? 0 : 5;
}

/* It dies of writing: the others could not have written either. */
static int writer(void) {
    if (mprotect(regions[0], REGION, PROT_READ) != 0) {
        return 0;
    }
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would report this death as a finding */
    *(volatile uint64_t *)regions[0] = 0;
    return 0;
}

static int added(cmk_keys *keys, int at) {
    return cmk_keys_add_secret(keys, CMK_HS256, cmk_text(kids[at]), cmk_text(secrets[at])) == CMK_OK;
}

int main(void) {
    pid_t children[CHILDREN], last;
    cmk_keys first, second;
    uint32_t generation = 0;
    int at, status, failed = 0;
    alarm(SECONDS);
    control = (struct control *)shared(sizeof *control);
    regions[0] = shared(REGION), regions[1] = shared(REGION);
    if (control == NULL || regions[0] == NULL || regions[1] == NULL || !minted(0) || !minted(1)) {
        return 10;
    }
    if (cmk_keys_init(&first, regions[0], REGION, cmk_text(NULL)) != CMK_OK || !added(&first, 0)) {
        return 11;
    }
    for (at = 0; at < CHILDREN; at++) {
        children[at] = fork();
        if (children[at] == 0) {
            _exit(child(at));
        }
    }
    for (at = 0; at < CHILDREN; at++) {
        while (atomic_load(&control->rounds[at]) < ROUNDS && waitpid(children[at], &status, WNOHANG) == 0) {
            usleep(100);
        }
    }
    if (cmk_keys_init_after(&second, regions[1], REGION, &first) != CMK_OK || !added(&second, 0) || !added(&second, 1)) {
        return 12;
    }
    atomic_store(&control->current, 1);
    for (at = 0; at < CHILDREN; at++) {
        if (waitpid(children[at], &status, 0) != children[at] || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            failed++;
        }
    }
    last = fork();
    if (last == 0) {
        _exit(writer());
    }
    if (waitpid(last, &status, 0) != last || !WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) {
        return 13;
    }
    if (cmk_keys_generation(&second, &generation) != CMK_OK || generation != 5) {
        return 14;
    }
    printf("%d processes, %d failed\n", CHILDREN, failed);
    return failed;
}
