/* Keys, policy and client that the programs here share, and one call that judges a token. */
#ifndef VERIFIERS_H
#define VERIFIERS_H

#include "board.h"
#include "countermark.h"
#include "tokens.h"

#define TOKEN_BYTES_MAX 1024

static uint64_t region[CMK_KEYS_BYTES(4, 0) / 8];
static uint8_t scratch[CMK_SCRATCH_BYTES(TOKEN_BYTES_MAX)];
static cmk_keys keys;
static cmk_verifier plain;
static cmk_claims claims;
static cmk_report report;

/* A status that must be accepted before anything can be tested. */
static void must(int32_t status, const char *what) {
    if (status != CMK_OK) {
        board_text(what);
        board_text(": ");
        board_text(cmk_status_name(status));
        board_text("\n");
        board_exit(2);
    }
}

static cmk_policy policy_for_device(void) {
    static cmk_bytes audience;
    audience = cmk_text(AUDIENCE);
    cmk_policy policy = cmk_policy_strict();
    policy.audiences = &audience;
    policy.audience_count = 1;
    return policy;
}

static void make_plain(void) {
    must(cmk_keys_init(&keys, region, sizeof region, cmk_text(NULL)), "cmk_keys_init");
    must(cmk_keys_add_secret(&keys, CMK_HS256, cmk_text("mac"), cmk_text(SECRET)), "HS256 key");
#ifdef HAS_HS384
    must(cmk_keys_add_secret(&keys, CMK_HS384, cmk_text("mac"), cmk_text(SECRET)), "HS384 key");
#endif
#ifdef HAS_HS512
    must(cmk_keys_add_secret(&keys, CMK_HS512, cmk_text("mac"), cmk_text(SECRET)), "HS512 key");
#endif
#ifdef HAS_ES256
    must(cmk_keys_add_sec1(&keys, CMK_ES256, cmk_text("point"), cmk_bytes_of(sec1, sizeof sec1)), "ES256 key");
#endif
    const cmk_policy policy = policy_for_device();
    must(cmk_verifier_init(&plain, &keys, 1, &policy), "cmk_verifier_init");
}

#ifdef HAS_FINGERPRINT
static cmk_verifier bound;
static cmk_header fields[2];

static cmk_evidence client(void) {
    static const char *const texts[][2] = {FIELDS};
    for (size_t at = 0; at < 2; at++) {
        fields[at].name = cmk_text(texts[at][0]);
        fields[at].value = cmk_text(texts[at][1]);
    }
    return cmk_evidence_of(fields, 2);
}

static cmk_recipe recipe(void) {
    return cmk_recipe_headers(cmk_text("fp"), cmk_text(PEPPER));
}

static void make_bound(void) {
    const cmk_recipe digest = recipe();
    cmk_policy policy = policy_for_device();
    policy.digest = &digest;
    must(cmk_verifier_init(&bound, &keys, 1, &policy), "cmk_verifier_init with a fingerprint");
}
#endif

static int32_t judge(const cmk_verifier *verifier, const char *token) {
    cmk_request request = cmk_request_at(cmk_text(token), NOW);
#ifdef HAS_FINGERPRINT
    const cmk_evidence evidence = client();
    request.evidence = &evidence;
#endif
    return cmk_verify(verifier, &request, scratch, sizeof scratch, &claims, &report);
}

static const cmk_verifier *verifier_for(int is_bound) {
#ifdef HAS_FINGERPRINT
    return is_bound ? &bound : &plain;
#else
    (void)is_bound;
    return &plain;
#endif
}

#endif
