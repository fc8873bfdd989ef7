/* Verifying: a good token, and everything that a caller can do wrong. */
#ifndef EXERCISE_VERIFYING_H
#define EXERCISE_VERIFYING_H
#include "claims.h"
#include "round.h"

static void verifying(struct round *r) {
    cmk_bytes payload;

    GIVES(cmk_scratch_bytes(r->verifier, r->token.len, &r->need), CMK_OK);
    CHECK(r->need <= CMK_SCRATCH_BYTES(r->token.len));
    GIVES(cmk_scratch_bytes(NULL, r->token.len, &r->need), CMK_NULL_POINTER);
    GIVES(cmk_scratch_bytes(r->verifier, r->token.len, NULL), CMK_NULL_POINTER);
    GIVES(cmk_scratch_bytes(r->verifier, SIZE_MAX, &r->need), CMK_OK);
    GIVES(cmk_scratch_bytes(r->verifier, r->token.len, &r->need), CMK_OK);
    r->scratch = (uint8_t *)room(r->need);
    r->request = cmk_request_at(r->token, NOW);
    r->request.evidence = &r->evidence;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_OK);
    CHECK(r->report.status == CMK_OK && r->report.failures == 0);
    claims_of(r->claims);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need - 1, r->claims, &r->report), CMK_SCRATCH_TOO_SMALL);
    CHECK(r->report.status == CMK_SCRATCH_TOO_SMALL && is_zero(r->claims, sizeof *r->claims));
    GIVES(cmk_verify(NULL, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, NULL, r->scratch, r->need, r->claims, &r->report), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, &r->request, NULL, r->need, r->claims, &r->report), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, NULL, &r->report), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, NULL), CMK_NULL_POINTER);
    GIVES(cmk_verify(r->verifier, &r->request, (void *)(uintptr_t)r->token.ptr, r->token.len, r->claims, &r->report), CMK_OVERLAP);
    GIVES(cmk_verify_abi(CMK_ABI, r->verifier, &r->request, r->scratch, r->need, r->claims, sizeof *r->claims + 8, &r->report, sizeof r->report),
          CMK_ABI_MISMATCH);
    r->request.flags = 2;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_ARGUMENT);
    r->request.flags = CMK_REQUEST_NO_CLOCK;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_CLOCK_MISSING);
    r->request.flags = 0;
    r->request.size = 0;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_STRUCT_SIZE);
    r->request.size = sizeof r->request;
    r->request.now = NOW + 60;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_EXPIRED);
    CHECK(r->report.failures == CMK_FAILED_EXPIRED);
    r->request.now = INT64_MAX;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_EXPIRED);
    r->request.now = INT64_MIN;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_ISSUED_IN_FUTURE);
    r->request.now = NOW;
    r->request.evidence = NULL;
    GIVES(cmk_verify(r->verifier, &r->request, r->scratch, r->need, r->claims, &r->report), CMK_FINGERPRINT_MISMATCH);
    r->request.evidence = &r->evidence;
    /* A policy that asks for claims cannot judge an opaque payload. */
    GIVES(cmk_verify_opaque(r->verifier, &r->request, r->scratch, r->need, &payload, &r->report), CMK_POLICY_CONFLICT);
    r->policy = cmk_policy_strict();
    GIVES(cmk_verifier_init(r->opaque, &r->set, 1, &r->policy), CMK_OK);
    GIVES(cmk_verify_opaque(r->opaque, &r->request, r->scratch, r->need, &payload, &r->report), CMK_OK);
    CHECK(payload.len > 2 && payload.ptr[0] == '{');
    GIVES(cmk_verify_opaque(r->opaque, &r->request, r->scratch, r->need, NULL, &r->report), CMK_NULL_POINTER);
    GIVES(cmk_verify_opaque(r->opaque, &r->request, r->scratch, r->need - 1, &payload, &r->report), CMK_SCRATCH_TOO_SMALL);
}

#endif
