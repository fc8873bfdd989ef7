/* Key sets: every source of a key, good and bad, until the region is full. */
#ifndef EXERCISE_KEYS_H
#define EXERCISE_KEYS_H
#include "check.h"

static const char ec_jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                             "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                             "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";

static void keys(void) {
    static const int32_t algs[2] = {CMK_HS256, CMK_ES256};
    static const int32_t bad_algs[1] = {77};
    int32_t many_algs[CMK_LIST_MAX + 1];
    size_t bytes = CMK_KEYS_BYTES(4, 16);
    uint64_t *region = (uint64_t *)room(bytes);
    cmk_bytes issuer = tight("https://issuer.x");
    cmk_bytes set = tight("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"},"
                          "{\"kty\":\"AKP\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}");
    cmk_bytes jwk = tight(ec_jwk);
    cmk_bytes nonsense = tight("{\"kty\":");
    cmk_bytes latin = tight("\xff\xfe");
    cmk_bytes kid = tight("kid");
    cmk_bytes long_secret = tight(secret);
    cmk_keys made;
    cmk_keys opened;
    cmk_loaded loaded;
    cmk_signer signer;
    uint8_t point[65];
    uint8_t der[91] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                       0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    cmk_bytes sec1;
    size_t count;
    size_t size;

    GIVES(cmk_keys_init(NULL, region, bytes, none), CMK_NULL_POINTER);
    GIVES(cmk_keys_init(&made, NULL, bytes, none), CMK_NULL_POINTER);
    CHECK(is_zero(&made, sizeof made));
    GIVES(cmk_keys_init(&made, (uint8_t *)region + 1, bytes - 8, none), CMK_MISALIGNED);
    GIVES(cmk_keys_init(&made, region, 16, none), CMK_REGION_TOO_SMALL);
    GIVES(cmk_keys_init(&made, region, 0, none), CMK_REGION_TOO_SMALL);
    GIVES(cmk_keys_init(&made, region, bytes, latin), CMK_ARGUMENT);
    GIVES(cmk_keys_init(&made, region, bytes, cmk_bytes_of(region, 8)), CMK_OVERLAP);
    GIVES(cmk_keys_open(&opened, region, bytes), CMK_NOT_INITIALIZED);
    GIVES(cmk_keys_init(&made, region, bytes, issuer), CMK_OK);
    GIVES(cmk_keys_open(&opened, region, bytes), CMK_OK);
    GIVES(cmk_keys_open(&opened, NULL, 0), CMK_NULL_POINTER);
    GIVES(cmk_keys_open(NULL, region, bytes), CMK_NULL_POINTER);

    GIVES(cmk_keys_add_secret(&made, CMK_HS256, kid, long_secret), CMK_OK);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, kid, long_secret), CMK_KEY_ID_DUPLICATE);
    GIVES(cmk_keys_add_secret(&made, CMK_HS512, kid, cmk_bytes_of(secret, 63)), CMK_KEY_TOO_SHORT);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, none, none), CMK_KEY_TOO_SHORT);
    GIVES(cmk_keys_add_secret(&made, CMK_ES256, none, long_secret), CMK_KEY_ALGORITHM_MISMATCH);
    GIVES(cmk_keys_add_secret(&made, 99, none, long_secret), CMK_NOT_SUPPORTED);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, latin, long_secret), CMK_ARGUMENT);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, none, cmk_bytes_of(NULL, 32)), CMK_NULL_POINTER);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, none, cmk_bytes_of(secret, SIZE_MAX)), CMK_ARGUMENT);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, none, cmk_bytes_of(region, 32)), CMK_OVERLAP);
    GIVES(cmk_keys_add_secret(NULL, CMK_HS256, none, long_secret), CMK_NULL_POINTER);

    GIVES(cmk_keys_add_jwk(&made, jwk, algs, 2), CMK_OK);
    GIVES(cmk_keys_add_jwk(&made, jwk, algs, 1), CMK_KEY_ALGORITHM_UNDECIDED);
    GIVES(cmk_keys_add_jwk(&made, nonsense, algs, 2), CMK_KEY_MALFORMED);
    GIVES(cmk_keys_add_jwk(&made, none, NULL, 0), CMK_KEY_MALFORMED);
    GIVES(cmk_keys_add_jwk(&made, jwk, bad_algs, 1), CMK_NOT_SUPPORTED);
    GIVES(cmk_keys_add_jwk(&made, jwk, NULL, 1), CMK_NULL_POINTER);
    memset(many_algs, 0, sizeof many_algs);
    GIVES(cmk_keys_add_jwk(&made, jwk, many_algs, CMK_LIST_MAX + 1), CMK_TOO_MANY_ITEMS);
    GIVES(cmk_keys_add_jwks(&made, set, algs, 2, NULL), CMK_NULL_POINTER);
    GIVES(cmk_keys_add_jwks(&made, nonsense, algs, 2, &loaded), CMK_KEY_MALFORMED);
    CHECK(is_zero(&loaded, sizeof loaded));
    GIVES(cmk_keys_add_jwks(&made, set, algs, 2, &loaded), CMK_OK);
    CHECK(loaded.added == 1 && loaded.skipped == 1 && loaded.reason == CMK_KEY_TYPE_UNSUPPORTED);
    GIVES(cmk_keys_size_for(set, algs, 2, issuer, &size), CMK_OK);
    CHECK(size > CMK_KEYS_HEAD_BYTES(16) && size <= CMK_KEYS_BYTES(1, 16));
    GIVES(cmk_keys_size_for(set, algs, 2, issuer, NULL), CMK_NULL_POINTER);
    GIVES(cmk_keys_size_for(nonsense, algs, 2, issuer, &size), CMK_KEY_MALFORMED);
    CHECK(size == 0);

    GIVES(cmk_signer_of_jwk(&signer, jwk, algs, 2), CMK_OK);
    GIVES(cmk_signer_public(&signer, point, sizeof point, &sec1), CMK_OK);
    GIVES(cmk_keys_add_sec1(&made, CMK_ES256, none, sec1), CMK_OK);
    GIVES(cmk_keys_add_sec1(&made, CMK_ES256, kid, cmk_bytes_of(point, 64)), CMK_KEY_LENGTH);
    GIVES(cmk_keys_add_sec1(&made, CMK_HS256, kid, sec1), CMK_KEY_ALGORITHM_MISMATCH);
    GIVES(cmk_keys_add_sec1(&made, CMK_ES256, kid, none), CMK_KEY_POINT);
    memcpy(der + 26, point, sizeof point);
    GIVES(cmk_keys_count(&made, &count), CMK_OK);
    CHECK(count == 4);
    GIVES(cmk_keys_add_spki(&made, CMK_ES256, cmk_text("full"), cmk_bytes_of(der, sizeof der)), CMK_OK);
    GIVES(cmk_keys_add_spki(&made, CMK_ES256, none, cmk_bytes_of(der, sizeof der - 1)), CMK_KEY_DER);
    point[64] ^= 1;
    GIVES(cmk_keys_add_sec1(&made, CMK_ES256, cmk_text("off"), cmk_bytes_of(point, sizeof point)), CMK_KEY_POINT);
    while (cmk_keys_count(&made, &count) == CMK_OK && count < 64) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%u", (unsigned)count);
        if (cmk_keys_add_secret(&made, CMK_HS512, cmk_text(name), long_secret) != CMK_OK) {
            break;
        }
    }
    GIVES(cmk_keys_add_secret(&made, CMK_HS512, cmk_text("one more"), long_secret), CMK_REGION_TOO_SMALL);
    GIVES(cmk_keys_count(NULL, &count), CMK_NULL_POINTER);
    GIVES(cmk_keys_count(&made, NULL), CMK_NULL_POINTER);
    GIVES(cmk_keys_wipe(&made), CMK_OK);
    CHECK(is_zero(region, bytes));
    GIVES(cmk_keys_wipe(NULL), CMK_NULL_POINTER);
    GIVES(cmk_keys_count(&made, &count), CMK_NOT_INITIALIZED);
    GIVES(cmk_keys_add_secret(&made, CMK_HS256, none, long_secret), CMK_NOT_INITIALIZED);
    drop(issuer), drop(set), drop(jwk), drop(nonsense), drop(latin), drop(kid), drop(long_secret);
    free(region);
}

#endif
