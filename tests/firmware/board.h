/* What the programs here need of the machine they run on. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void board_text(const char *text);
void board_number(uint64_t number);
_Noreturn void board_exit(int status);

/* Instructions since the start, exact but for a constant; 0 where the machine does not count. */
uint64_t board_instructions(void);

int main(void);

#endif
