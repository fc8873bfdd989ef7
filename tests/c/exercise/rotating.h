/* Rotating secrets: loading and signing, in both modes, with settings that make no sense. */
#ifndef EXERCISE_ROTATING_H
#define EXERCISE_ROTATING_H
#include "check.h"

static void rotating_of_mode(int32_t mode) {
    size_t bytes = CMK_KEYS_HEAD_BYTES(0) + CMK_ROTATING_KEY_BYTES;
    uint64_t *region = (uint64_t *)room(bytes);
    uint8_t *scratch = (uint8_t *)room(1024);
    char *buffer = (char *)room(1024);
    cmk_bytes claim = tight("sub");
    cmk_bytes user = tight("alice");
    cmk_bytes base = tight(secret);
    cmk_bytes latin = tight("\xff\xfe");
    cmk_rotating rotating = cmk_rotating_of(mode, claim);
    cmk_rotating wrong;
    cmk_mint mint = cmk_mint_for(user, NOW + 60);
    cmk_policy policy = cmk_policy_strict();
    cmk_bytes token;
    cmk_keys set;
    cmk_signer signer;
    cmk_verifier verifier;
    cmk_request request;
    cmk_claims claims;
    cmk_report report;

    GIVES(cmk_keys_init(&set, region, bytes, none), CMK_OK);
    GIVES(cmk_keys_add_rotating(&set, none, base, NULL), CMK_NULL_POINTER);
    GIVES(cmk_keys_add_rotating(NULL, none, base, &rotating), CMK_NULL_POINTER);
    GIVES(cmk_keys_add_rotating(&set, none, cmk_bytes_of(base.ptr, 31), &rotating), CMK_KEY_TOO_SHORT);
    GIVES(cmk_keys_add_rotating(&set, latin, base, &rotating), CMK_ARGUMENT);
    GIVES(cmk_keys_add_rotating(&set, none, cmk_bytes_of(region, 32), &rotating), CMK_OVERLAP);
    wrong = rotating;
    wrong.grace = 2;
    GIVES(cmk_keys_add_rotating(&set, none, base, &wrong), CMK_ROTATING_SETTINGS);
    wrong = cmk_rotating_of(0, claim);
    GIVES(cmk_keys_add_rotating(&set, none, base, &wrong), CMK_ROTATING_SETTINGS);
    wrong = cmk_rotating_of(mode, none);
    GIVES(cmk_keys_add_rotating(&set, none, base, &wrong), CMK_ROTATING_SETTINGS);
    wrong = cmk_rotating_of(mode, latin);
    GIVES(cmk_keys_add_rotating(&set, none, base, &wrong), CMK_ARGUMENT);
    wrong.size = sizeof wrong + 8;
    GIVES(cmk_keys_add_rotating(&set, none, base, &wrong), CMK_STRUCT_SIZE);
    GIVES(cmk_keys_add_rotating(&set, cmk_text("base"), base, &rotating), CMK_OK);
    GIVES(cmk_keys_add_rotating(&set, cmk_text("base"), base, &rotating), CMK_KEY_ID_DUPLICATE);

    GIVES(cmk_signer_of_rotating(NULL, none, base, &rotating, user, NOW), CMK_NULL_POINTER);
    GIVES(cmk_signer_of_rotating(&signer, none, base, NULL, user, NOW), CMK_NULL_POINTER);
    GIVES(cmk_signer_of_rotating(&signer, none, base, &rotating, latin, NOW), CMK_ARGUMENT);
    GIVES(cmk_signer_of_rotating(&signer, none, base, &rotating, user, -1), CMK_ARGUMENT);
    CHECK(is_zero(&signer, sizeof signer));
    GIVES(cmk_signer_of_rotating(&signer, none, cmk_bytes_of(&signer, 32), &rotating, user, NOW), CMK_OVERLAP);
    GIVES(cmk_signer_of_rotating(&signer, none, base, &rotating, user, NOW), CMK_OK);
    mint.issued_at = NOW;
    GIVES(cmk_issue(&signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_OK);

    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_OK);
    request = cmk_request_at(token, NOW);
    GIVES(cmk_verify(&verifier, &request, scratch, 1024, &claims, &report), CMK_OK);
    request = cmk_request_at(token, NOW + 86400);
    GIVES(cmk_verify(&verifier, &request, scratch, 1024, &claims, &report), CMK_ROTATING_WINDOW_PAST);
    CHECK(is_zero(&claims, sizeof claims) && report.failures == 0);
    GIVES(cmk_verify_opaque(&verifier, &request, scratch, 1024, &token, &report), CMK_POLICY_CONFLICT);
    GIVES(cmk_keys_wipe(&set), CMK_OK);
    CHECK(is_zero(region, bytes));
    GIVES(cmk_signer_wipe(&signer), CMK_OK);
    drop(claim), drop(user), drop(base), drop(latin);
    free(region), free(scratch), free(buffer);
}

static void rotating(void) {
    rotating_of_mode(CMK_ROTATING_COMPAT);
    rotating_of_mode(CMK_ROTATING_DERIVED);
}

#endif
