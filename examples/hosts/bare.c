/* A door that opens for tokens: no operating system, no heap, no clock but the board's. All memory is static; the linker needs
 * memcpy, memmove, memset and memcmp, and the four functions of the board below. tests/hosts.rs is the board.
 */
#include "countermark.h"

/* ---- The board. ---- */

size_t board_read(uint8_t *line, size_t bytes); /* the value of an Authorization header; 0: switched off */
int64_t board_seconds(void);                    /* since 1970 */
void board_open(const uint8_t *who, size_t bytes);
void board_log(const char *name, const char *sentence);
int run(void);

/* ---- The door: all that a host of this library writes. ---- */

#define TOKEN_BYTES 1024

/* The issuer's key, as SEC 1 writes it. */
static const uint8_t issuer_key[65] = {
    0x04,
    0x1e, 0x18, 0x53, 0x2f, 0xd4, 0x75, 0x4c, 0x02, 0xf3, 0x04, 0x1d, 0x9c, 0x75, 0xce, 0xb3, 0x3b,
    0x83, 0xff, 0xd8, 0x1a, 0xc7, 0xce, 0x4f, 0xe8, 0x82, 0xcc, 0xb1, 0xc9, 0x8b, 0xc5, 0x89, 0x6e,
    0xa4, 0x6c, 0x31, 0x1c, 0x4e, 0x2f, 0xf4, 0x0d, 0xd9, 0x6a, 0x36, 0x53, 0xe6, 0xe4, 0x54, 0x45,
    0xd3, 0x2d, 0xfe, 0x48, 0x6e, 0xce, 0xd7, 0x5c, 0x7a, 0x90, 0xc6, 0xa1, 0x88, 0x81, 0xc0, 0xa3,
};
static uint64_t region[CMK_KEYS_BYTES_SMALL(1, 0) / 8];
static uint8_t line[TOKEN_BYTES + 8]; /* "Bearer ", a token, and one byte that makes it too long */
static uint8_t scratch[CMK_SCRATCH_BYTES(TOKEN_BYTES)];
static cmk_keys keys;
static cmk_verifier verifier;
static cmk_claims claims;
static cmk_report report;

static int32_t begin(void) {
    const cmk_bytes issuer = cmk_text("https://login.example");
    const cmk_bytes audience = cmk_text("https://door.example");
    cmk_policy policy = cmk_policy_for(&issuer, &audience);
    int32_t status;
    policy.leeway = 60;
    policy.token_bytes = TOKEN_BYTES;
    status = cmk_keys_init(&keys, region, sizeof region, cmk_none());
    if (status == CMK_OK) {
        status = cmk_keys_add_sec1(&keys, CMK_ES256, cmk_none(), cmk_bytes_of(issuer_key, sizeof issuer_key));
    }
    if (status == CMK_OK) {
        status = cmk_verifier_init(&verifier, &keys, 1, &policy);
    }
    return status;
}

static int32_t answer(size_t len) {
    cmk_credentials found;
    cmk_request request;
    cmk_bytes who;
    int32_t status = cmk_authorization(cmk_bytes_of(line, len), &found);
    if (status == CMK_OK) {
        request = cmk_request_at(found.token, board_seconds());
        status = cmk_verify(&verifier, &request, scratch, sizeof scratch, &claims, &report);
    }
    if (status == CMK_OK) {
        status = cmk_claims_text(&claims, cmk_text("sub"), NULL, 0, &who);
    }
    if (status == CMK_OK) {
        board_open(who.ptr, who.len);
    }
    cmk_wipe(scratch, sizeof scratch); /* the claims are somebody's; nothing of them stays */
    return status;
}

int run(void) {
    size_t len;
    int32_t status = begin();
    if (status != CMK_OK) {
        board_log(cmk_status_name(status), cmk_status_sentence(status));
        return 1;
    }
    while ((len = board_read(line, sizeof line)) != 0) {
        status = answer(len);
        if (status != CMK_OK) {
            board_log(cmk_status_name(status), cmk_status_sentence(status));
        }
    }
    return 0;
}
