/* Checks that are counted, and memory on the heap that is exactly as large as it is said to be: a byte too far is seen. */
#ifndef EXERCISE_CHECK_H
#define EXERCISE_CHECK_H
#include "countermark.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1700000000
static int checks;
static int failures;

#define CHECK(condition)                                              \
    do {                                                              \
        checks++;                                                     \
        if (!(condition)) {                                           \
            failures++;                                               \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
        }                                                             \
    } while (0)

/* A call must give this status. */
#define GIVES(call, wanted)                                                                       \
    do {                                                                                          \
        int32_t given_ = (call);                                                                  \
        checks++;                                                                                 \
        if (given_ != (wanted)) {                                                                 \
            failures++;                                                                           \
            printf("%s:%d: %s gives %s\n", __FILE__, __LINE__, #call, cmk_status_name(given_));   \
        }                                                                                         \
    } while (0)

static const cmk_bytes none = {NULL, 0};
static const char secret[] = "a secret of at least thirty-two bytes, longer still for HS512: sixty-four";

/* A copy on the heap, without a NUL: reading behind it is an error that the tools see. */
static cmk_bytes tight(const char *text) {
    size_t len = strlen(text);
    uint8_t *copy = (uint8_t *)malloc(len == 0 ? 1 : len);
    if (copy == NULL) {
        exit(2);
    }
    memcpy(copy, text, len);
    return cmk_bytes_of(copy, len);
}

static void drop(cmk_bytes bytes) {
    free((void *)(uintptr_t)bytes.ptr);
}

static void *room(size_t bytes) {
    void *memory = malloc(bytes == 0 ? 1 : bytes);
    if (memory == NULL) {
        exit(2);
    }
    memset(memory, 0xa5, bytes == 0 ? 1 : bytes);
    return memory;
}

static int is_zero(const void *memory, size_t bytes) {
    const uint8_t *at = (const uint8_t *)memory;
    size_t sum = 0;
    while (bytes-- > 0) {
        sum |= at[bytes];
    }
    return sum == 0;
}

static int is_text(cmk_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

#endif
