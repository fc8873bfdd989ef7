/* Verifications that differ in a secret comparison only, between two marks that the trace of instructions shows. */
#include "verifiers.h"

/* Out of line, and never merged: constant_time.py looks for their addresses. */
__attribute__((noinline)) void mark_start(void);
__attribute__((noinline)) void mark_end(void);
void mark_start(void) {
    __asm__ volatile("nop");
}
void mark_end(void) {
    __asm__ volatile("nop\n nop");
}

static int is_listed(const char *name) {
    static const char *const starts[] = {"HS256 good", "HS256 first", "HS256 middle", "HS256 last", "HS384 good", "HS384 first",
        "HS384 middle", "HS384 last", "HS512 good", "HS512 first", "HS512 middle", "HS512 last", "fingerprint"};
    for (size_t at = 0; at < sizeof starts / sizeof *starts; at++) {
        size_t same = 0;
        while (starts[at][same] != '\0' && starts[at][same] == name[same]) {
            same++;
        }
        if (starts[at][same] == '\0') {
            return 1;
        }
    }
    return 0;
}

/* What a compiler could make of a comparison: it leaves at the first difference. The check must catch it. */
static int leaky_equal(const char *left, const char *right) {
    for (size_t at = 0; left[at] != '\0'; at++) {
        if (left[at] != right[at]) {
            return 0;
        }
    }
    return 1;
}

/* The timer's count beside the name: the trace must come to the same but for a constant. */
static void done(const char *name, uint64_t instructions) {
    board_text(name);
    board_text(": ");
    board_number(instructions);
    board_text("\n");
}

int main(void) {
    (void)board_instructions();
    make_plain();
    make_bound();
    /* Nothing that is compared may lie at another address or have another length: every token is judged from one place. */
    static char token[TOKEN_BYTES_MAX];
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        if (!is_listed(cases[at].name)) {
            continue;
        }
        size_t length = 0;
        do {
            token[length] = cases[at].token[length];
        } while (token[length++] != '\0');
        const uint64_t before = board_instructions();
        mark_start();
        const int32_t status = judge(verifier_for(cases[at].is_bound), token);
        mark_end();
        const uint64_t after = board_instructions();
        board_text(status == cases[at].status ? "" : "wrong verdict: ");
        done(cases[at].name, after - before);
    }
    static const char other[][8] = {"leaky a", "xeaky a", "lexky a", "leaky x"};
    static const char *const names[] = {"leaky good", "leaky first", "leaky middle", "leaky last"};
    for (size_t at = 0; at < 4; at++) {
        const uint64_t before = board_instructions();
        mark_start();
        volatile int is_equal = leaky_equal(other[0], other[at]);
        mark_end();
        const uint64_t after = board_instructions();
        (void)is_equal;
        done(names[at], after - before);
    }
    return 0;
}
