/* Signers and the keys that belong to them. */
#ifndef EXERCISE_SIGNERS_H
#define EXERCISE_SIGNERS_H
#include "round.h"

static void signers(struct round *r) {
    GIVES(cmk_keys_init(&r->set, r->region, REGION_BYTES, none), CMK_OK);
    if (r->alg == CMK_ES256) {
        cmk_bytes sec1;
        uint8_t point[65];
        GIVES(cmk_signer_of_scalar(r->signer, r->alg, none, cmk_bytes_of(r->scalar, 31)), CMK_KEY_LENGTH);
        GIVES(cmk_signer_of_scalar(r->signer, CMK_HS256, none, cmk_bytes_of(r->scalar, 32)), CMK_KEY_ALGORITHM_MISMATCH);
        memset(r->scalar, 0, sizeof r->scalar);
        GIVES(cmk_signer_of_scalar(r->signer, r->alg, none, cmk_bytes_of(r->scalar, 32)), CMK_KEY_POINT);
        memset(r->scalar, 0xff, sizeof r->scalar);
        GIVES(cmk_signer_of_scalar(r->signer, r->alg, none, cmk_bytes_of(r->scalar, 32)), CMK_KEY_POINT);
        memset(r->scalar, 0x11, sizeof r->scalar);
        GIVES(cmk_signer_of_scalar(r->signer, r->alg, none, cmk_bytes_of(r->scalar, 32)), CMK_OK);
        GIVES(cmk_signer_public(r->signer, point, 64, &sec1), CMK_BUFFER_TOO_SMALL);
        GIVES(cmk_signer_public(r->signer, point, 65, &sec1), CMK_OK);
        GIVES(cmk_keys_add_sec1(&r->set, r->alg, none, sec1), CMK_OK);
    } else {
        cmk_bytes sec1;
        GIVES(cmk_signer_of_secret(r->signer, r->alg, none, cmk_bytes_of(secret, 8)), CMK_KEY_TOO_SHORT);
        GIVES(cmk_signer_of_secret(r->signer, r->alg, none, r->key), CMK_OK);
        GIVES(cmk_signer_public(r->signer, r->buffer, 1024, &sec1), CMK_KEY_ALGORITHM_MISMATCH);
        GIVES(cmk_keys_add_secret(&r->set, r->alg, none, r->key), CMK_OK);
    }
    GIVES(cmk_signer_of_secret(NULL, CMK_HS256, none, r->key), CMK_NULL_POINTER);
    GIVES(cmk_signer_of_secret(r->signer, 0, none, r->key), CMK_NOT_SUPPORTED);
    CHECK(is_zero(r->signer, sizeof *r->signer));
    GIVES(cmk_issue(r->signer, &r->mint, r->scratch, 1024, r->buffer, 1024, &r->token), CMK_NOT_INITIALIZED);
    GIVES(r->alg == CMK_ES256 ? cmk_signer_of_scalar(r->signer, r->alg, none, cmk_bytes_of(r->scalar, 32))
                           : cmk_signer_of_secret(r->signer, r->alg, none, r->key),
          CMK_OK);
}

#endif
