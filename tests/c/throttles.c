/* One throttle table in memory that processes share: four of them, and others that are killed anywhere, ask for the same clients
 * while a common clock goes on. Bounded by alarm(). Checks itself. */
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
#define NEW 5000 /* clients who ask at one instant */
#define BURST 3
#define MS 10000 /* that the clock goes on, for one client */
#define ASKED 20 /* times in each, by all together */
#define BYTES CMK_THROTTLE_REGION_BYTES(2 * NEW)
#define SECONDS 60 /* the most that any of them may take */
#define NOW INT64_C(1700000000000)

struct control {
    atomic_int ready;         /* children at the start */
    atomic_int at;            /* how far the first child is */
    atomic_int admitted[NEW]; /* of each new client */
    atomic_int clock;         /* requests for the one client */
    atomic_int rate;          /* and how many were admitted */
};

static struct control *control;
static void *region;

static void *shared(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int32_t asked(const cmk_throttle *throttle, int number, uint32_t requests, uint32_t burst, int64_t now) {
    uint32_t retry_after;
    cmk_charge charge = cmk_charge_of_name(cmk_text("GET /"), cmk_bytes_of(&number, sizeof number), requests, 1, burst);
    return cmk_throttle_admit(throttle, &charge, 1, now, &retry_after);
}

/* Asks for every new client, in one order, so that all meet at the same ones; then for one until the clock has gone on. */
static int child(int from, int is_killed) {
    cmk_throttle throttle;
    int number, again;
    alarm(SECONDS);
    if (cmk_throttle_attach(&throttle, region, BYTES, cmk_text("what all processes know"), 0) != CMK_OK) {
        return 2;
    }
    if (!is_killed) {
        atomic_fetch_add(&control->ready, 1);
        while (atomic_load(&control->ready) < CHILDREN) {
        }
    }
    for (number = from; number < NEW; number++) {
        for (again = 0; again < 2; again++) {
            int32_t status = asked(&throttle, number, 1, BURST, NOW);
            if (status == CMK_OK) {
                atomic_fetch_add(&control->admitted[number], 1);
            } else if (status != CMK_RATE_LIMITED) {
                return 3;
            }
        }
        atomic_store(&control->at, number);
    }
    while (!is_killed) {
        int at = atomic_fetch_add(&control->clock, 1) / ASKED;
        if (at > MS) {
            return 0;
        }
        atomic_fetch_add(&control->rate, asked(&throttle, -1, 100, 5, NOW + at) == CMK_OK);
    }
    return 0;
}

int main(void) {
    pid_t children[CHILDREN];
    int number, at, status, failed = 0, over = 0, under = 0, rate;
    alarm(SECONDS);
    control = (struct control *)shared(sizeof *control);
    region = shared(BYTES);
    if (control == NULL || region == NULL || !cmk_table_shareable()) {
        return 10;
    }
    /* Nobody begins the table: the mapping is all zero. */
    for (at = 0; at < CHILDREN; at++) {
        children[at] = fork();
        if (children[at] == 0) {
            _exit(child(0, 0));
        }
    }
    for (at = 0; at < KILLED; at++) {
        pid_t victim = fork();
        if (victim == 0) {
            _exit(child(atomic_load(&control->at), 1));
        }
        usleep(200 + 150 * (useconds_t)at);
        kill(victim, SIGKILL);
        if (waitpid(victim, &status, 0) != victim) {
            return 11;
        }
    }
    for (at = 0; at < CHILDREN; at++) {
        if (waitpid(children[at], &status, 0) != children[at] || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            failed++;
        }
    }
    /* Each that was killed may have been admitted without saying so. */
    for (number = 0; number < NEW; number++) {
        int admitted = atomic_load(&control->admitted[number]);
        over += admitted > BURST;
        under += admitted < BURST ? BURST - admitted : 0;
    }
    rate = atomic_load(&control->rate);
    printf("%d processes, %d failed; %d killed, %d not counted; %d above a burst; %d of %d\n", CHILDREN, failed, KILLED, under, over,
           rate, MS / 10 + 5);
    return failed == 0 && over == 0 && under <= KILLED && rate <= MS / 10 + 6 && rate >= MS / 10 ? 0 : 12;
}
