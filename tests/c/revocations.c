/* One table of revocations in memory that processes share: four of them revoke and look up the same names, while others that do the
 * same are killed anywhere. Bounded by alarm(). Checks itself. */
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
#define KILLED 20
#define NAMES 20000
#define BYTES CMK_REVOCATION_REGION_BYTES(2 * NAMES)
#define SECONDS 60 /* the most that any of them may take */
#define NOW 1700000000

static atomic_int *at; /* how far the first child is */
static void *region;

static void *shared(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int32_t attach(cmk_revocation *view) {
    return cmk_revocation_attach(view, region, BYTES, cmk_text("what all processes know"), 3600, 0);
}

/* Whether the name of this number is revoked as a token and, for tokens issued before `moment`, as a subject. */
static int found(const cmk_revocation *view, const char *name, int64_t moment) {
    cmk_revocable token;
    memset(&token, 0, sizeof token);
    token.issued_at = moment - 1;
    token.token_id = cmk_text(name);
    if (cmk_revocation_check(view, &token, NOW) != CMK_REVOKED) {
        return 0;
    }
    token.token_id = cmk_text(NULL);
    token.subject = cmk_text(name);
    return cmk_revocation_check(view, &token, NOW) == CMK_REVOKED;
}

/* Revokes every name from `from` on, in one order: all meet at the same ones, each with a time of its own. */
static int child(int own, int from) {
    cmk_revocation view;
    int number;
    char name[16];
    alarm(SECONDS);
    if (attach(&view) != CMK_OK) {
        return 2;
    }
    for (number = from; number < NAMES; number++) {
        snprintf(name, sizeof name, "%d", number);
        if (cmk_revoke_token(&view, cmk_text(NULL), cmk_text(name), NOW + 60 + own, NOW) != CMK_OK ||
            cmk_revoke_subject(&view, cmk_text(NULL), cmk_text(name), NOW + own, NOW) != CMK_OK) {
            return 3;
        }
        if (!found(&view, name, NOW + own)) {
            return 4;
        }
        if (own == 0) {
            atomic_store(at, number);
        }
    }
    return 0;
}

int main(void) {
    pid_t children[CHILDREN];
    cmk_revocation view;
    cmk_revocation_counts counts;
    char name[16];
    int own, number, status, failed = 0;
    alarm(SECONDS);
    at = (atomic_int *)shared(sizeof *at);
    region = shared(BYTES);
    if (at == NULL || region == NULL || !cmk_table_shareable()) {
        return 10;
    }
    for (own = 0; own < CHILDREN; own++) {
        children[own] = fork();
        if (children[own] == 0) {
            _exit(child(own, 0));
        }
    }
    for (own = 0; own < KILLED; own++) {
        pid_t victim = fork();
        if (victim == 0) {
            _exit(child(1, atomic_load(at)));
        }
        usleep(200 + 150 * (useconds_t)own);
        kill(victim, SIGKILL);
        if (waitpid(victim, &status, 0) != victim) {
            return 11;
        }
    }
    for (own = 0; own < CHILDREN; own++) {
        if (waitpid(children[own], &status, 0) != children[own] || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            printf("status %d\n", status);
            failed++;
        }
    }
    if (attach(&view) != CMK_OK || cmk_revocation_statistics(&view, NOW, &counts) != CMK_OK || counts.full != 0) {
        return 12;
    }
    for (number = 0; number < NAMES; number++) {
        snprintf(name, sizeof name, "%d", number);
        if (!found(&view, name, NOW + CHILDREN - 1)) {
            return 13;
        }
    }
    /* Two writers of one name may take two places. */
    if (counts.live < 2 * NAMES) {
        return 14;
    }
    printf("%d processes, %d failed; %d killed, %d names in more than one place\n", CHILDREN, failed, KILLED,
           (int)(counts.live - 2 * NAMES));
    return failed;
}
