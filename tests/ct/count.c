/* Instruction counts under callgrind: inputs of one group differ only in secrets, so their counts must be equal.
 *
 * Without arguments every input of every group is run, and each leaves a part named "group:input". With a group and an
 * input, that one call is made, for counting inside one function of it. */
#include "bound.h"
#include "envelopes.h"
#include "standing.h"
#include <valgrind/callgrind.h>

#define COUNTED(label, call)          \
    do {                              \
        CALLGRIND_TOGGLE_COLLECT;     \
        call;                         \
        CALLGRIND_TOGGLE_COLLECT;     \
        CALLGRIND_DUMP_STATS_AT(label); \
    } while (0)

static key_set set;
static cmk_verifier verifier;
static token_text token;
static asked answer;
static client who;
static bound held;
static const char *const names[4] = {"first", "middle", "last", "right"};

/* -- Verification: wrong in the first, a middle and the last byte; the right one is for counting inside functions ---- */

static int32_t prepare_mac(size_t input) {
    static const size_t from_end[3] = {42, 20, 0};
    cmk_policy policy = cmk_policy_strict();
    token_hmac(&token, CMK_HS256, NULL, NULL, "");
    key_set_hmac(&set, CMK_HS256);
    expect(cmk_verifier_init(&verifier, &set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
    if (input == 3) {
        return CMK_OK;
    }
    token_spoil(&token, from_end[input]);
    return CMK_SIGNATURE;
}

static int32_t prepare_fingerprint(size_t input) {
    static const size_t place[3] = {0, 21, 42};
    cmk_recipe recipe = cmk_recipe_headers(cmk_text(CLAIM), cmk_text(pepper_text));
    cmk_policy policy = cmk_policy_strict();
    char digest[64];
    char claims[128] = "{\"" CLAIM "\":\"";
    size_t start = strlen(claims);
    cmk_bytes made;
    client_make(&who);
    policy.digest = &recipe;
    expect(cmk_digest(&recipe, &who.evidence, digest, sizeof digest, &made), CMK_OK, "cmk_digest");
    memcpy(claims + start, digest, made.len);
    strcpy(claims + start + made.len, "\"}");
    if (input < 3) {
        claims[start + place[input]] = claims[start + place[input]] == 'A' ? 'Q' : 'A';
    }
    token_hmac(&token, CMK_HS256, NULL, NULL, claims);
    key_set_hmac(&set, CMK_HS256);
    expect(cmk_verifier_init(&verifier, &set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
    return input < 3 ? CMK_FINGERPRINT_MISMATCH : CMK_OK;
}

/* -- A sketch: accepted whatever differs, so that nothing but the comparisons can tell ---- */

static const struct {
    const char *name;
    unsigned differs;
} pages[6] = {{"nothing", DIFFERS_NOWHERE}, {"first", DIFFERS_FIRST},    {"middle", DIFFERS_MIDDLE},
              {"last", DIFFERS_LAST},       {"three", DIFFERS_EACH_KIND}, {"all", DIFFERS_EVERYWHERE}};

static void prepare_sketch(size_t input) {
    static cmk_sketch sketch;
    static page shown;
    cmk_policy policy = cmk_policy_strict();
    client_make(&who);
    page_make(&shown, DIFFERS_NOWHERE);
    client_shows(&who, &shown);
    sketch_make(&sketch, pepper_text, 0, 0);
    token_sketch(&token, &sketch, &who);
    page_make(&shown, pages[input].differs);
    key_set_hmac(&set, CMK_HS256);
    policy.sketch = &sketch;
    expect(cmk_verifier_init(&verifier, &set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
}

static void sketch_group(void) {
    size_t input;
    /* Without the first: that something changed is an advice to issue a new sketch, behind the verdict. Inside the scoring,
     * which ends before it, nothing and something are compared too. */
    for (input = 1; input < sizeof pages / sizeof pages[0]; input++) {
        char label[64];
        int32_t status;
        prepare_sketch(input);
        (void)snprintf(label, sizeof label, "verify_sketch:%s", pages[input].name);
        COUNTED(label, status = ask(&answer, &verifier, &token, &who));
        expect(status, CMK_OK, label);
    }
}

static void verify_group(const char *group, int32_t (*prepare)(size_t)) {
    size_t input;
    for (input = 0; input < 3; input++) {
        char label[64];
        int32_t wanted = prepare(input);
        int32_t status;
        (void)snprintf(label, sizeof label, "%s:%s", group, names[input]);
        COUNTED(label, status = ask(&answer, &verifier, &token, &who));
        expect(status, wanted, label);
    }
}

/* -- Tokens bound to a certificate or a channel: the digest shown, or the binding kept, is wrong in one byte ---- */

static int32_t prepare_bound(uint32_t method, size_t input) {
    static const size_t value_place[3] = {0, 16, 31}, text_place[3] = {0, 21, 42};
    int32_t mismatch = bound_make(&held, method);
    if (input == 3) {
        return CMK_OK;
    }
    if (method == CMK_METHOD_CERTIFICATE) {
        held.value[value_place[input]] ^= 1;
    } else {
        char *place = &held.text[text_place[input]];
        *place = *place == 'A' ? 'Q' : 'A';
    }
    return mismatch;
}

static void bound_group(const char *group, uint32_t method) {
    size_t input;
    for (input = 0; input < 3; input++) {
        char label[64];
        int32_t wanted = prepare_bound(method, input);
        int32_t status;
        (void)snprintf(label, sizeof label, "%s:%s", group, names[input]);
        COUNTED(label, status = bound_ask(&held, &answer));
        expect(status, wanted, label);
    }
}

/* -- Secrets of one length ---- */

#define SECRETS 4
static uint8_t bytes[SECRETS][512];

static void fill_secrets(void) {
    uint32_t state = 1;
    size_t at;
    for (at = 0; at < sizeof bytes[0]; at++) {
        bytes[0][at] = (uint8_t)(at < 31 ? 0 : 1); /* a scalar must not be zero */
        bytes[1][at] = 0x7f;
        state = state * 1664525u + 1013904223u;
        bytes[2][at] = (uint8_t)(state >> 24);
        bytes[3][at] = (uint8_t)(0xf0u - at);
    }
}

/* A JWK whose `k` is these bytes, each as two characters of the alphabet. */
static cmk_bytes jwk_of(const uint8_t *of) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static char json[256];
    size_t at;
    strcpy(json, "{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"");
    for (at = 0; at < 64; at++) {
        size_t len = strlen(json);
        json[len] = alphabet[of[at] % 64];
        json[len + 1] = '\0';
    }
    strcat(json, "\"}");
    return cmk_text(json);
}

static const char *label_of(const char *group, size_t at) {
    static char label[64];
    (void)snprintf(label, sizeof label, "%s:%u", group, (unsigned)at);
    return label;
}

static void load_group(const char *group, int32_t alg) {
    size_t at;
    for (at = 0; at < SECRETS; at++) {
        int32_t status;
        cmk_bytes input = cmk_bytes_of(bytes[at], hash_bytes(alg));
        key_set_start(&set);
        COUNTED(label_of(group, at), status = cmk_keys_add_secret(&set.keys, alg, cmk_text(NULL), input));
        expect(status, CMK_OK, group);
    }
}

/* Keys of every length that is allowed, one after another. */
static void load_every_group(const char *group, int32_t alg) {
    size_t at, len;
    for (at = 0; at < SECRETS; at++) {
        int32_t failed = CMK_OK;
        CALLGRIND_TOGGLE_COLLECT;
        for (len = hash_bytes(alg); len <= sizeof bytes[at]; len++) {
            int32_t status;
            key_set_start(&set);
            status = cmk_keys_add_secret(&set.keys, alg, cmk_text(NULL), cmk_bytes_of(bytes[at], len));
            failed = status == CMK_OK ? failed : status;
        }
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS_AT(label_of(group, at));
        expect(failed, CMK_OK, group);
    }
}

static void jwk_group(void) {
    char jwks[300];
    cmk_loaded loaded;
    size_t at;
    for (at = 0; at < SECRETS; at++) {
        int32_t status;
        cmk_bytes json = jwk_of(bytes[at]);
        key_set_start(&set);
        COUNTED(label_of("load_jwk", at), status = cmk_keys_add_jwk(&set.keys, json, NULL, 0));
        expect(status, CMK_OK, "load_jwk");
        (void)snprintf(jwks, sizeof jwks, "{\"keys\":[%s]}", (const char *)json.ptr);
        key_set_start(&set);
        COUNTED(label_of("load_jwks", at), status = cmk_keys_add_jwks(&set.keys, cmk_text(jwks), NULL, 0, &loaded));
        expect(status, CMK_OK, "load_jwks");
    }
}

static void digest_group(void) {
    size_t at;
    client_make(&who);
    for (at = 0; at < SECRETS; at++) {
        int32_t status;
        char digest[64];
        cmk_bytes made;
        cmk_recipe recipe = cmk_recipe_headers(cmk_text(CLAIM), cmk_bytes_of(bytes[at], 32));
        COUNTED(label_of("digest_pepper", at), status = cmk_digest(&recipe, &who.evidence, digest, sizeof digest, &made));
        expect(status, CMK_OK, "digest_pepper");
    }
}

static void nonce_group(void) {
    size_t at;
    for (at = 0; at < SECRETS; at++) {
        int32_t status;
        char nonce[CMK_NONCE_CHARS];
        cmk_bytes made;
        cmk_dpop rules = cmk_dpop_rules();
        rules.nonce_secret = cmk_bytes_of(bytes[at], 32);
        COUNTED(label_of("dpop_nonce", at), status = cmk_dpop_nonce(&rules, NOW, nonce, sizeof nonce, &made));
        expect(status, CMK_OK, "dpop_nonce");
        /* None of these is the secret of the proof's nonce. */
        bound_proof(&held, rules.nonce_secret);
        COUNTED(label_of("verify_nonce", at), status = bound_ask(&held, &answer));
        expect(status, CMK_PROOF_NONCE, "verify_nonce");
    }
}

static void replay_group(void) {
    static uint64_t region[CMK_REPLAY_REGION_BYTES(64) / 8];
    static cmk_replay replay;
    size_t at;
    for (at = 0; at < SECRETS; at++) {
        int32_t status;
        cmk_bytes input = cmk_bytes_of(bytes[at], 32);
        expect(cmk_replay_wipe(&replay), CMK_OK, "cmk_replay_wipe");
        COUNTED(label_of("replay_init", at), status = cmk_replay_init(&replay, region, sizeof region, input));
        expect(status, CMK_OK, "replay_init");
    }
}

/* Who is looked up: names of one length, in tables that know none of them. */
static void standing_group(void) {
    size_t at;
    revocation_start(cmk_bytes_of(bytes[0], 32));
    for (at = 0; at < SECRETS; at++) {
        char name[33];
        int32_t status;
        size_t i;
        for (i = 0; i < sizeof name - 1; i++) {
            name[i] = (char)('a' + bytes[at][i] % 26);
        }
        COUNTED(label_of("revocation_check", at), status = revocation_ask(cmk_bytes_of(name, sizeof name - 1)));
        expect(status, CMK_OK, "revocation_check");
        throttle_start(cmk_bytes_of(bytes[0], 32));
        COUNTED(label_of("throttle_admit", at), status = throttle_ask(cmk_bytes_of(name, sizeof name - 1)));
        expect(status, CMK_OK, "throttle_admit");
    }
}

static void issue_group(int32_t alg) {
    const char *scalar_or_secret = alg == CMK_ES256 ? "signer_of_scalar" : "signer_of_secret";
    const char *issue = alg == CMK_ES256 ? "issue_es256" : "issue_hs256";
    size_t at;
    for (at = 0; at < SECRETS; at++) {
        static cmk_signer signer;
        uint8_t scratch[512];
        uint8_t point[65];
        int32_t status;
        cmk_bytes made;
        cmk_bytes input = cmk_bytes_of(bytes[at], 32);
        cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
        COUNTED(label_of(scalar_or_secret, at),
                status = alg == CMK_ES256 ? cmk_signer_of_scalar(&signer, alg, cmk_text(NULL), input)
                                          : cmk_signer_of_secret(&signer, alg, cmk_text(NULL), input));
        expect(status, CMK_OK, scalar_or_secret);
        if (alg == CMK_ES256) {
            COUNTED(label_of("signer_public", at), status = cmk_signer_public(&signer, point, sizeof point, &made));
            expect(status, CMK_OK, "signer_public");
        }
        COUNTED(label_of(issue, at),
                status = cmk_issue(&signer, &mint, scratch, sizeof scratch, token.text, sizeof token.text, &made));
        expect(status, CMK_OK, issue);
    }
}

/* -- Envelopes: a wrong wrapping, a wrong tag and a wrong padding are one work and one status ---- */

static void open_group(const char *group, int32_t alg, int32_t enc, int wrongs) {
    static envelope made;
    static const size_t place[3] = {0, 7, 15};
    size_t at;
    int wrong;
    for (wrong = WRONG_TAG; wrong <= WRONG_PADDING; wrong++) {
        for (at = 0; at < 3 && (wrongs >> wrong & 1) != 0; at++) {
            char label[64];
            int32_t status;
            envelope_make(&made, alg, enc, wrong, place[at]);
            (void)snprintf(label, sizeof label, "%s:%d-%s", group, wrong, names[at]);
            COUNTED(label, status = envelope_open(&made));
            expect(status, CMK_DECRYPTION, label);
        }
    }
}

/* -- A leaky twin: these counts must differ, or the comparison of counts could not fail ---- */

static int __attribute__((noinline)) leaky_equal(const uint8_t *left, const uint8_t *right, size_t len) {
    size_t at;
    for (at = 0; at < len; at++) {
        if (left[at] != right[at]) {
            return 0;
        }
    }
    return 1;
}

static void leaky_group(void) {
    static const size_t place[3] = {0, 16, 31};
    size_t input;
    for (input = 0; input < 3; input++) {
        char label[64];
        int equal;
        uint8_t other[32];
        memcpy(other, bytes[2], sizeof other);
        other[place[input]] ^= 1;
        (void)snprintf(label, sizeof label, "leaky_equal:%s", names[input]);
        COUNTED(label, equal = leaky_equal(other, bytes[2], sizeof other));
        expect(equal, 0, label);
    }
}

int main(int argc, char **argv) {
    size_t input;
    fill_secrets();
    client_make(&who);
    /* The first use of each hash asks the processor what it can do. */
    (void)prepare_mac(0);
    key_set_hmac(&set, CMK_HS512);
    if (argc == 3 && strcmp(argv[1], "sketch") == 0) {
        for (input = 0; input < 5 && strcmp(argv[2], pages[input].name) != 0; input++) {
        }
        prepare_sketch(input);
        expect(ask(&answer, &verifier, &token, &who), CMK_OK, argv[1]);
        return 0;
    }
    if (argc == 3) {
        int32_t wanted;
        for (input = 0; input < 3 && strcmp(argv[2], names[input]) != 0; input++) {
        }
        if (strcmp(argv[1], "certificate") == 0 || strcmp(argv[1], "binding") == 0) {
            wanted = prepare_bound(argv[1][0] == 'c' ? CMK_METHOD_CERTIFICATE : CMK_METHOD_BINDING, input);
            expect(bound_ask(&held, &answer), wanted, argv[1]);
            return 0;
        }
        wanted = strcmp(argv[1], "mac") == 0 ? prepare_mac(input) : prepare_fingerprint(input);
        expect(ask(&answer, &verifier, &token, &who), wanted, argv[1]);
        return 0;
    }
    verify_group("verify_mac", prepare_mac);
    verify_group("verify_fingerprint", prepare_fingerprint);
    sketch_group();
    bound_group("verify_certificate", CMK_METHOD_CERTIFICATE);
    bound_group("verify_binding", CMK_METHOD_BINDING);
    load_group("load_hs256", CMK_HS256);
    load_group("load_hs384", CMK_HS384);
    load_group("load_hs512", CMK_HS512);
    load_every_group("load_every_hs256", CMK_HS256);
    load_every_group("load_every_hs384", CMK_HS384);
    load_every_group("load_every_hs512", CMK_HS512);
    jwk_group();
    digest_group();
    nonce_group();
    replay_group();
    standing_group();
    issue_group(CMK_HS256);
    issue_group(CMK_ES256);
    open_group("open_dir_gcm", CMK_DIR_A256GCM, CMK_A256GCM, 1 << WRONG_TAG);
    open_group("open_dir_cbc", CMK_DIR_A256CBC_HS512, CMK_A256CBC_HS512, 1 << WRONG_TAG | 1 << WRONG_PADDING);
    open_group("open_kw", CMK_A256KW, CMK_A128CBC_HS256, 1 << WRONG_TAG | 1 << WRONG_WRAP);
    open_group("open_gcmkw", CMK_A256GCMKW, CMK_A128GCM, 1 << WRONG_TAG | 1 << WRONG_WRAP);
    open_group("open_ecdh", CMK_ECDH_ES_A256KW_P256, CMK_A256GCM, 1 << WRONG_TAG | 1 << WRONG_WRAP);
    leaky_group();
    return 0;
}
