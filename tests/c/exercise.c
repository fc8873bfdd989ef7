/* Every function of the C ABI, with good arguments and with bad ones. Checks itself; for the sanitizers and for Valgrind.
 *
 * All memory is on the heap and exactly as large as it is said to be, so that a byte too far is seen. */
#include "countermark.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1700000000
static int checks;
static int failures;

#define CHECK(condition)                                              \
    do {                                                              \
        checks++;                                                     \
        if (!(condition)) {                                           \
            failures++;                                               \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
        }                                                             \
    } while (0)

/* A call must give this status. */
#define GIVES(call, wanted)                                                                       \
    do {                                                                                          \
        int32_t given_ = (call);                                                                  \
        checks++;                                                                                 \
        if (given_ != (wanted)) {                                                                 \
            failures++;                                                                           \
            printf("%s:%d: %s gives %s\n", __FILE__, __LINE__, #call, cmk_status_name(given_));   \
        }                                                                                         \
    } while (0)

static const cmk_bytes none = {NULL, 0};
static const char secret[] = "a secret of at least thirty-two bytes, longer still for HS512: sixty-four";

/* A copy on the heap, without a NUL: reading behind it is an error that the tools see. */
static cmk_bytes tight(const char *text) {
    size_t len = strlen(text);
    uint8_t *copy = (uint8_t *)malloc(len == 0 ? 1 : len);
    if (copy == NULL) {
        exit(2);
    }
    memcpy(copy, text, len);
    return cmk_bytes_of(copy, len);
}

static void drop(cmk_bytes bytes) {
    free((void *)(uintptr_t)bytes.ptr);
}

static void *room(size_t bytes) {
    void *memory = malloc(bytes == 0 ? 1 : bytes);
    if (memory == NULL) {
        exit(2);
    }
    memset(memory, 0xa5, bytes == 0 ? 1 : bytes);
    return memory;
}

static int is_zero(const void *memory, size_t bytes) {
    const uint8_t *at = (const uint8_t *)memory;
    size_t sum = 0;
    while (bytes-- > 0) {
        sum |= at[bytes];
    }
    return sum == 0;
}

static int is_text(cmk_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

/* ---- About the library ---- */

static void about(void) {
    int32_t code;
    CHECK(cmk_abi() == CMK_ABI);
    CHECK(strstr(cmk_features(), "hs256 ") != NULL && strstr(cmk_features(), "issue ") != NULL);
    for (code = -2; code < 1100; code++) {
        CHECK(strlen(cmk_status_name(code)) > 0);
        CHECK(strlen(cmk_status_sentence(code)) > 0);
        CHECK((strlen(cmk_stage_name(code)) > 0) == (code >= 100 && code < 1000));
        CHECK(cmk_http_status(code) >= 200 && cmk_http_status(code) <= 500);
    }
    CHECK(strcmp(cmk_status_name(INT32_MAX), cmk_status_name(INT32_MIN)) == 0);
    CHECK(cmk_http_status(CMK_OK) == 200 && cmk_http_status(CMK_SIGNATURE) == 401);
    CHECK(cmk_http_status(CMK_NULL_POINTER) == 500 && cmk_http_status(12345) == 500);
    CHECK(cmk_verifier_bytes() == sizeof(cmk_verifier) && cmk_claims_bytes() == sizeof(cmk_claims));
    CHECK(cmk_value_bytes() == sizeof(cmk_value) && cmk_signer_bytes() == sizeof(cmk_signer));
    CHECK(cmk_keys_head_bytes(0) == CMK_KEYS_HEAD_BYTES(0) && cmk_keys_head_bytes(9) == CMK_KEYS_HEAD_BYTES(9));
    CHECK(cmk_key_bytes(CMK_HS256, 0) > 0 && cmk_key_bytes(CMK_HS512, 0) <= CMK_KEY_BYTES_MAX);
    CHECK(cmk_key_bytes(0, 0) == 0 && cmk_key_bytes(99, SIZE_MAX) == 0);
}

/* ---- Keys ---- */

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
                          "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}");
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

/* ---- Signers, minting, verifying, claims: one round for each algorithm ---- */

static const char more_claims[] = "{\"scope\":\"read\",\"n\":-42,\"ok\":true,\"list\":[1,\"two\",{\"three\":3}],\"esc\":\"a\\u00e9\\n\",\"nil\":null}";

static void claims_of(const cmk_claims *accepted) {
    cmk_claims never;
    cmk_value value;
    cmk_value inner;
    cmk_bytes text;
    int64_t number;
    int32_t kind;
    char *small = (char *)room(4);

    GIVES(cmk_claims_json(accepted, &text), CMK_OK);
    CHECK(text.len > 2 && text.ptr[0] == '{' && text.ptr[text.len - 1] == '}');
    GIVES(cmk_claims_json(NULL, &text), CMK_NULL_POINTER);
    GIVES(cmk_claims_json(accepted, NULL), CMK_NULL_POINTER);
    memset(&never, 0, sizeof never);
    GIVES(cmk_claims_json(&never, &text), CMK_NOT_INITIALIZED);
    GIVES(cmk_claims_date(accepted, CMK_EXP, &number), CMK_OK);
    CHECK(number == NOW + 60);
    GIVES(cmk_claims_date(accepted, CMK_IAT, &number), CMK_OK);
    GIVES(cmk_claims_date(accepted, CMK_NBF, &number), CMK_CLAIM_ABSENT);
    CHECK(number == 0);
    GIVES(cmk_claims_date(accepted, 9, &number), CMK_ARGUMENT);
    GIVES(cmk_claims_get(accepted, cmk_text("absent"), &value), CMK_CLAIM_ABSENT);
    CHECK(is_zero(&value, sizeof value));
    GIVES(cmk_value_kind(&value, &kind), CMK_NOT_INITIALIZED);
    GIVES(cmk_claims_get(accepted, cmk_bytes_of("\xff", 1), &value), CMK_ARGUMENT);
    GIVES(cmk_claims_get(accepted, cmk_text("sub"), &value), CMK_OK);
    GIVES(cmk_value_kind(&value, &kind), CMK_OK);
    CHECK(kind == CMK_STRING);
    GIVES(cmk_value_kind(NULL, &kind), CMK_NULL_POINTER);
    GIVES(cmk_value_text(&value, NULL, 0, &text), CMK_OK);
    CHECK(is_text(text, "alice"));
    GIVES(cmk_value_integer(&value, &number), CMK_CLAIM_TYPE);
    GIVES(cmk_value_json(&value, &text), CMK_OK);
    CHECK(is_text(text, "\"alice\""));
    GIVES(cmk_claims_get(accepted, cmk_text("esc"), &value), CMK_OK);
    GIVES(cmk_value_text(&value, small, 4, &text), CMK_OK);
    CHECK(is_text(text, "a\xc3\xa9\n"));
    GIVES(cmk_value_text(&value, small, 3, &text), CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_value_text(&value, NULL, 4, &text), CMK_NULL_POINTER);
    CHECK(is_zero(&text, sizeof text));
    GIVES(cmk_claims_get(accepted, cmk_text("n"), &value), CMK_OK);
    GIVES(cmk_value_integer(&value, &number), CMK_OK);
    CHECK(number == -42);
    GIVES(cmk_value_boolean(&value, &kind), CMK_CLAIM_TYPE);
    GIVES(cmk_claims_get(accepted, cmk_text("ok"), &value), CMK_OK);
    GIVES(cmk_value_boolean(&value, &kind), CMK_OK);
    CHECK(kind == 1);
    GIVES(cmk_value_element(&value, 0, &inner), CMK_CLAIM_TYPE);
    GIVES(cmk_claims_at(accepted, cmk_text("/list/2/three"), &value), CMK_OK);
    GIVES(cmk_value_integer(&value, &number), CMK_OK);
    CHECK(number == 3);
    GIVES(cmk_claims_at(accepted, cmk_text("/list/3"), &value), CMK_CLAIM_ABSENT);
    GIVES(cmk_claims_at(accepted, cmk_text("list"), &value), CMK_OK);
    GIVES(cmk_value_element(&value, 1, &inner), CMK_OK);
    GIVES(cmk_value_text(&inner, NULL, 0, &text), CMK_OK);
    CHECK(is_text(text, "two"));
    GIVES(cmk_value_element(&value, 3, &inner), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_element(&value, SIZE_MAX, &inner), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_element(&value, 2, &inner), CMK_OK);
    GIVES(cmk_value_member(&inner, cmk_text("three"), &value), CMK_OK);
    GIVES(cmk_value_member(&inner, cmk_text("four"), &value), CMK_CLAIM_ABSENT);
    GIVES(cmk_value_member(NULL, cmk_text("four"), &value), CMK_NULL_POINTER);
    free(small);
}

static void round_trip(int32_t alg) {
    size_t region_bytes = CMK_KEYS_BYTES(1, 0);
    uint64_t *region = (uint64_t *)room(region_bytes);
    uint8_t scalar[32];
    cmk_signer *signer = (cmk_signer *)room(sizeof *signer);
    cmk_verifier *verifier = (cmk_verifier *)room(sizeof *verifier);
    cmk_verifier *opaque = (cmk_verifier *)room(sizeof *opaque);
    cmk_claims *claims = (cmk_claims *)room(sizeof *claims);
    cmk_report report;
    cmk_keys set;
    cmk_policy policy = cmk_policy_strict();
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    cmk_request request;
    cmk_bytes audience = tight("https://api.example");
    cmk_bytes key = cmk_bytes_of(secret, 64);
    cmk_header headers[2];
    cmk_evidence evidence = cmk_evidence_of(headers, 2);
    cmk_recipe recipe = cmk_recipe_headers(cmk_text("fp"), cmk_text("a pepper of sixteen bytes or more"));
    uint8_t *scratch = (uint8_t *)room(1024);
    char *buffer = (char *)room(1024);
    cmk_bytes token;
    cmk_bytes payload;
    size_t need;
    size_t at;

    headers[0].name = cmk_text("User-Agent");
    headers[0].value = cmk_text("exercise/1.0");
    headers[1].name = cmk_text("Accept-Language");
    headers[1].value = cmk_text("en");
    memset(scalar, 0x11, sizeof scalar);
    GIVES(cmk_keys_init(&set, region, region_bytes, none), CMK_OK);
    if (alg == CMK_ES256) {
        cmk_bytes sec1;
        uint8_t point[65];
        GIVES(cmk_signer_of_scalar(signer, alg, none, cmk_bytes_of(scalar, 31)), CMK_KEY_LENGTH);
        GIVES(cmk_signer_of_scalar(signer, CMK_HS256, none, cmk_bytes_of(scalar, 32)), CMK_KEY_ALGORITHM_MISMATCH);
        memset(scalar, 0, sizeof scalar);
        GIVES(cmk_signer_of_scalar(signer, alg, none, cmk_bytes_of(scalar, 32)), CMK_KEY_POINT);
        memset(scalar, 0xff, sizeof scalar);
        GIVES(cmk_signer_of_scalar(signer, alg, none, cmk_bytes_of(scalar, 32)), CMK_KEY_POINT);
        memset(scalar, 0x11, sizeof scalar);
        GIVES(cmk_signer_of_scalar(signer, alg, none, cmk_bytes_of(scalar, 32)), CMK_OK);
        GIVES(cmk_signer_public(signer, point, 64, &sec1), CMK_BUFFER_TOO_SMALL);
        GIVES(cmk_signer_public(signer, point, 65, &sec1), CMK_OK);
        GIVES(cmk_keys_add_sec1(&set, alg, none, sec1), CMK_OK);
    } else {
        cmk_bytes sec1;
        GIVES(cmk_signer_of_secret(signer, alg, none, cmk_bytes_of(secret, 8)), CMK_KEY_TOO_SHORT);
        GIVES(cmk_signer_of_secret(signer, alg, none, key), CMK_OK);
        GIVES(cmk_signer_public(signer, buffer, 1024, &sec1), CMK_KEY_ALGORITHM_MISMATCH);
        GIVES(cmk_keys_add_secret(&set, alg, none, key), CMK_OK);
    }
    GIVES(cmk_signer_of_secret(NULL, CMK_HS256, none, key), CMK_NULL_POINTER);
    GIVES(cmk_signer_of_secret(signer, 0, none, key), CMK_NOT_SUPPORTED);
    CHECK(is_zero(signer, sizeof *signer));
    GIVES(cmk_issue(signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_NOT_INITIALIZED);
    GIVES(alg == CMK_ES256 ? cmk_signer_of_scalar(signer, alg, none, cmk_bytes_of(scalar, 32))
                           : cmk_signer_of_secret(signer, alg, none, key),
          CMK_OK);

    policy.audiences = &audience;
    policy.audience_count = 1;
    policy.digest = &recipe;
    policy.flags = 8;
    GIVES(cmk_verifier_init(verifier, &set, 1, &policy), CMK_ARGUMENT);
    CHECK(is_zero(verifier, sizeof *verifier));
    policy.flags = 0;
    policy.audience_count = CMK_NAMES_MAX + 1;
    {
        cmk_bytes many[CMK_NAMES_MAX + 1];
        for (at = 0; at <= CMK_NAMES_MAX; at++) {
            many[at] = audience;
        }
        policy.audiences = many;
        GIVES(cmk_verifier_init(verifier, &set, 1, &policy), CMK_TOO_MANY_ITEMS);
    }
    policy.audiences = &audience;
    policy.audience_count = 1;
    policy.size--;
    GIVES(cmk_verifier_init(verifier, &set, 1, &policy), CMK_STRUCT_SIZE);
    policy.size++;
    GIVES(cmk_verifier_init_abi(CMK_ABI + 1, verifier, sizeof *verifier, &set, 1, &policy), CMK_ABI_MISMATCH);
    GIVES(cmk_verifier_init_abi(CMK_ABI, verifier, sizeof *verifier - 1, &set, 1, &policy), CMK_ABI_MISMATCH);
    GIVES(cmk_verifier_init(NULL, &set, 1, &policy), CMK_NULL_POINTER);
    GIVES(cmk_verifier_init(verifier, NULL, 1, &policy), CMK_NULL_POINTER);
    GIVES(cmk_verifier_init(verifier, &set, 1, NULL), CMK_NULL_POINTER);
    recipe.pepper.len = 15;
    GIVES(cmk_verifier_init(verifier, &set, 1, &policy), CMK_PEPPER_TOO_SHORT);
    recipe.pepper.len = 16;
    GIVES(cmk_verifier_init(verifier, &set, 1, &policy), CMK_OK);

    /* Minting: bad first, then every scratch and buffer size from none on, until it fits. */
    mint.audiences = &audience;
    mint.audience_count = 1;
    mint.issued_at = NOW;
    mint.digest = &recipe;
    mint.evidence = &evidence;
    mint.claims = cmk_text("{\"sub\":\"mallory\"}");
    GIVES(cmk_issue(signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_CLAIMS_MALFORMED);
    mint.claims = cmk_text(more_claims);
    mint.flags = 1;
    GIVES(cmk_issue(signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_ARGUMENT);
    mint.flags = 0;
    GIVES(cmk_issue(signer, &mint, scratch, 1024, scratch, 1024, &token), CMK_OVERLAP);
    GIVES(cmk_issue(signer, &mint, NULL, 1024, buffer, 1024, &token), CMK_NULL_POINTER);
    GIVES(cmk_issue(signer, NULL, scratch, 1024, buffer, 1024, &token), CMK_NULL_POINTER);
    GIVES(cmk_issue(signer, &mint, scratch, 1024, buffer, 1024, NULL), CMK_NULL_POINTER);
    for (at = 0; at < 1024; at += 13) {
        uint8_t *less = (uint8_t *)room(at);
        int32_t status = cmk_issue(signer, &mint, less, at, buffer, 1024, &token);
        CHECK(status == CMK_OK || (status == CMK_SCRATCH_TOO_SMALL && is_zero(&token, sizeof token)));
        free(less);
    }
    for (at = 0; at < 700; at += 13) {
        char *less = (char *)room(at);
        int32_t status = cmk_issue(signer, &mint, scratch, 1024, less, at, &token);
        CHECK(status == CMK_OK || (status == CMK_BUFFER_TOO_SMALL && is_zero(&token, sizeof token)));
        free(less);
    }
    GIVES(cmk_issue(signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_OK);
    {
        /* A token of exactly its length, so that reading behind it is seen. */
        uint8_t *exact = (uint8_t *)room(token.len);
        memcpy(exact, token.ptr, token.len);
        token.ptr = exact;
    }
    free(scratch);

    GIVES(cmk_scratch_bytes(verifier, token.len, &need), CMK_OK);
    CHECK(need <= CMK_SCRATCH_BYTES(token.len));
    GIVES(cmk_scratch_bytes(NULL, token.len, &need), CMK_NULL_POINTER);
    GIVES(cmk_scratch_bytes(verifier, token.len, NULL), CMK_NULL_POINTER);
    GIVES(cmk_scratch_bytes(verifier, SIZE_MAX, &need), CMK_OK);
    GIVES(cmk_scratch_bytes(verifier, token.len, &need), CMK_OK);
    scratch = (uint8_t *)room(need);
    request = cmk_request_at(token, NOW);
    request.evidence = &evidence;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_OK);
    CHECK(report.status == CMK_OK && report.failures == 0);
    claims_of(claims);
    GIVES(cmk_verify(verifier, &request, scratch, need - 1, claims, &report), CMK_SCRATCH_TOO_SMALL);
    CHECK(report.status == CMK_SCRATCH_TOO_SMALL && is_zero(claims, sizeof *claims));
    GIVES(cmk_verify(NULL, &request, scratch, need, claims, &report), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, NULL, scratch, need, claims, &report), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, &request, NULL, need, claims, &report), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, &request, scratch, need, NULL, &report), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, NULL), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, &request, (void *)(uintptr_t)token.ptr, token.len, claims, &report), CMK_OVERLAP);
    GIVES(cmk_verify_abi(CMK_ABI, verifier, &request, scratch, need, claims, sizeof *claims + 8, &report, sizeof report),
          CMK_ABI_MISMATCH);
    request.flags = 2;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_ARGUMENT);
    request.flags = CMK_REQUEST_NO_CLOCK;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_CLOCK_MISSING);
    request.flags = 0;
    request.size = 0;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_STRUCT_SIZE);
    request.size = sizeof request;
    request.now = NOW + 60;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_EXPIRED);
    CHECK(report.failures == CMK_FAILED_EXPIRED);
    request.now = INT64_MAX;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_EXPIRED);
    request.now = INT64_MIN;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_ISSUED_IN_FUTURE);
    request.now = NOW;
    request.evidence = NULL;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_FINGERPRINT_MISMATCH);
    request.evidence = &evidence;
    /* A policy that asks for claims cannot judge an opaque payload. */
    GIVES(cmk_verify_opaque(verifier, &request, scratch, need, &payload, &report), CMK_POLICY_CONFLICT);
    policy = cmk_policy_strict();
    GIVES(cmk_verifier_init(opaque, &set, 1, &policy), CMK_OK);
    GIVES(cmk_verify_opaque(opaque, &request, scratch, need, &payload, &report), CMK_OK);
    CHECK(payload.len > 2 && payload.ptr[0] == '{');
    GIVES(cmk_verify_opaque(opaque, &request, scratch, need, NULL, &report), CMK_NULL_POINTER);
    GIVES(cmk_verify_opaque(opaque, &request, scratch, need - 1, &payload, &report), CMK_SCRATCH_TOO_SMALL);

    /* Every truncation, and every byte replaced: refused, and nothing read behind the end. */
    for (at = 0; at < token.len; at++) {
        uint8_t *shorter = (uint8_t *)room(at);
        memcpy(shorter, token.ptr, at);
        request.token = cmk_bytes_of(shorter, at);
        CHECK(cmk_verify(verifier, &request, scratch, need, claims, &report) != CMK_OK);
        CHECK(is_zero(claims, sizeof *claims));
        free(shorter);
    }
    /* With ECDSA each of these is a verification of a quarter of a millisecond, and ten under a sanitizer. */
    request.token = token;
    for (at = 0; at < token.len; at += (alg == CMK_ES256 ? 29 : 1)) {
        uint8_t *place = (uint8_t *)(uintptr_t)token.ptr + at;
        uint8_t kept = *place;
        *place = kept == 'A' ? 'B' : 'A';
        CHECK(cmk_verify(verifier, &request, scratch, need, claims, &report) != CMK_OK);
        CHECK(cmk_verify_opaque(opaque, &request, scratch, need, &payload, &report) != CMK_OK);
        CHECK(is_zero(&payload, sizeof payload));
        *place = kept;
    }
    request.token = cmk_bytes_of(NULL, 0);
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_TOKEN_EMPTY);
    request.token = cmk_bytes_of(NULL, 5);
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_NULL_POINTER);
    request.token = token;
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_OK);

    GIVES(cmk_signer_wipe(signer), CMK_OK);
    CHECK(is_zero(signer, sizeof *signer));
    GIVES(cmk_signer_wipe(NULL), CMK_NULL_POINTER);
    GIVES(cmk_verifier_wipe(verifier), CMK_OK);
    GIVES(cmk_verifier_wipe(NULL), CMK_NULL_POINTER);
    GIVES(cmk_verify(verifier, &request, scratch, need, claims, &report), CMK_NOT_INITIALIZED);
    GIVES(cmk_keys_wipe(&set), CMK_OK);
    drop(token), drop(audience);
    free(scratch), free(buffer), free(claims), free(verifier), free(opaque), free(signer), free(region);
}

/* ---- Digests ---- */

static void digests(void) {
    cmk_header header = {cmk_text("user-agent"), cmk_text("one")};
    cmk_input inputs[CMK_INPUTS_MAX + 1];
    cmk_evidence evidence = cmk_evidence_of(&header, 1);
    cmk_recipe recipe = cmk_recipe_compat(cmk_text("fp"));
    cmk_bytes digest;
    char *buffer = (char *)room(64);
    size_t at;
    int32_t kind;
    header.name = cmk_text("user-agent");
    header.value = cmk_text("exercise/1.0");
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_OK);
    CHECK(digest.len == 32);
    GIVES(cmk_digest(&recipe, &evidence, buffer, 31, &digest), CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_digest(&recipe, NULL, buffer, 64, &digest), CMK_OK);
    GIVES(cmk_digest(NULL, &evidence, buffer, 64, &digest), CMK_NULL_POINTER);
    GIVES(cmk_digest(&recipe, &evidence, NULL, 64, &digest), CMK_NULL_POINTER);
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, NULL), CMK_NULL_POINTER);
    recipe.preset = 3;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ARGUMENT);
    recipe.preset = CMK_RECIPE_OWN;
    recipe.hash = CMK_HASH_SHA256;
    recipe.encoding = CMK_ENCODING_HEX;
    recipe.inputs = inputs;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ARGUMENT);
    for (at = 0; at <= CMK_INPUTS_MAX; at++) {
        inputs[at].kind = CMK_INPUT_HEADER;
        inputs[at].name = cmk_text("user-agent");
    }
    recipe.input_count = CMK_INPUTS_MAX + 1;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_TOO_MANY_ITEMS);
    recipe.input_count = CMK_INPUTS_MAX;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_OK);
    CHECK(digest.len == 64);
    recipe.input_count = 1;
    evidence.address = cmk_text("2001:db8::7");
    for (kind = 0; kind < 10; kind++) {
        int32_t wanted = kind < 1 || kind > 8 ? CMK_ARGUMENT : CMK_OK;
        inputs[0].kind = kind;
        GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), wanted);
    }
    inputs[0].kind = CMK_INPUT_NETWORK;
    evidence.address = cmk_text("not an address");
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ADDRESS_MALFORMED);
    evidence.header_count = 2;
    evidence.headers = NULL;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_NULL_POINTER);
    evidence.size = 1;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_STRUCT_SIZE);
    free(buffer);
}

/* ---- Carrier ---- */

static void carrier(void) {
    cmk_header headers[2];
    cmk_source source = cmk_source_authorization();
    cmk_credentials found;
    cmk_bytes value;
    char *buffer = (char *)room(256);
    size_t at;
    cmk_bytes bearer = tight("bEaReR  abc.def.ghi");
    GIVES(cmk_authorization(bearer, &found), CMK_OK);
    CHECK(found.scheme == CMK_BEARER && is_text(found.token, "abc.def.ghi"));
    GIVES(cmk_authorization(cmk_text("DPoP abc"), &found), CMK_OK);
    CHECK(found.scheme == CMK_DPOP);
    GIVES(cmk_authorization(cmk_text("Basic abc"), &found), CMK_CREDENTIALS_MISSING);
    CHECK(is_zero(&found, sizeof found));
    GIVES(cmk_authorization(cmk_text("Bearer a b"), &found), CMK_CREDENTIALS_MALFORMED);
    GIVES(cmk_authorization(none, NULL), CMK_CREDENTIALS_MISSING);
    GIVES(cmk_authorization(bearer, NULL), CMK_NULL_POINTER);
    headers[0].name = cmk_text("Authorization");
    headers[0].value = bearer;
    headers[1].name = cmk_text("Cookie");
    headers[1].value = cmk_text("x=1; token=abc.def.ghi");
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_OK);
    source.cookie = cmk_text("token");
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_CREDENTIALS_REPEATED);
    source.ignore_authorization = 1;
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_OK);
    source.argument = cmk_text("access_token");
    GIVES(cmk_find(&source, headers, 1, cmk_text("a=1&access_token=abc"), &found), CMK_OK);
    GIVES(cmk_find(&source, headers, 0, none, &found), CMK_CREDENTIALS_MISSING);
    GIVES(cmk_find(&source, NULL, 1, none, &found), CMK_NULL_POINTER);
    GIVES(cmk_find(NULL, headers, 2, none, &found), CMK_NULL_POINTER);
    source.size = 3;
    GIVES(cmk_find(&source, headers, 2, none, &found), CMK_STRUCT_SIZE);
    GIVES(cmk_challenge(CMK_BEARER, cmk_text("realm"), none, CMK_EXPIRED, buffer, 256, &value), CMK_OK);
    CHECK(value.len > 20 && memcmp(value.ptr, "Bearer ", 7) == 0);
    for (at = 0; at < value.len; at++) {
        char *less = (char *)room(at);
        cmk_bytes cut;
        CHECK(cmk_challenge(CMK_BEARER, cmk_text("realm"), none, CMK_EXPIRED, less, at, &cut) == CMK_BUFFER_TOO_SMALL);
        free(less);
    }
    GIVES(cmk_challenge(9, none, none, CMK_EXPIRED, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_challenge(CMK_BEARER, none, none, 12345, buffer, 256, &value), CMK_ARGUMENT);
    GIVES(cmk_challenge(CMK_BEARER, cmk_bytes_of(buffer, 4), none, CMK_EXPIRED, buffer, 256, &value), CMK_OVERLAP);
    GIVES(cmk_challenge(CMK_BEARER, none, none, CMK_EXPIRED, buffer, 256, NULL), CMK_NULL_POINTER);
    drop(bearer);
    free(buffer);
}

int main(void) {
    static const int32_t algs[4] = {CMK_HS256, CMK_HS384, CMK_HS512, CMK_ES256};
    size_t at;
    about();
    keys();
    digests();
    carrier();
    for (at = 0; at < 4; at++) {
        round_trip(algs[at]);
    }
    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
