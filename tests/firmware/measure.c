/* Peak stack and instructions of each entry point, and the bytes of every object, one per line: KIND NAME NUMBER. */
#include "verifiers.h"

extern uint32_t stack_bottom[];
#define PAINT UINT32_C(0xa5c35a3c)

static uintptr_t stack_pointer(void);
static inline __attribute__((always_inline)) uintptr_t stack_pointer(void) {
    uintptr_t at;
#ifdef __riscv
    __asm__ volatile("mv %0, sp" : "=r"(at));
#else
    __asm__ volatile("mov %0, sp" : "=r"(at));
#endif
    return at;
}

static void say(const char *kind, const char *name, uint64_t number) {
    board_text(kind);
    board_text(" ");
    board_text(name);
    board_text(" ");
    board_number(number);
    board_text("\n");
}

/* Leaf functions without a frame of their own would be inlined; these must not lie in the painted memory themselves. */
static inline __attribute__((always_inline)) void paint(uintptr_t top) {
    for (volatile uint32_t *at = stack_bottom; (uintptr_t)at < top; at++) {
        *at = PAINT;
    }
}

static inline __attribute__((always_inline)) uint64_t painted_over(uintptr_t top) {
    volatile uint32_t *at = stack_bottom;
    while ((uintptr_t)at < top && *at == PAINT) {
        at++;
    }
    return top - (uintptr_t)at;
}

static uint64_t nothing_takes;

/* The call's own frame starts at the stack pointer here. */
#define MEASURE(name, expected, call)                                                                                          \
    do {                                                                                                                       \
        const uintptr_t top = stack_pointer();                                                                                 \
        paint(top);                                                                                                            \
        const uint64_t before = board_instructions();                                                                          \
        const int32_t status = (call);                                                                                         \
        const uint64_t after = board_instructions();                                                                           \
        const uint64_t stack = painted_over(top);                                                                              \
        if (status != (expected)) {                                                                                            \
            must(status != CMK_OK ? status : CMK_ARGUMENT, name);                                                              \
        }                                                                                                                      \
        say("stack", name, stack);                                                                                             \
        say("instructions", name, after - before - nothing_takes);                                                             \
    } while (0)

static __attribute__((noinline)) int32_t nothing(void) {
    __asm__ volatile("");
    return CMK_OK;
}

static const char *token_of(const char *name) {
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        size_t same = 0;
        while (name[same] != '\0' && cases[at].name[same] == name[same]) {
            same++;
        }
        if (name[same] == cases[at].name[same]) {
            return cases[at].token;
        }
    }
    must(CMK_ARGUMENT, name);
    return NULL;
}

static void verify(const cmk_verifier *verifier, const char *token, const char *name, int32_t expected) {
    cmk_request request = cmk_request_at(cmk_text(token_of(token)), NOW);
#ifdef HAS_FINGERPRINT
    const cmk_evidence evidence = client();
    request.evidence = &evidence;
#endif
    MEASURE(name, expected, cmk_verify(verifier, &request, scratch, sizeof scratch, &claims, &report));
}

static void loading(void) {
    const cmk_bytes none = cmk_text(NULL);
    const cmk_policy policy = policy_for_device();
    MEASURE("cmk_keys_init", CMK_OK, cmk_keys_init(&keys, region, sizeof region, none));
    MEASURE("cmk_keys_add_secret:HS256", CMK_OK, cmk_keys_add_secret(&keys, CMK_HS256, cmk_text("mac"), cmk_text(SECRET)));
    MEASURE("cmk_keys_add_jwk:HS256", CMK_OK,
            cmk_keys_add_jwk(&keys, cmk_text("{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"jwk\",\"k\":"
                                             "\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"), NULL, 0));
#ifdef HAS_ES256
    must(cmk_keys_init(&keys, region, sizeof region, none), "cmk_keys_init");
    MEASURE("cmk_keys_add_sec1:uncompressed", CMK_OK, cmk_keys_add_sec1(&keys, CMK_ES256, none, cmk_bytes_of(sec1, sizeof sec1)));
    must(cmk_keys_init(&keys, region, sizeof region, none), "cmk_keys_init");
    MEASURE("cmk_keys_add_sec1:compressed", CMK_OK, cmk_keys_add_sec1(&keys, CMK_ES256, none, cmk_bytes_of(sec1_short, sizeof sec1_short)));
    must(cmk_keys_init(&keys, region, sizeof region, none), "cmk_keys_init");
    MEASURE("cmk_keys_add_jwk:ES256", CMK_OK, cmk_keys_add_jwk(&keys, cmk_text(JWK), NULL, 0));
    must(cmk_keys_init(&keys, region, sizeof region, none), "cmk_keys_init");
    cmk_loaded loaded;
    MEASURE("cmk_keys_add_jwks:ES256", CMK_OK, cmk_keys_add_jwks(&keys, cmk_text("{\"keys\":[" JWK "]}"), NULL, 0, &loaded));
#endif
#if defined HAS_SPKI && defined HAS_ES256
    must(cmk_keys_init(&keys, region, sizeof region, none), "cmk_keys_init");
    MEASURE("cmk_keys_add_spki", CMK_OK, cmk_keys_add_spki(&keys, CMK_ES256, none, cmk_bytes_of(spki, sizeof spki)));
#endif
    make_plain();
    MEASURE("cmk_verifier_init", CMK_OK, cmk_verifier_init(&plain, &keys, 1, &policy));
}

static void verifying(void) {
    verify(&plain, "HS256 good", "cmk_verify:HS256", CMK_OK);
    verify(&plain, "HS256 payload tampered", "cmk_verify:HS256-tampered", CMK_SIGNATURE);
    verify(&plain, "alg none", "cmk_verify:alg-none", CMK_ALGORITHM_UNKNOWN);
    verify(&plain, "expired", "cmk_verify:HS256-expired", CMK_EXPIRED);
#ifdef HAS_HS384
    verify(&plain, "HS384 good", "cmk_verify:HS384", CMK_OK);
#endif
#ifdef HAS_HS512
    verify(&plain, "HS512 good", "cmk_verify:HS512", CMK_OK);
#endif
#ifdef HAS_FINGERPRINT
    const cmk_recipe digest = recipe();
    cmk_policy policy = policy_for_device();
    policy.digest = &digest;
    MEASURE("cmk_verifier_init:fingerprint", CMK_OK, cmk_verifier_init(&bound, &keys, 1, &policy));
    verify(&bound, "fingerprint", "cmk_verify:HS256+fingerprint", CMK_OK);
#endif
#ifdef HAS_ES256
    verify(&plain, "ES256 good", "cmk_verify:ES256", CMK_OK);
    verify(&plain, "ES256 payload tampered", "cmk_verify:ES256-tampered", CMK_SIGNATURE);
#endif
}

#ifdef RSA_TOKEN
/* The largest key of a default build, alone in its set. */
static void verifying_rsa(void) {
    const cmk_policy policy = policy_for_device();
    const cmk_request request = cmk_request_at(cmk_text(RSA_TOKEN), NOW);
    must(cmk_keys_init(&keys, region, sizeof region, cmk_text(NULL)), "cmk_keys_init");
    MEASURE("cmk_keys_add_pkcs1:RSA-4096", CMK_OK, cmk_keys_add_pkcs1(&keys, CMK_RS256, cmk_text(NULL), cmk_bytes_of(pkcs1, sizeof pkcs1)));
    must(cmk_verifier_init(&plain, &keys, 1, &policy), "cmk_verifier_init");
    MEASURE("cmk_verify:RS256-4096", CMK_OK, cmk_verify(&plain, &request, scratch, sizeof scratch, &claims, &report));
    make_plain();
}
#endif

#if defined HAS_SKETCH && defined HAS_ISSUE
/* A sketch of sixteen components: ten exact ones, three numbers, three sets of three. */
static void sketching(void) {
    static cmk_sketch sketch;
    static cmk_signer signer;
    static cmk_component values[22];
    static cmk_weight weights[16];
    static uint8_t json[1024], compact[TOKEN_BYTES_MAX];
    const cmk_pepper pepper = {1, cmk_text(PEPPER)};
    cmk_sketch_rules rules = cmk_sketch_rules_of(CMK_SKETCH_OWN, cmk_text("cmk"), &pepper, 1);
    size_t count = 0;
    for (uint32_t at = 0; at < 16; at++) {
        const uint32_t number = at < 10 ? 128 + at : at < 13 ? 192 + at : 224 + at;
        weights[at] = (cmk_weight){number, 10, CMK_ROLE_NORMAL, 900, 100};
        for (size_t element = 0; element < (at < 13 ? 1 : 3); element++) {
            static const char *const elements[3] = {"140", "Noto Sans", "DejaVu Sans Mono"};
            values[count++] = (cmk_component){number, cmk_text(elements[element])};
        }
    }
    rules.weights = weights;
    rules.weight_count = 16;
    MEASURE("cmk_sketch_init:16", CMK_OK, cmk_sketch_init(&sketch, &rules));
    cmk_evidence evidence = cmk_evidence_of(NULL, 0);
    evidence.components = values;
    evidence.component_count = count;
    const cmk_bytes audience = cmk_text(AUDIENCE);
    cmk_mint mint = cmk_mint_for(cmk_text("bob"), NOW + 60);
    mint.audiences = &audience;
    mint.audience_count = 1;
    mint.sketch = &sketch;
    mint.evidence = &evidence;
    cmk_bytes token;
    must(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text("mac"), cmk_text(SECRET)), "cmk_signer_of_secret");
    MEASURE("cmk_issue:HS256+sketch", CMK_OK, cmk_issue(&signer, &mint, json, sizeof json, compact, sizeof compact, &token));
    cmk_policy policy = policy_for_device();
    policy.sketch = &sketch;
    must(cmk_verifier_init(&bound, &keys, 1, &policy), "cmk_verifier_init with a sketch");
    cmk_request request = cmk_request_at(token, NOW);
    request.evidence = &evidence;
    MEASURE("cmk_verify:HS256+sketch", CMK_OK, cmk_verify(&bound, &request, scratch, sizeof scratch, &claims, &report));
    say("ram", "cmk_sketch", sizeof sketch);
}
#endif

#if defined HAS_ISSUE && defined HAS_ES384 && defined HAS_ES512 && defined HAS_ES256K && defined HAS_ED25519
/* Curves whose tokens are minted here, each key alone in its set. */
static void verifying_curve(int32_t alg, const char *name) {
    static cmk_signer signer;
    static uint8_t json[512], compact[TOKEN_BYTES_MAX], public_key[133];
    static uint8_t private_key[66];
    const size_t bytes = alg == CMK_ES384 ? 48 : alg == CMK_ES512 ? 66 : 32;
    const cmk_policy policy = policy_for_device();
    const cmk_bytes audience = cmk_text(AUDIENCE), none = cmk_text(NULL);
    cmk_mint mint = cmk_mint_for(cmk_text("bob"), NOW + 60);
    cmk_bytes key, token;
    mint.audiences = &audience;
    mint.audience_count = 1;
    for (size_t at = 0; at < bytes; at++) {
        private_key[at] = at == 0 ? 0 : 7; /* below every order */
    }
    key = cmk_bytes_of(private_key, bytes);
    must(alg == CMK_EDDSA ? cmk_signer_of_seed(&signer, none, key) : cmk_signer_of_scalar(&signer, alg, none, key), name);
    must(cmk_issue(&signer, &mint, json, sizeof json, compact, sizeof compact, &token), name);
    must(cmk_signer_public(&signer, public_key, sizeof public_key, &key), name);
    must(cmk_keys_init(&keys, region, sizeof region, none), name);
    must(alg == CMK_EDDSA ? cmk_keys_add_ed25519(&keys, none, key) : cmk_keys_add_sec1(&keys, alg, none, key), name);
    must(cmk_verifier_init(&plain, &keys, 1, &policy), name);
    const cmk_request request = cmk_request_at(token, NOW);
    MEASURE(name, CMK_OK, cmk_verify(&plain, &request, scratch, sizeof scratch, &claims, &report));
}

static void verifying_curves(void) {
    verifying_curve(CMK_ES384, "cmk_verify:ES384");
    verifying_curve(CMK_ES512, "cmk_verify:ES512");
    verifying_curve(CMK_ES256K, "cmk_verify:ES256K");
    verifying_curve(CMK_EDDSA, "cmk_verify:EdDSA");
    make_plain();
}
#define HAS_CURVES 1
#endif

#if defined HAS_ISSUE && defined HAS_ES256
static void issuing(void) {
    static cmk_signer signer;
    static uint8_t json[512], compact[TOKEN_BYTES_MAX];
    const cmk_bytes audience = cmk_text(AUDIENCE);
    cmk_mint mint = cmk_mint_for(cmk_text("bob"), NOW + 60);
    mint.audiences = &audience;
    mint.audience_count = 1;
    cmk_bytes token;
    MEASURE("cmk_signer_of_secret", CMK_OK, cmk_signer_of_secret(&signer, CMK_HS256, cmk_text("mac"), cmk_text(SECRET)));
    MEASURE("cmk_issue:HS256", CMK_OK, cmk_issue(&signer, &mint, json, sizeof json, compact, sizeof compact, &token));
    MEASURE("cmk_signer_of_scalar", CMK_OK, cmk_signer_of_scalar(&signer, CMK_ES256, cmk_text("point"), cmk_bytes_of(scalar, sizeof scalar)));
    MEASURE("cmk_issue:ES256", CMK_OK, cmk_issue(&signer, &mint, json, sizeof json, compact, sizeof compact, &token));
    say("ram", "cmk_signer", sizeof signer);
}
#endif

int main(void) {
    const uint64_t before = board_instructions();
    const int32_t status = nothing();
    nothing_takes = board_instructions() - before;
    must(status, "nothing");
    nothing_takes = 0;
    MEASURE("nothing", CMK_OK, nothing());
    loading();
    verifying();
#ifdef RSA_TOKEN
    verifying_rsa();
#endif
#ifdef HAS_CURVES
    verifying_curves();
#endif
#if defined HAS_SKETCH && defined HAS_ISSUE
    sketching();
#endif
#if defined HAS_ISSUE && defined HAS_ES256
    issuing();
#endif
    say("ram", "cmk_verifier", sizeof plain);
    say("ram", "cmk_claims", sizeof claims);
    say("ram", "key-set-head", cmk_keys_head_bytes(0));
    say("ram", "key:HS256", cmk_key_bytes(CMK_HS256, 0));
    say("ram", "key:HS512", cmk_key_bytes(CMK_HS512, 0));
    say("ram", "key:ES256", cmk_key_bytes(CMK_ES256, 0));
    say("ram", "key:RS256-4096", cmk_key_bytes(CMK_RS256, 4096));
    static const struct { const char *name; size_t token_bytes; } sizes[] = {
        {"scratch:1KiB", 1024}, {"scratch:2KiB", 2048}, {"scratch:4KiB", 4096}, {"scratch:8KiB", 8192}};
    for (size_t at = 0; at < 4; at++) {
        size_t bytes = 0;
        must(cmk_scratch_bytes(&plain, sizes[at].token_bytes, &bytes), "cmk_scratch_bytes");
        say("ram", sizes[at].name, bytes);
    }
    board_text("end of report\n");
    return 0;
}
