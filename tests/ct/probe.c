/* The tools that the C ABI does not expose, and the leaky twins. Linked with the probe's archive, run under memcheck. */
#include "secret.h"

int32_t probe_base64url_decode(const uint8_t *text, size_t len, uint8_t *out, size_t room);
void probe_hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len, uint8_t *mac);
int32_t probe_leaky_holds(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len, const uint8_t *mac);
void probe_leaky_values(const uint8_t *text, size_t len, const uint8_t *table, uint8_t *out);

static const uint8_t message[] = "the signing input of a token, longer than one block of the hash function by a little";
static uint8_t key[32];
static uint8_t mac[32];
static uint8_t text[107]; /* three whole blocks of 32 characters and a tail */
static uint8_t out[107];

static void fill(uint8_t *bytes, size_t len) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t at;
    for (at = 0; at < len; at++) {
        bytes[at] = (uint8_t)alphabet[at * 7 % 64];
    }
}

static void decode(size_t len, int spoil, int32_t wanted) {
    fill(text, len);
    text[len - 1] = 'A';
    if (spoil) {
        text[len / 2] = '+';
    }
    secret(text, len);
    expect(probe_base64url_decode(text, len, out, sizeof out), wanted, "probe_base64url_decode");
}
static void base64url_block(void) { decode(32, 0, 24); }
static void base64url_tail(void) { decode(43, 0, 32); }
static void base64url_blocks(void) { decode(107, 0, 80); }
static void base64url_refused(void) { decode(107, 1, -1); }

static void hmac_sha256(void) {
    fill(key, sizeof key);
    secret(key, sizeof key);
    probe_hmac_sha256(key, sizeof key, message, sizeof message, mac);
}

static void leaky_holds(void) {
    fill(key, sizeof key);
    probe_hmac_sha256(key, sizeof key, message, sizeof message, mac);
    secret(key, sizeof key);
    expect(probe_leaky_holds(key, sizeof key, message, sizeof message, mac), 1, "probe_leaky_holds");
}

static void leaky_values(void) {
    static uint8_t table[256];
    fill(text, 43);
    secret(text, 43);
    probe_leaky_values(text, 43, table, out);
}

static const test_case cases[] = {
    {"base64url_block", base64url_block},     {"base64url_tail", base64url_tail}, {"base64url_blocks", base64url_blocks},
    {"base64url_refused", base64url_refused}, {"hmac_sha256", hmac_sha256},       {"leaky_holds", leaky_holds},
    {"leaky_values", leaky_values},
};

int main(int argc, char **argv) {
    return run_case(cases, sizeof cases / sizeof cases[0], argc, argv);
}
