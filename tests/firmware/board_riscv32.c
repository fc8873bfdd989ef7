/* QEMU's `virt` machine with one RV32IMAC core: start, UART, test finisher, and the core's own count of instructions. */
#include "board.h"

void board_text(const char *text) {
    volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;
    while (*text != '\0') {
        *uart = (uint8_t)*text++;
    }
}

void board_exit(int status) {
    volatile uint32_t *const finisher = (volatile uint32_t *)0x100000;
    *finisher = status == 0 ? 0x5555 : 0x3333 | (uint32_t)status << 16;
    for (;;) {
    }
}

uint64_t board_instructions(void) {
    uint32_t low;
    __asm__ volatile("csrr %0, minstret" : "=r"(low));
    return low;
}

void fault(void);
void fault(void) {
    board_text("a fault\n");
    board_exit(3);
}

void started(void);
void started(void) {
    extern uint32_t bss_start[], bss_end[];
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    board_exit(main());
}

__asm__(".section .start, \"ax\"\n"
        ".globl start\n"
        "start:\n"
        ".option push\n"
        ".option norelax\n"
        "    la gp, __global_pointer$\n"
        ".option pop\n"
        "    la t0, fault\n"
        "    csrw mtvec, t0\n"
        "    la sp, stack_top\n"
        "    j started\n"
        ".text\n");
