/* Sketches, collectors and notices; and the other kinds of keys, with bad arguments. */
#ifndef EXERCISE_SKETCHES_H
#define EXERCISE_SKETCHES_H
#include "check.h"

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
    GIVES(cmk_sketch_init(sketch, &rules), CMK_OK);
    GIVES(cmk_sketch_wipe(sketch), CMK_OK);
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
