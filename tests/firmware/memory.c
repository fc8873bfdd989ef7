/* What every freestanding C compiler asks for (C11 4, GCC's manual 2.1). */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t count) {
    unsigned char *write = to;
    const unsigned char *read = from;
    while (count-- > 0) {
        *write++ = *read++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    unsigned char *write = to;
    const unsigned char *read = from;
    if (write <= read) {
        return memcpy(to, from, count);
    }
    while (count-- > 0) {
        write[count] = read[count];
    }
    return to;
}

void *memset(void *to, int value, size_t count) {
    unsigned char *write = to;
    while (count-- > 0) {
        *write++ = (unsigned char)value;
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t count) {
    const unsigned char *a = left, *b = right;
    for (; count > 0; count--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}
