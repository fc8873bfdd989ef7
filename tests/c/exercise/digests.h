/* Digests of a fingerprint, by every kind of recipe. */
#ifndef EXERCISE_DIGESTS_H
#define EXERCISE_DIGESTS_H
#include "check.h"

static void digests(void) {
    cmk_header header = {cmk_text("user-agent"), cmk_text("one")};
    cmk_input inputs[CMK_INPUTS_MAX + 1];
    cmk_evidence evidence = cmk_evidence_of(&header, 1);
    cmk_recipe recipe = cmk_recipe_compat(cmk_text("fp"));
    cmk_bytes digest;
    char *buffer = (char *)room(CMK_DIGEST_BYTES_MAX);
    size_t at;
    int32_t kind;
    header.name = cmk_text("user-agent");
    header.value = cmk_text("exercise/1.0");
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_OK);
    CHECK(digest.len == 32);
    GIVES(cmk_digest(&recipe, &evidence, buffer, 31, &digest), CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_digest(&recipe, NULL, buffer, 64, &digest), CMK_OK);
    GIVES(cmk_digest(NULL, &evidence, buffer, 64, &digest), CMK_NULL_POINTER);
    GIVES(cmk_digest(&recipe, &evidence, NULL, 64, &digest), CMK_NULL_POINTER);
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, NULL), CMK_NULL_POINTER);
    recipe.preset = 3;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ARGUMENT);
    recipe.preset = CMK_RECIPE_OWN;
    recipe.hash = CMK_HASH_SHA256;
    recipe.encoding = CMK_ENCODING_HEX;
    recipe.inputs = inputs;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ARGUMENT);
    for (at = 0; at <= CMK_INPUTS_MAX; at++) {
        inputs[at].kind = CMK_INPUT_HEADER;
        inputs[at].name = cmk_text("user-agent");
    }
    recipe.input_count = CMK_INPUTS_MAX + 1;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_TOO_MANY_ITEMS);
    recipe.input_count = CMK_INPUTS_MAX;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_OK);
    CHECK(digest.len == CMK_DIGEST_BYTES_MAX);
    GIVES(cmk_digest(&recipe, &evidence, buffer, CMK_DIGEST_BYTES_MAX - 1, &digest), CMK_BUFFER_TOO_SMALL);
    recipe.input_count = 1;
    evidence.address = cmk_text("2001:db8::7");
    for (kind = 0; kind < 10; kind++) {
        int32_t wanted = kind < 1 || kind > 8 ? CMK_ARGUMENT : CMK_OK;
        inputs[0].kind = kind;
        GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), wanted);
    }
    inputs[0].kind = CMK_INPUT_NETWORK;
    evidence.address = cmk_text("not an address");
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_ADDRESS_MALFORMED);
    evidence.header_count = 2;
    evidence.headers = NULL;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_NULL_POINTER);
    evidence.size = 1;
    GIVES(cmk_digest(&recipe, &evidence, buffer, 64, &digest), CMK_STRUCT_SIZE);
    free(buffer);
}

#endif
