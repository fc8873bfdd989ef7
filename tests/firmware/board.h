/* What the programs here need of the machine they run on. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void board_text(const char *text);
_Noreturn void board_exit(int status);

/* Instructions since the start, exact but for a constant; 0 where the machine does not count. */
uint64_t board_instructions(void);

int main(void);

static inline void board_number(uint64_t number) {
    char digits[21];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    board_text(at);
}

#endif
