/* How a harness tells memcheck what is secret: undefined bytes are followed through every copy and sum, and a branch on
 * one, or an address made of one, is an error. Outside Valgrind these are no-ops. */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* Cargo's standard library at opt-level 0 refers to it; nothing unwinds. */
void rust_eh_personality(void);
void rust_eh_personality(void) {}

static inline void secret(const void *bytes, size_t len) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, len);
}

/* What a function has answered is public: the verdict, a token, a public key. */
static inline void public(const void *bytes, size_t len) {
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, len);
}

/* Whether the harness itself works: a broken case must not count as a constant-time one. */
static inline void expect(int32_t status, int32_t wanted, const char *what) {
    public(&status, sizeof status);
    if (status != wanted) {
        printf("broken: %s answered %d instead of %d\n", what, (int)status, (int)wanted);
        exit(2);
    }
}

typedef struct test_case {
    const char *name;
    void (*run)(void);
} test_case;

/* Runs a case where the stack stands at the same place of a page, whatever lies above it: the environment and the
 * program's own path move it, and the compiler branches on paddings, which are secret or not by what lay there before
 * (one hit of 2,107, on another machine). */
static inline void run_placed(void (*run)(void)) {
    char above[((uintptr_t)__builtin_frame_address(0) & 4095) + 16];
    __asm__ volatile("" : : "r"(above) : "memory");
    run();
    __asm__ volatile("" : : "r"(above) : "memory");
}

/* Runs the case that the argument names; without one, prints their names. */
static inline int run_case(const test_case *cases, size_t count, int argc, char **argv) {
    size_t at;
    for (at = 0; at < count; at++) {
        if (argc < 2) {
            puts(cases[at].name);
        } else if (strcmp(argv[1], cases[at].name) == 0) {
            run_placed(cases[at].run);
            return 0;
        }
    }
    return argc < 2 ? 0 : 3;
}

#endif
