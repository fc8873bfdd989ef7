/* What the library says about itself: sizes, names, sentences. */
#ifndef EXERCISE_ABOUT_H
#define EXERCISE_ABOUT_H
#include "check.h"

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

#endif
