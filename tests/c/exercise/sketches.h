/* Sketches, collectors and notices; and the other kinds of keys, with bad arguments. */
#ifndef EXERCISE_SKETCHES_H
#define EXERCISE_SKETCHES_H
#include "check.h"

/* The claim of a token that is minted for this client. */
static cmk_bytes first_sketch(const cmk_sketch *sketch, const cmk_evidence *client, unsigned char *buffer, size_t bytes) {
    unsigned char token[512], scratch[CMK_SCRATCH_BYTES(512)];
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    cmk_policy policy = cmk_policy_strict();
    cmk_request request;
    cmk_verifier verifier;
    cmk_keys keys;
    cmk_claims claims;
    cmk_report report;
    cmk_signer signer;
    cmk_value value;
    cmk_bytes text, found;
    uint64_t region[64];
    mint.sketch = sketch, mint.evidence = client;
    memset(mint.salt, 7, sizeof mint.salt);
    GIVES(cmk_signer_of_secret(&signer, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_issue(&signer, &mint, scratch, sizeof scratch, token, sizeof token, &text), CMK_OK);
    GIVES(cmk_keys_init(&keys, region, sizeof region, none), CMK_OK);
    GIVES(cmk_keys_add_secret(&keys, CMK_HS256, none, cmk_bytes_of(secret, 32)), CMK_OK);
    GIVES(cmk_verifier_init(&verifier, &keys, 1, &policy), CMK_OK);
    request = cmk_request_at(text, NOW);
    GIVES(cmk_verify(&verifier, &request, scratch, sizeof scratch, &claims, &report), CMK_OK);
    GIVES(cmk_claims_get(&claims, cmk_text("cmk"), &value), CMK_OK);
    GIVES(cmk_value_text(&value, NULL, 0, &found), CMK_OK);
    CHECK(found.len <= bytes);
    memcpy(buffer, found.ptr, found.len);
    found.ptr = buffer;
    GIVES(cmk_verifier_wipe(&verifier), CMK_OK);
    GIVES(cmk_signer_wipe(&signer), CMK_OK);
    return found;
}

static void sketches(void) {
    cmk_bytes claim = tight("cmk");
    cmk_bytes document = tight("{\"isPrivate\":true,\"browserName\":\"Chrome\"}");
    cmk_pepper pepper = {0, cmk_bytes_of(secret, 32)};
    cmk_sketch *sketch = (cmk_sketch *)room(sizeof(cmk_sketch));
    cmk_sketch_rules rules = cmk_sketch_rules_of(CMK_SKETCH_BROWSER, claim, &pepper, 1);
    unsigned char *scratch = (unsigned char *)room(CMK_COLLECT_SCRATCH_BYTES);
    unsigned char *buffer = (unsigned char *)room(256);
    cmk_component components[4];
    cmk_collected found;
    cmk_notice notice;
    cmk_header fields[2] = {{cmk_text("User-Agent"), cmk_text("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")},
                            {cmk_text("Accept-Language"), cmk_text("de,en")}};
    cmk_header others[2] = {{cmk_text("User-Agent"), cmk_text("curl/8.1")}, {cmk_text("Accept-Language"), cmk_text("fr")}};
    cmk_evidence here = cmk_evidence_of(fields, 2), there = cmk_evidence_of(others, 2);
    uint32_t similarity = 7;
    cmk_bytes kept;
    GIVES(cmk_sketch_init(sketch, &rules), CMK_OK);
    /* Mints a sketch of this client, keeps its text, and finds the client like it and another one less so. */
    kept = first_sketch(sketch, &here, buffer, 256);
    GIVES(cmk_sketch_compare(sketch, kept, &here, &similarity), CMK_OK);
    CHECK(similarity == 1000);
    GIVES(cmk_sketch_compare(sketch, kept, &there, &similarity), CMK_OK);
    CHECK(similarity < 1000);
    GIVES(cmk_sketch_compare(sketch, claim, &here, &similarity), CMK_FINGERPRINT_MALFORMED);
    CHECK(similarity == 0);
    GIVES(cmk_sketch_compare(NULL, kept, &here, &similarity), CMK_NULL_POINTER);
    GIVES(cmk_sketch_compare(sketch, kept, &here, NULL), CMK_NULL_POINTER);
    GIVES(cmk_sketch_wipe(sketch), CMK_OK);
    GIVES(cmk_sketch_compare(sketch, kept, &here, &similarity), CMK_NOT_INITIALIZED);
    CHECK(is_zero(sketch, sizeof *sketch));
    rules.accept = 2000;
    GIVES(cmk_sketch_init(sketch, &rules), CMK_ARGUMENT);
    CHECK(is_zero(sketch, sizeof *sketch));
    GIVES(cmk_sketch_init(NULL, &rules), CMK_NULL_POINTER);
    GIVES(cmk_sketch_init(sketch, NULL), CMK_NULL_POINTER);
    GIVES(cmk_sketch_wipe(NULL), CMK_NULL_POINTER);
    CHECK(cmk_sketch_bytes() == sizeof(cmk_sketch));
    GIVES(cmk_collect(CMK_COLLECTOR_DETECT_INCOGNITO, document, scratch, CMK_COLLECT_SCRATCH_BYTES, buffer, 256, components, 4,
                      &found),
          CMK_OK);
    CHECK(found.count == 1 && components[0].number == CMK_COMPONENT_INCOGNITO && is_text(components[0].value, "true"));
    GIVES(cmk_collect(99, document, scratch, CMK_COLLECT_SCRATCH_BYTES, buffer, 256, components, 4, &found), CMK_ARGUMENT);
    CHECK(is_zero(buffer, 256) && is_zero(&found, sizeof found));
    GIVES(cmk_component_collects(CMK_COMPONENT_CANVAS, &notice), CMK_OK);
    GIVES(cmk_component_collects(0, &notice), CMK_ARGUMENT);
    GIVES(cmk_preset_collects(CMK_SKETCH_BROWSER, &notice), CMK_OK);
    GIVES(cmk_preset_collects(CMK_SKETCH_BROWSER, NULL), CMK_NULL_POINTER);
    drop(claim), drop(document);
    free(sketch), free(scratch), free(buffer);
}

/* Good ones are read by the Rust tests; here nothing is read that is not there. */
static void other_keys(void) {
    cmk_bytes junk = tight("junk");
    cmk_cooldown cooldown;
    cmk_signer signer;
    cmk_bytes text;
    int32_t may = 9;
    memset(&cooldown, 0, sizeof cooldown);
    CHECK(cmk_keys_add_certificate(NULL, CMK_ES256, none, junk) != CMK_OK);
    CHECK(cmk_keys_add_pkcs1(NULL, CMK_ES256, none, junk) != CMK_OK);
    CHECK(cmk_keys_add_pem(NULL, CMK_ES256, none, junk) != CMK_OK);
    CHECK(cmk_keys_add_ed25519(NULL, none, junk) != CMK_OK);
    CHECK(cmk_keys_generation(NULL, NULL) != CMK_OK);
    CHECK(cmk_keys_init_after(NULL, NULL, 0, NULL) != CMK_OK);
    CHECK(cmk_thumbprint(junk, NULL, 0, &text) != CMK_OK && text.len == 0);
    CHECK(cmk_claims_identity(NULL, NULL, 0, &text) != CMK_OK && text.len == 0);
    CHECK(cmk_signer_of_seed(&signer, none, junk) != CMK_OK && is_zero(&signer, sizeof signer));
    CHECK(cmk_cooldown_ask(&cooldown, 100, &may) == CMK_OK && may == 1);
    CHECK(cmk_cooldown_ask(NULL, 100, &may) != CMK_OK);
    drop(junk);
}

#endif
