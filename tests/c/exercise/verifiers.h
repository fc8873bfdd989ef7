/* Verifiers: policies that are refused, and one that is kept. */
#ifndef EXERCISE_VERIFIERS_H
#define EXERCISE_VERIFIERS_H
#include "round.h"

static void verifiers(struct round *r) {
    size_t at;

    r->policy.audiences = &r->audience;
    r->policy.audience_count = 1;
    r->policy.digest = &r->recipe;
    r->policy.flags = 8;
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &r->policy), CMK_ARGUMENT);
    CHECK(is_zero(r->verifier, sizeof *r->verifier));
    r->policy.flags = 0;
    r->policy.audience_count = CMK_NAMES_MAX + 1;
    {
        cmk_bytes many[CMK_NAMES_MAX + 1];
        for (at = 0; at <= CMK_NAMES_MAX; at++) {
            many[at] = r->audience;
        }
        r->policy.audiences = many;
        GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &r->policy), CMK_TOO_MANY_ITEMS);
    }
    r->policy.audiences = &r->audience;
    r->policy.audience_count = 1;
    r->policy.size--;
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &r->policy), CMK_STRUCT_SIZE);
    r->policy.size++;
    GIVES(cmk_verifier_init_abi(CMK_ABI + 1, r->verifier, sizeof *r->verifier, &r->set, 1, &r->policy), CMK_ABI_MISMATCH);
    GIVES(cmk_verifier_init_abi(CMK_ABI, r->verifier, sizeof *r->verifier - 1, &r->set, 1, &r->policy), CMK_ABI_MISMATCH);
    GIVES(cmk_verifier_init(NULL, &r->set, 1, &r->policy), CMK_NULL_POINTER);
    GIVES(cmk_verifier_init(r->verifier, NULL, 1, &r->policy), CMK_NULL_POINTER);
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, NULL), CMK_NULL_POINTER);
    r->recipe.pepper.len = 15;
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &r->policy), CMK_PEPPER_TOO_SHORT);
    r->recipe.pepper.len = 16;
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &r->policy), CMK_OK);
}

#endif
