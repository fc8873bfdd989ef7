/* One algorithm's round: who signs, who verifies, what passes between them. */
#ifndef EXERCISE_ROUND_H
#define EXERCISE_ROUND_H
#include "check.h"

#define REGION_BYTES CMK_KEYS_BYTES(1, 0)

struct round {
    int32_t alg;
    uint64_t *region;
    uint64_t *tables;
    uint8_t scalar[32];
    cmk_bytes key;
    cmk_keys set;
    cmk_signer *signer;
    cmk_verifier *verifier;
    cmk_verifier *opaque;
    cmk_claims *claims;
    cmk_report report;
    cmk_policy policy;
    cmk_mint mint;
    cmk_request request;
    cmk_bytes audience;
    cmk_header headers[2];
    cmk_evidence evidence;
    cmk_recipe recipe;
    uint8_t *scratch;
    size_t need;
    char *buffer;
    cmk_bytes token;
};

static void begin(struct round *r, int32_t alg) {
    r->alg = alg;
    r->region = (uint64_t *)room(REGION_BYTES);
    r->tables = (uint64_t *)room(cmk_prepared_bytes(4, 1));
    r->key = cmk_bytes_of(secret, 64);
    r->signer = (cmk_signer *)room(sizeof *r->signer);
    r->verifier = (cmk_verifier *)room(sizeof *r->verifier);
    r->opaque = (cmk_verifier *)room(sizeof *r->opaque);
    r->claims = (cmk_claims *)room(sizeof *r->claims);
    r->policy = cmk_policy_strict();
    r->mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    r->audience = tight("https://api.example");
    r->evidence = cmk_evidence_of(r->headers, 2);
    r->recipe = cmk_recipe_headers(cmk_text("fp"), cmk_text("a pepper of sixteen bytes or more"));
    r->scratch = (uint8_t *)room(1024);
    r->buffer = (char *)room(1024);
    r->headers[0].name = cmk_text("User-Agent");
    r->headers[0].value = cmk_text("exercise/1.0");
    r->headers[1].name = cmk_text("Accept-Language");
    r->headers[1].value = cmk_text("en");
    memset(r->scalar, 0x11, sizeof r->scalar);
}

static void end(struct round *r) {
    GIVES(cmk_signer_wipe(r->signer), CMK_OK);
    CHECK(is_zero(r->signer, sizeof *r->signer));
    GIVES(cmk_signer_wipe(NULL), CMK_NULL_POINTER);
    GIVES(cmk_verifier_wipe(r->verifier), CMK_OK);
    GIVES(cmk_verifier_wipe(NULL), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_NOT_INITIALIZED);
    GIVES(cmk_keys_wipe(&r->set), CMK_OK);
    drop(r->token), drop(r->audience);
    free(r->scratch), free(r->buffer), free(r->claims), free(r->verifier), free(r->opaque), free(r->signer), free(r->region);
    free(r->tables);
}

#endif
