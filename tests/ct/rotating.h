/* The cases of library.c for rotating secrets: of the record, the settings and the claim's name are public. */
#ifndef ROTATING_H
#define ROTATING_H

#include "fixture.h"

static key_set rotating_set;
static token_text rotating_token;
static asked rotating_answer;
static cmk_verifier rotating_verifier;
static cmk_signer rotating_signer;
static char rotating_base[100];

/* Longer than a block, so that the record's hash is one of secrets, too. */
static cmk_bytes hidden_base(int hide) {
    memcpy(rotating_base, secret_text, sizeof secret_text - 1);
    if (hide) {
        secret(rotating_base, sizeof secret_text - 1);
    }
    return cmk_bytes_of(rotating_base, sizeof secret_text - 1);
}

/* NOW is 80,000 seconds into a day, and the first of a window of 100,000: there two keys are tried. */
static cmk_rotating rotating_of(int32_t mode, int at_edge) {
    cmk_rotating rotating = cmk_rotating_of(mode, cmk_text("sub"));
    rotating.window = at_edge ? 100000 : 0;
    return rotating;
}

static void verify_rotating(int32_t mode, int at_edge, int spoil, int32_t wanted) {
    cmk_rotating rotating = rotating_of(mode, at_edge);
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    cmk_policy policy = cmk_policy_strict();
    uint8_t scratch[2048];
    cmk_bytes made;
    mint.issued_at = NOW;
    expect(cmk_signer_of_rotating(&rotating_signer, cmk_text(NULL), hidden_base(0), &rotating, cmk_text("alice"), NOW), CMK_OK,
           "cmk_signer_of_rotating");
    expect(cmk_issue(&rotating_signer, &mint, scratch, sizeof scratch, rotating_token.text, sizeof rotating_token.text, &made),
           CMK_OK, "cmk_issue");
    rotating_token.len = made.len;
    if (spoil) {
        token_spoil(&rotating_token, 20);
    }
    key_set_start(&rotating_set);
    expect(cmk_keys_add_rotating(&rotating_set.keys, cmk_text(NULL), hidden_base(0), &rotating), CMK_OK, "cmk_keys_add_rotating");
    expect(cmk_verifier_init(&rotating_verifier, &rotating_set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
    /* Behind the set's head of three words, the record's of one and the settings of two: keyed states, hash, last bytes. */
    secret(&rotating_set.region[6], 20 * sizeof rotating_set.region[0]);
    expect(ask(&rotating_answer, &rotating_verifier, &rotating_token, NULL), wanted, "cmk_verify");
}
static void verify_rotating_compat_accept(void) { verify_rotating(CMK_ROTATING_COMPAT, 0, 0, CMK_OK); }
static void verify_rotating_compat_reject(void) { verify_rotating(CMK_ROTATING_COMPAT, 0, 1, CMK_SIGNATURE); }
static void verify_rotating_compat_two(void) { verify_rotating(CMK_ROTATING_COMPAT, 1, 0, CMK_OK); }
static void verify_rotating_derived_accept(void) { verify_rotating(CMK_ROTATING_DERIVED, 0, 0, CMK_OK); }
static void verify_rotating_derived_reject(void) { verify_rotating(CMK_ROTATING_DERIVED, 1, 1, CMK_SIGNATURE); }

static void load_rotating(void) {
    cmk_rotating rotating = rotating_of(CMK_ROTATING_COMPAT, 0);
    key_set_start(&rotating_set);
    expect(cmk_keys_add_rotating(&rotating_set.keys, cmk_text(NULL), hidden_base(1), &rotating), CMK_OK, "cmk_keys_add_rotating");
}

static void signer_of_rotating(void) {
    cmk_rotating rotating = rotating_of(CMK_ROTATING_COMPAT, 0);
    expect(cmk_signer_of_rotating(&rotating_signer, cmk_text(NULL), hidden_base(1), &rotating, cmk_text("alice"), NOW), CMK_OK,
           "cmk_signer_of_rotating");
}

#endif
