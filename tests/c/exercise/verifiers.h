/* Verifiers: policies that are refused, and one that is kept. */
#ifndef EXERCISE_VERIFIERS_H
#define EXERCISE_VERIFIERS_H
#include "round.h"

/* RFC 9068's preset, with how and when the user logged in (RFC 9470): one token that meets it, and what it lacks. */
static void access_tokens(struct round *r) {
    static const char *const lacking[4] = {"\"client_id\":\"app\"", "\"acr\":\"gold\"", "\"auth_time\":1699999900", "\"jti\":\"1\""};
    static const int32_t wanted[4] = {CMK_CLAIM_REQUIRED, CMK_ACR, CMK_AUTH_TIME_MISSING, CMK_CLAIM_REQUIRED};
    const cmk_bytes issuer = cmk_text("https://login.example"), gold[2] = {cmk_text("silver"), cmk_text("gold")};
    cmk_policy policy = cmk_policy_rfc9068(&issuer, 1, &r->audience, 1);
    size_t at, scratch_bytes = CMK_SCRATCH_BYTES(2048);
    void *scratch = room(scratch_bytes), *buffer = room(2048);
    policy.acr = gold;
    policy.acr_count = 2;
    policy.auth_max_age = 100;
    for (at = 0; at <= 5; at++) {
        char claims[256] = "{\"client_id\":\"app\",\"acr\":\"gold\",\"auth_time\":1699999900,\"jti\":\"1\"}";
        cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
        cmk_bytes token;
        cmk_request request;
        cmk_report report;
        cmk_claims got;
        if (at < 4) {
            /* The member keeps its place under a name that nobody asks for. */
            *(strstr(claims, lacking[at]) + 1) = 'x';
        }
        mint.typ = cmk_text("at+jwt");
        mint.issuer = issuer;
        mint.audiences = &r->audience;
        mint.audience_count = 1;
        mint.issued_at = NOW;
        mint.claims = cmk_text(claims);
        GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &policy), CMK_OK);
        GIVES(cmk_issue(r->signer, &mint, scratch, scratch_bytes, buffer, 2048, &token), CMK_OK);
        request = cmk_request_at(token, NOW + (at == 5));
        GIVES(cmk_verify(r->verifier, &request, scratch, scratch_bytes, &got, &report),
              at < 4 ? wanted[at] : at == 4 ? CMK_OK : CMK_AUTH_TOO_OLD);
    }
    policy.acr_count = CMK_NAMES_MAX + 1;
    {
        cmk_bytes many[CMK_NAMES_MAX + 1];
        for (at = 0; at <= CMK_NAMES_MAX; at++) {
            many[at] = gold[0];
        }
        policy.acr = many;
        GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &policy), CMK_TOO_MANY_ITEMS);
    }
    policy.acr = NULL;
    policy.acr_count = 1;
    GIVES(cmk_verifier_init(r->verifier, &r->set, 1, &policy), CMK_NULL_POINTER);
    free(scratch);
    free(buffer);
}

/* Tables of the round's keys: of those that are not ES256 there are none. */
static void prepared(struct round *r) {
    cmk_keys many[CMK_SETS_MAX + 1];
    size_t at, bytes = cmk_prepared_bytes(4, 1);
    cmk_verifier empty;
    CHECK(cmk_prepared_bytes(3, 1) == 0 && cmk_prepared_bytes(9, 1) == 0 && bytes > 65536 && bytes < 66000);
    memset(&empty, 0, sizeof empty);
    for (at = 0; at <= CMK_SETS_MAX; at++) {
        many[at] = r->set;
    }
    GIVES(cmk_verifier_use_prepared(r->verifier, r->tables, bytes), CMK_NOT_INITIALIZED);
    GIVES(cmk_prepare(NULL, bytes, 4, &r->set, 1), CMK_NULL_POINTER);
    GIVES(cmk_prepare(r->tables, bytes, 4, NULL, 1), CMK_NULL_POINTER);
    GIVES(cmk_prepare((uint8_t *)r->tables + 1, bytes - 8, 4, &r->set, 1), CMK_MISALIGNED);
    GIVES(cmk_prepare(r->tables, bytes, 3, &r->set, 1), CMK_ARGUMENT);
    GIVES(cmk_prepare(r->tables, bytes, 4, many, CMK_SETS_MAX + 1), CMK_TOO_MANY_ITEMS);
    GIVES(cmk_prepare(r->region, REGION_BYTES, 4, &r->set, 1), CMK_OVERLAP);
    GIVES(cmk_prepare(&r->set, sizeof r->set, 4, &r->set, 1), CMK_OVERLAP);
    GIVES(cmk_prepare(r->tables, 0, 4, &r->set, 1), CMK_REGION_TOO_SMALL);
    GIVES(cmk_prepare(r->tables, bytes - 8, 4, &r->set, 1), r->alg == CMK_ES256 ? CMK_REGION_TOO_SMALL : CMK_OK);
    /* The same key twice has one table. */
    GIVES(cmk_prepare(r->tables, bytes, 4, many, 2), CMK_OK);
    GIVES(cmk_verifier_use_prepared(NULL, r->tables, bytes), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_prepared(r->verifier, NULL, bytes), CMK_NULL_POINTER);
    GIVES(cmk_verifier_use_prepared(r->verifier, r->verifier, sizeof *r->verifier), CMK_OVERLAP);
    GIVES(cmk_verifier_use_prepared(r->verifier, (uint8_t *)r->tables + 1, bytes - 8), CMK_MISALIGNED);
    GIVES(cmk_verifier_use_prepared(&empty, r->tables, bytes), CMK_NOT_INITIALIZED);
    r->tables[100] ^= 1;
    GIVES(cmk_verifier_use_prepared(r->verifier, r->tables, bytes), CMK_NOT_INITIALIZED);
    r->tables[100] ^= 1;
    /* What follows is verified with them. */
    GIVES(cmk_verifier_use_prepared(r->verifier, r->tables, bytes), CMK_OK);
}

static void verifiers(struct round *r) {
    size_t at;

    access_tokens(r);

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
    prepared(r);
}

#endif
