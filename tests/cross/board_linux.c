/* The same programs under Linux, on the host or in qemu-user. */
#include "../firmware/board.h"

#include <stdio.h>
#include <stdlib.h>

void board_text(const char *text) {
    fputs(text, stdout);
}

void board_exit(int status) {
    exit(status);
}

uint64_t board_instructions(void) {
    return 0;
}
