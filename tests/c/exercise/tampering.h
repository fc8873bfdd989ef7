/* Every truncation of a token, and every byte replaced. */
#ifndef EXERCISE_TAMPERING_H
#define EXERCISE_TAMPERING_H
#include "round.h"

static void tampering(struct round *r) {
    cmk_bytes payload;
    size_t at;

    /* Every truncation, and every byte replaced: refused, and nothing read behind the end. */
    for (at = 0; at < r->token.len; at++) {
        uint8_t *shorter = (uint8_t *)room(at);
        memcpy(shorter, r->token.ptr, at);
        r->request.token = cmk_bytes_of(shorter, at);
        CHECK(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report) != CMK_OK);
        CHECK(is_zero(r->claims, sizeof *r->claims));
        free(shorter);
    }
    /* With ECDSA each of these is a verification of a quarter of a millisecond, and ten under a sanitizer. */
    r->request.token = r->token;
    for (at = 0; at < r->token.len; at += (r->alg == CMK_ES256 ? 29 : 1)) {
        uint8_t *place = (uint8_t *)(uintptr_t)r->token.ptr + at;
        uint8_t kept = *place;
        *place = kept == 'A' ? 'B' : 'A';
        CHECK(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report) != CMK_OK);
        CHECK(cmk_verify_opaque(r->opaque, &r->request, r->scratch, r->need, &payload, &r->report) != CMK_OK);
        CHECK(is_zero(&payload, sizeof payload));
        *place = kept;
    }
    r->request.token = cmk_bytes_of(NULL, 0);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_TOKEN_EMPTY);
    r->request.token = cmk_bytes_of(NULL, 5);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_NULL_POINTER);
    r->request.token = r->token;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_OK);
}

#endif
