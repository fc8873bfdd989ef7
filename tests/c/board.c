/* The board of examples/hosts/bare.c, on Linux without a C library: what it reads is in `lines`, what it does goes to the
 * standard output. */
#include "../firmware/memory.c"

static size_t length(const char *text) {
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return len;
}

#if defined(__x86_64__)
static void call(long number, long a, long b, long c) {
    __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
}
#define WRITE 1
#define EXIT 60
#define ALIGNED __attribute__((force_align_arg_pointer)) /* the kernel does not call, so the stack is off by a call */
#else /* AArch64 */
static void call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
}
#define WRITE 64
#define EXIT 93
#define ALIGNED
#endif

static void put(const char *text, size_t bytes) {
    call(WRITE, 1, (long)text, (long)bytes);
}

size_t board_read(uint8_t *to, size_t bytes) {
    static size_t next;
    const char *text = lines[next];
    size_t len = text == NULL ? 0 : length(text);
    len = len < bytes ? len : bytes;
    memcpy(to, text, len);
    next++;
    return len;
}

int64_t board_seconds(void) {
    return NOW;
}

void board_open(const uint8_t *who, size_t bytes) {
    put("open: ", 6);
    put((const char *)who, bytes);
    put("\n", 1);
}

void board_log(const char *name, const char *sentence) {
    put(name, length(name));
    put(": ", 2);
    put(sentence, length(sentence));
    put("\n", 1);
}

void start(void);
ALIGNED void start(void) {
    call(EXIT, run(), 0, 0);
    for (;;) {
    }
}
