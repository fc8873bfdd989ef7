/* Mints a token that is bound to a client's fingerprint, which only the core can do.
 *
 *     mint SECRET PRESET PEPPER CLAIMS ADDRESS PAGE [name value]...
 *
 * PRESET: of a sketch, by its number; or "digest", "compat". PAGE: what FingerprintJS collected, or nothing.
 */
#include "countermark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(int32_t status) {
    fprintf(stderr, "mint: %s\n", cmk_status_name(status));
    return 1;
}

int main(int count, char **arguments) {
    static uint8_t scratch[16384], token[8192];
    static uint8_t values[16384], collect[CMK_COLLECT_SCRATCH_BYTES];
    cmk_component components[256];
    cmk_collected found;
    cmk_header headers[64];
    cmk_pepper pepper;
    cmk_sketch sketch;
    cmk_sketch_rules rules;
    cmk_recipe recipe;
    cmk_signer signer;
    cmk_mint mint = cmk_mint_for(cmk_none(), 0);
    cmk_evidence evidence;
    cmk_bytes made;
    size_t fields = 0;
    int32_t status;
    int at;
    if (count < 7) {
        return 2;
    }
    for (at = 7; at + 1 < count && fields < 64; at += 2) {
        headers[fields].name = cmk_text(arguments[at]);
        headers[fields++].value = cmk_text(arguments[at + 1]);
    }
    evidence = cmk_evidence_of(headers, fields);
    evidence.address = cmk_text(arguments[5]);
    status = cmk_signer_of_secret(&signer, CMK_HS256, cmk_none(), cmk_text(arguments[1]));
    if (status == CMK_OK && arguments[6][0] != '\0') {
        status = cmk_collect(CMK_COLLECTOR_FINGERPRINTJS, cmk_text(arguments[6]), collect, sizeof collect, values, sizeof values,
                             components, 256, &found);
        evidence.components = components;
        evidence.component_count = found.count;
    }
    if (status != CMK_OK) {
        return fail(status);
    }
    pepper.number = 0; /* as the conformance program has it */
    pepper.secret = cmk_text(arguments[3]);
    if (strcmp(arguments[2], "digest") == 0) {
        recipe = cmk_recipe_headers(cmk_text("fp"), pepper.secret);
        mint.digest = &recipe;
    } else if (strcmp(arguments[2], "compat") == 0) {
        recipe = cmk_recipe_compat(cmk_text("fp"));
        mint.digest = &recipe;
    } else {
        rules = cmk_sketch_rules_of(atoi(arguments[2]), cmk_text("cmk"), &pepper, 1);
        status = cmk_sketch_init(&sketch, &rules);
        mint.sketch = &sketch;
    }
    mint.evidence = &evidence;
    mint.claims = cmk_text(arguments[4]);
    mint.flags = CMK_ALLOW_MISSING_EXP; /* it is in the claims */
    memcpy(mint.salt, "salted..", CMK_SALT_BYTES);
    if (status == CMK_OK) {
        status = cmk_issue(&signer, &mint, scratch, sizeof scratch, token, sizeof token, &made);
    }
    if (status != CMK_OK) {
        return fail(status);
    }
    printf("%.*s", (int)made.len, (const char *)made.ptr);
    return 0;
}
