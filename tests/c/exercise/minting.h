/* Minting: bad first, then with every size of scratch and buffer. */
#ifndef EXERCISE_MINTING_H
#define EXERCISE_MINTING_H
#include "claims.h"
#include "round.h"

static void minting(struct round *r) {
    size_t at;

    /* Minting: bad first, then every scratch and buffer size from none on, until it fits. */
    r->mint.audiences = &r->audience;
    r->mint.audience_count = 1;
    r->mint.issued_at = NOW;
    r->mint.digest = &r->recipe;
    r->mint.evidence = &r->evidence;
    r->mint.claims = cmk_text("{\"sub\":\"mallory\"}");
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_CLAIMS_MALFORMED);
    r->mint.claims = cmk_text(more_claims);
    r->mint.flags = 1;
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_ARGUMENT);
    r->mint.flags = 0;
    /* The fingerprint of nobody would be everybody's who sends nothing. */
    r->mint.evidence = NULL;
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_NULL_POINTER);
    CHECK(is_zero(&r->token, sizeof r->token));
    r->mint.evidence = &r->evidence;
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->scratch, 1024, &r->token), CMK_OVERLAP);
    GIVES(cmk_issue(r->signer, &r->mint, NULL, 1024, r->buffer, 1024, &r->token), CMK_NULL_POINTER);
    GIVES(cmk_issue(r->signer, NULL, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_NULL_POINTER);
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, NULL), CMK_NULL_POINTER);
    for (at = 0; at < 1024; at += 13) {
        uint8_t *less = (uint8_t *)room(at);
        int32_t status = cmk_issue(r->signer, &r->mint, less, at, r->buffer, 1024, &r->token);
        CHECK(status == CMK_OK || (status == CMK_SCRATCH_TOO_SMALL && is_zero(&r->token, sizeof r->token)));
        free(less);
    }
    for (at = 0; at < 700; at += 13) {
        char *less = (char *)room(at);
        int32_t status = cmk_issue(r->signer, &r->mint, r->scratch, 1024, less, at, &r->token);
        CHECK(status == CMK_OK || (status == CMK_BUFFER_TOO_SMALL && is_zero(&r->token, sizeof r->token)));
        free(less);
    }
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_OK);
    {
        /* A token of exactly its length, so that reading behind it is seen. */
        uint8_t *exact = (uint8_t *)room(r->token.len);
        memcpy(exact, r->token.ptr, r->token.len);
        r->token.ptr = exact;
    }
    free(r->scratch);
}

#endif
