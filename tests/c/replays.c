/* One replay table in memory that processes share: four of them commit the same uses, while others that do the same are killed
 * anywhere. Bounded by alarm(). Checks itself. */
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
#define USES 20000 /* of each of the two parts */
#define BYTES CMK_REPLAY_REGION_BYTES(2 * USES)
#define SECONDS 60 /* the most that any of them may take */
#define NOW 1700000000

struct control {
    atomic_int at;                /* how far the first child is */
    atomic_int ready;             /* children at the start of a part */
    atomic_int accepted[2][USES]; /* how often */
};

static struct control *control;
static void *region;

static void *shared(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static cmk_use use_of(int part, int number) {
    cmk_use made;
    memset(&made, 0, sizeof made);
    made.digest[0] = (uint8_t)part;
    memcpy(made.digest + 1, &number, sizeof number);
    made.expires_at = NOW + 60;
    return made;
}

/* Commits every use of a part from `from` on, in one order: all meet at the same ones. */
static int child(int part, int from, int leads) {
    cmk_replay replay;
    int number;
    alarm(SECONDS);
    if (cmk_replay_attach(&replay, region, BYTES, cmk_text("what all processes know")) != CMK_OK) {
        return 2;
    }
    atomic_fetch_add(&control->ready, 1);
    while (part == 1 && atomic_load(&control->ready) < CHILDREN) {
    }
    for (number = from; number < USES; number++) {
        cmk_use next = use_of(part, number);
        int32_t status = cmk_replay_commit(&replay, &next, NOW);
        if (status == CMK_OK) {
            atomic_fetch_add(&control->accepted[part][number], 1);
        } else if (status != CMK_REPLAYED) {
            return 3;
        }
        if (cmk_replay_check(&replay, &next, NOW) != CMK_REPLAYED) {
            return 4;
        }
        if (leads) {
            atomic_store(&control->at, number);
        }
    }
    return 0;
}

static int failures_of(pid_t *children) {
    int at, status, failed = 0;
    for (at = 0; at < CHILDREN; at++) {
        if (waitpid(children[at], &status, 0) != children[at] || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            failed++;
        }
    }
    return failed;
}

static void started(pid_t *children, int part) {
    int at;
    atomic_store(&control->ready, 0);
    for (at = 0; at < CHILDREN; at++) {
        children[at] = fork();
        if (children[at] == 0) {
            _exit(child(part, 0, at == 0));
        }
    }
}

int main(void) {
    pid_t children[CHILDREN];
    cmk_replay replay;
    cmk_replay_counts counts;
    int part, number, at, status, failed, lost = 0, twice = 0;
    alarm(SECONDS);
    control = (struct control *)shared(sizeof *control);
    region = shared(BYTES);
    if (control == NULL || region == NULL || !cmk_table_shareable()) {
        return 10;
    }
    /* Nobody begins the table: the mapping is all zero. The first part is disturbed, the second is not. */
    started(children, 0);
    for (at = 0; at < KILLED; at++) {
        pid_t victim = fork();
        if (victim == 0) {
            _exit(child(0, atomic_load(&control->at), 0));
        }
        usleep(200 + 150 * (useconds_t)at);
        kill(victim, SIGKILL);
        if (waitpid(victim, &status, 0) != victim) {
            return 11;
        }
    }
    failed = failures_of(children);
    started(children, 1);
    failed += failures_of(children);
    for (part = 0; part < 2; part++) {
        for (number = 0; number < USES; number++) {
            int accepted = atomic_load(&control->accepted[part][number]);
            twice += accepted > 1;
            lost += accepted == 0;
            if (accepted == 0 && part == 1) {
                return 12;
            }
        }
    }
    /* Each that was killed may have been at a use of its own, which is then used up: accepted by it, or by nobody. */
    if (lost > KILLED || twice > 0) {
        printf("%d lost, %d twice\n", lost, twice);
        return 13;
    }
    if (cmk_replay_attach(&replay, region, BYTES, cmk_text("what all processes know")) != CMK_OK) {
        return 14;
    }
    if (cmk_replay_statistics(&replay, NOW, &counts) != CMK_OK || counts.full != 0) {
        return 15;
    }
    /* Pending or withdrawn entries of those killed are live too, until they expire. */
    if (counts.live < 2 * USES - KILLED || counts.live > 2 * USES + KILLED) {
        return 16;
    }
    if (cmk_replay_attach(&replay, region, BYTES, cmk_text("what nobody else knows")) != CMK_TABLE_MISMATCH) {
        return 17;
    }
    printf("%d processes, %d failed; %d killed, %d uses with them\n", CHILDREN, failed, KILLED, lost);
    return failed;
}
