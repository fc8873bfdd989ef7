/* Rules: good ones, ones that are not met, ones that make no sense. */
#ifndef EXERCISE_RIGHTS_H
#define EXERCISE_RIGHTS_H
#include "check.h"

static void rights(void) {
    uint64_t *region = (uint64_t *)room(CMK_KEYS_BYTES_SMALL(1, 0));
    uint8_t *scratch = (uint8_t *)room(1024);
    char *buffer = (char *)room(1024);
    char text[64];
    cmk_bytes base = tight(secret);
    cmk_bytes values[2];
    cmk_rule rules[2];
    cmk_rule wrong;
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    cmk_policy policy = cmk_policy_strict();
    cmk_bytes token;
    cmk_bytes scope;
    cmk_keys set;
    cmk_signer signer;
    cmk_verifier verifier;
    cmk_request request;
    cmk_claims claims;
    cmk_report report;

    memset(rules, 0, sizeof rules);
    values[0] = cmk_text("read");
    values[1] = cmk_text("write");
    rules[0].path = cmk_text("level");
    rules[0].test = CMK_RULE_GREATER_OR_EQUAL;
    rules[0].number = 3;
    rules[1].path = cmk_text("scope");
    rules[1].test = CMK_RULE_ALL_OF;
    rules[1].values = values;
    rules[1].value_count = 1;
    policy.rules = rules;
    policy.rule_count = 2;

    GIVES(cmk_keys_init(&set, region, CMK_KEYS_BYTES_SMALL(1, 0), none), CMK_OK);
    GIVES(cmk_keys_add_secret(&set, CMK_HS256, none, base), CMK_OK);
    GIVES(cmk_signer_of_secret(&signer, CMK_HS256, none, base), CMK_OK);
    mint.claims = cmk_text("{\"scope\":\"read list\",\"level\":3}");
    GIVES(cmk_issue(&signer, &mint, scratch, 1024, buffer, 1024, &token), CMK_OK);
    request = cmk_request_at(token, NOW);
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_OK);
    GIVES(cmk_verify(&verifier, &request, scratch, 1024, &claims, &report), CMK_OK);
    CHECK(report.unmet == -1);
    rules[1].value_count = 2;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_OK);
    GIVES(cmk_verify(&verifier, &request, scratch, 1024, &claims, &report), CMK_RIGHTS_MISSING);
    CHECK(report.unmet == 1 && report.failures == CMK_FAILED_RIGHTS_MISSING && is_zero(&claims, sizeof claims));
    GIVES(cmk_verify_opaque(&verifier, &request, scratch, 1024, &scope, &report), CMK_POLICY_CONFLICT);
    CHECK(cmk_http_status(CMK_RIGHTS_MISSING) == 403);

    GIVES(cmk_rule_scope(&rules[1], text, sizeof text, &scope), CMK_OK);
    CHECK(scope.len == 10 && memcmp(scope.ptr, "read write", 10) == 0);
    GIVES(cmk_rule_scope(&rules[1], text, 9, &scope), CMK_BUFFER_TOO_SMALL);
    CHECK(is_zero(&scope, sizeof scope));
    GIVES(cmk_rule_scope(&rules[0], text, sizeof text, &scope), CMK_OK);
    CHECK(scope.len == 0);
    GIVES(cmk_rule_scope(NULL, text, sizeof text, &scope), CMK_NULL_POINTER);
    GIVES(cmk_rule_scope(&rules[1], NULL, 64, &scope), CMK_NULL_POINTER);
    GIVES(cmk_rule_scope(&rules[1], text, sizeof text, NULL), CMK_NULL_POINTER);
    GIVES(cmk_rule_scope(&rules[1], rules, sizeof rules, &scope), CMK_OVERLAP);

    policy.rules = &wrong;
    policy.rule_count = 1;
    wrong = rules[1];
    wrong.test = 9;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_RIGHTS_RULE);
    wrong = rules[1];
    wrong.value_count = 0;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_RIGHTS_RULE);
    wrong = rules[1];
    wrong.path = none;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_RIGHTS_RULE);
    wrong = rules[1];
    wrong.flags = 2;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    wrong = rules[1];
    wrong.values = NULL;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_NULL_POINTER);
    CHECK(is_zero(&verifier, sizeof verifier));
    policy.rules = NULL;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_NULL_POINTER);
    GIVES(cmk_signer_wipe(&signer), CMK_OK);
    drop(base);
    free(region), free(scratch), free(buffer);
}

#endif
