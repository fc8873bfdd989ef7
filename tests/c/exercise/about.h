/* What the library says about itself: sizes, names, sentences. */
#ifndef EXERCISE_ABOUT_H
#define EXERCISE_ABOUT_H
#include "check.h"

/* What a host logs: every name of the mask once, in ascending order. */
static void failures_by_name(void) {
    const uint64_t both = CMK_FAILED_STEP_UP | CMK_FAILED_EXPIRED;
    int32_t status = 0, last = 0;
    int count = 0;
    while ((status = cmk_failures_next(UINT64_MAX, status)) != 0) {
        CHECK(status > last && status >= 600 && status < 900);
        last = status;
        count++;
    }
    CHECK(count > 20 && last >= CMK_STEP_UP);
    CHECK(cmk_failures_next(both, 0) == CMK_EXPIRED && cmk_failures_next(both, CMK_EXPIRED) == CMK_STEP_UP);
    CHECK(cmk_failures_next(both, CMK_STEP_UP) == 0 && cmk_failures_next(0, INT32_MIN) == 0);
    CHECK(cmk_failures_next(UINT64_MAX, INT32_MAX) == 0 && cmk_failures_next(both, INT32_MIN) == CMK_EXPIRED);
}

/* What the header makes of the functions. */
static void short_ways(void) {
    const cmk_bytes issuer = cmk_text("i"), audience = cmk_text("a");
    const cmk_policy policy = cmk_policy_for(&issuer, &audience), open = cmk_policy_for(NULL, NULL);
    const cmk_policy strict = cmk_policy_strict();
    uint8_t memory[9];
    CHECK(policy.issuers == &issuer && policy.issuer_count == 1 && policy.audiences == &audience && policy.audience_count == 1);
    CHECK(memcmp(&open, &strict, sizeof open) == 0);
    CHECK(cmk_none().ptr == NULL && cmk_none().len == 0);
    memset(memory, 0xa5, sizeof memory);
    cmk_wipe(memory, sizeof memory - 1);
    CHECK(is_zero(memory, sizeof memory - 1) && memory[sizeof memory - 1] == 0xa5);
    cmk_wipe(NULL, 0);
}

/* What has a size of its own in the header fits into that size, and not into less. */
static void named_sizes(void) {
    const cmk_bytes jwk = cmk_text("{\"kty\":\"oct\",\"k\":\"AQAB\"}");
    uint8_t scalar[66] = {0}; /* of P-521, the longest */
    uint8_t *buffer = (uint8_t *)room(CMK_PUBLIC_KEY_BYTES_MAX);
    cmk_signer signer;
    cmk_bytes found;
    GIVES(cmk_thumbprint(jwk, buffer, CMK_THUMBPRINT_BYTES, &found), CMK_OK);
    CHECK(found.len == CMK_THUMBPRINT_BYTES);
    GIVES(cmk_thumbprint(jwk, buffer, CMK_THUMBPRINT_BYTES - 1, &found), CMK_BUFFER_TOO_SMALL);
    scalar[65] = 9;
    GIVES(cmk_signer_of_scalar(&signer, CMK_ES512, none, cmk_bytes_of(scalar, sizeof scalar)), CMK_OK);
    GIVES(cmk_signer_public(&signer, buffer, CMK_PUBLIC_KEY_BYTES_MAX, &found), CMK_OK);
    CHECK(found.len == CMK_PUBLIC_KEY_BYTES_MAX);
    GIVES(cmk_signer_public(&signer, buffer, CMK_PUBLIC_KEY_BYTES_MAX - 1, &found), CMK_BUFFER_TOO_SMALL);
    cmk_signer_wipe(&signer);
    free(buffer);
}

static void about(void) {
    int32_t code;
    named_sizes();
    failures_by_name();
    short_ways();
    CHECK(cmk_abi() == CMK_ABI);
    CHECK(strstr(cmk_features(), "hs256 ") != NULL && strstr(cmk_features(), "issue ") != NULL);
    for (code = -2; code < 1100; code++) {
        CHECK(strlen(cmk_status_name(code)) > 0);
        CHECK(strlen(cmk_status_sentence(code)) > 0);
        CHECK((strlen(cmk_stage_name(code)) > 0) == (code >= 100 && code < 1000));
        CHECK(cmk_http_status(code) >= 200 && cmk_http_status(code) <= 503);
    }
    CHECK(strcmp(cmk_status_name(INT32_MAX), cmk_status_name(INT32_MIN)) == 0);
    CHECK(cmk_http_status(CMK_OK) == 200 && cmk_http_status(CMK_SIGNATURE) == 401);
    CHECK(cmk_http_status(CMK_NULL_POINTER) == 500 && cmk_http_status(12345) == 500);
    CHECK(cmk_http_status(CMK_REPLAY_FULL) == 503 && cmk_http_status(CMK_REPLAYED) == 401);
    CHECK(cmk_http_status(CMK_RATE_LIMITED) == 429 && cmk_http_status(CMK_THROTTLE_FULL) == 503);
    CHECK(cmk_verifier_bytes() == sizeof(cmk_verifier) && cmk_claims_bytes() == sizeof(cmk_claims));
    CHECK(cmk_value_bytes() == sizeof(cmk_value) && cmk_signer_bytes() == sizeof(cmk_signer));
    CHECK(cmk_sealer_bytes() == sizeof(cmk_sealer));
    CHECK(cmk_keys_head_bytes(0) == CMK_KEYS_HEAD_BYTES(0) && cmk_keys_head_bytes(9) == CMK_KEYS_HEAD_BYTES(9));
    CHECK(cmk_key_bytes(CMK_HS256, 0) > 0 && cmk_key_bytes(CMK_HS512, 0) <= CMK_KEY_BYTES_MAX);
    CHECK(cmk_key_bytes(0, 0) == 0 && cmk_key_bytes(99, SIZE_MAX) == 0);
}

#endif
