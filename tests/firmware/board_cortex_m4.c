/* The mps2-an386 board (Cortex-M4F): vector table, reset, semihosting, and a count of instructions. */
#include "board.h"

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

#ifndef SILENT
static long semihosting(long operation, const void *argument) {
    register long r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_text(const char *text) {
    semihosting(0x04, text); /* SYS_WRITE0 */
}

void board_exit(int status) {
    const long stopped[2] = {0x20026, status}; /* ADP_Stopped_ApplicationExit */
    semihosting(0x20, stopped);                /* SYS_EXIT_EXTENDED */
    for (;;) {
    }
}

/* Timer 0 of the board counts down at 25 MHz in 32 bits. QEMU's `-icount shift=10` makes an instruction last 1,024 ns,
 * which is 25.6 ticks: more than one, so the count of instructions follows exactly. */
#define TIMER ((volatile uint32_t *)0x40000000)

/* Asked at least once in 2^32 ticks, 167 million instructions, it counts on when the timer comes round. */
uint64_t board_instructions(void) {
    static int is_running;
    static uint32_t last;
    static uint64_t ticks;
    if (!is_running) {
        is_running = 1;
        TIMER[2] = UINT32_MAX; /* RELOAD */
        TIMER[1] = UINT32_MAX; /* VALUE */
        TIMER[0] = 1;          /* CTRL: enable */
    }
    const uint32_t now = UINT32_MAX - TIMER[1];
    ticks += (uint32_t)(now - last);
    last = now;
    return (ticks * 10 + 128) / 256;
}
#endif

void reset(void) {
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; /* CPACR: the floating-point unit */
    __asm__ volatile("dsb\n isb" ::: "memory");
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
#ifdef SILENT
    main();
    for (;;) {
    }
#else
    board_exit(main());
#endif
}

static void fault(void) {
#ifndef SILENT
    board_text("a fault\n");
    board_exit(3);
#endif
    for (;;) {
    }
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    (vector)stack_top, reset, fault, fault, fault, fault, fault,
};
