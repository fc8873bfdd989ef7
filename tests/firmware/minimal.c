/* The smallest useful program: one key, one policy, one verification, one claim. What it takes is what the library costs.
 * EVERYTHING: nothing but the functions that the linker is told to keep. NOTHING: the same without the library. */
#include "countermark.h"

void *volatile token_at;
volatile size_t token_bytes;
volatile int64_t now;
volatile int32_t verdict;

int main(void);

#if defined NOTHING
int main(void) {
    verdict = token_at != NULL && token_bytes != 0 && now != 0;
    return 0;
}
#elif defined EVERYTHING
int main(void) {
    return 0;
}
#else
/* What it is to hold; the linker must not know that it is no key. */
#if defined WITH_ES256 || defined WITH_ES384 || defined WITH_RS256 || defined WITH_ED25519
static volatile uint8_t key_bytes[640] = {4, 1};
#endif

int main(void) {
    static uint64_t region[CMK_KEYS_BYTES(1, 0) / 8];
    static uint8_t scratch[CMK_SCRATCH_BYTES(1024)];
    cmk_keys keys;
    cmk_verifier verifier;
    cmk_claims claims;
    cmk_report report;
    cmk_value value;
    cmk_bytes text;
    const cmk_bytes audience = cmk_text("https://device.example");
    cmk_policy policy = cmk_policy_strict();
    policy.audiences = &audience;
    policy.audience_count = 1;
#ifdef WITH_SKETCH
    static cmk_sketch sketch;
    static const cmk_pepper pepper = {1, {(const uint8_t *)"a pepper of more than 16 bytes", 30}};
    const cmk_sketch_rules rules = cmk_sketch_rules_of(CMK_SKETCH_BROWSER, cmk_text("cmk"), &pepper, 1);
    const cmk_evidence evidence = cmk_evidence_of(NULL, 0);
    if (cmk_sketch_init(&sketch, &rules) != CMK_OK) {
        return 1;
    }
    policy.sketch = &sketch;
#endif
    int32_t status = cmk_keys_init(&keys, region, sizeof region, cmk_text(NULL));
    if (status == CMK_OK) {
#if defined WITH_ES256
        status = cmk_keys_add_sec1(&keys, CMK_ES256, cmk_text(NULL), cmk_bytes_of((const uint8_t *)key_bytes, 65));
#elif defined WITH_ES384
        status = cmk_keys_add_sec1(&keys, CMK_ES384, cmk_text(NULL), cmk_bytes_of((const uint8_t *)key_bytes, 97));
#elif defined WITH_RS256
        status = cmk_keys_add_pkcs1(&keys, CMK_RS256, cmk_text(NULL), cmk_bytes_of((const uint8_t *)key_bytes, 270));
#elif defined WITH_ED25519
        status = cmk_keys_add_ed25519(&keys, cmk_text(NULL), cmk_bytes_of((const uint8_t *)key_bytes, 32));
#else
        status = cmk_keys_add_secret(&keys, CMK_HS256, cmk_text(NULL), cmk_text("a secret of at least thirty-two bytes"));
#endif
    }
    if (status == CMK_OK) {
        status = cmk_verifier_init(&verifier, &keys, 1, &policy);
    }
    cmk_request request = cmk_request_at(cmk_bytes_of(token_at, token_bytes), now);
#ifdef WITH_SKETCH
    request.evidence = &evidence;
#endif
    if (status == CMK_OK) {
        status = cmk_verify(&verifier, &request, scratch, sizeof scratch, &claims, &report);
    }
    if (status == CMK_OK) {
        status = cmk_claims_get(&claims, cmk_text("sub"), &value);
    }
    if (status == CMK_OK) {
        status = cmk_value_text(&value, NULL, 0, &text);
    }
    verdict = status;
    return 0;
}
#endif
