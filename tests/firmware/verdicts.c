/* Every token of tokens.h gets its verdict, every way to load a key works, and what is issued here is accepted here. */
#include "verifiers.h"

static unsigned passed, failed;

static void expect(const char *name, int32_t status, int32_t expected) {
    const int is_right = status == expected;
    *(is_right ? &passed : &failed) += 1;
    board_text(is_right ? "ok      " : "FAILED  ");
    board_text(name);
    board_text(": ");
    board_text(cmk_status_name(status));
    if (!is_right) {
        board_text(", not ");
        board_text(cmk_status_name(expected));
    }
    board_text("\n");
}

static int is_same(cmk_bytes bytes, const char *text) {
    const cmk_bytes other = cmk_text(text);
    if (bytes.len != other.len) {
        return 0;
    }
    for (size_t at = 0; at < bytes.len; at++) {
        if (bytes.ptr[at] != other.ptr[at]) {
            return 0;
        }
    }
    return 1;
}

static void claims_are_read(void) {
    cmk_value value;
    cmk_bytes text;
    int64_t seconds = 0;
    expect("token of the claims", judge(&plain, cases[0].token), CMK_OK);
    expect("claim of this name", cmk_claims_get(&claims, cmk_text("sub"), &value), CMK_OK);
    expect("its text", cmk_value_text(&value, NULL, 0, &text), CMK_OK);
    expect("the text is right", is_same(text, "alice") ? CMK_OK : CMK_ARGUMENT, CMK_OK);
    expect("its date", cmk_claims_date(&claims, CMK_EXP, &seconds), CMK_OK);
    expect("the date is right", seconds == NOW + 600 ? CMK_OK : CMK_ARGUMENT, CMK_OK);
    expect("no such claim", cmk_claims_get(&claims, cmk_text("nothing"), &value), CMK_CLAIM_ABSENT);
}

static void misuse_is_a_status(void) {
    cmk_request request = cmk_request_at(cmk_text(cases[0].token), NOW);
    expect("no verifier", cmk_verify(NULL, &request, scratch, sizeof scratch, &claims, &report), CMK_NULL_POINTER);
    expect("no request", cmk_verify(&plain, NULL, scratch, sizeof scratch, &claims, &report), CMK_NULL_POINTER);
    expect("scratch too small", cmk_verify(&plain, &request, scratch, 64, &claims, &report), CMK_SCRATCH_TOO_SMALL);
    expect("short secret", cmk_keys_add_secret(&keys, CMK_HS256, cmk_text("short"), cmk_text("short")), CMK_KEY_TOO_SHORT);
}

#if defined HAS_ES256 && defined HAS_SPKI
static const char *first_es256(void) {
    size_t at = 0;
    while (!is_same(cmk_text(cases[at].name), "ES256 good")) {
        at++;
    }
    return cases[at].token;
}

/* 0 to 3: uncompressed, compressed, SubjectPublicKeyInfo, JWK. */
static void key_loads(int form, const char *name) {
    static uint64_t own_region[CMK_KEYS_BYTES(1, 0) / 8];
    static cmk_verifier verifier;
    const cmk_bytes none = cmk_text(NULL);
    cmk_keys own;
    must(cmk_keys_init(&own, own_region, sizeof own_region, none), "cmk_keys_init");
    int32_t status = CMK_ARGUMENT;
    switch (form) {
    case 0: status = cmk_keys_add_sec1(&own, CMK_ES256, none, cmk_bytes_of(sec1, sizeof sec1)); break;
    case 1: status = cmk_keys_add_sec1(&own, CMK_ES256, none, cmk_bytes_of(sec1_short, sizeof sec1_short)); break;
    case 2: status = cmk_keys_add_spki(&own, CMK_ES256, none, cmk_bytes_of(spki, sizeof spki)); break;
    case 3: status = cmk_keys_add_jwk(&own, cmk_text(JWK), NULL, 0); break;
    }
    const cmk_policy policy = policy_for_device();
    if (status == CMK_OK) {
        status = cmk_verifier_init(&verifier, &own, 1, &policy);
    }
    expect(name, status == CMK_OK ? judge(&verifier, first_es256()) : status, CMK_OK);
}
#endif

#ifdef HAS_ISSUE
static void issued_is_accepted(const cmk_signer *signer, const char *name) {
    static uint8_t json[512], compact[TOKEN_BYTES_MAX];
    const cmk_bytes audience = cmk_text(AUDIENCE);
    const cmk_recipe digest = recipe();
    const cmk_evidence evidence = client();
    cmk_mint mint = cmk_mint_for(cmk_text("bob"), NOW + 60);
    mint.audiences = &audience;
    mint.audience_count = 1;
    mint.digest = &digest;
    mint.evidence = &evidence;
    cmk_bytes token;
    int32_t status = cmk_issue(signer, &mint, json, sizeof json, compact, sizeof compact - 1, &token);
    if (status == CMK_OK) {
        compact[token.len] = '\0';
        status = judge(&bound, (const char *)compact);
    }
    expect(name, status, CMK_OK);
}

static void issuing(void) {
    static cmk_signer signer;
    must(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text("mac"), cmk_text(SECRET)), "cmk_signer_of_secret");
    issued_is_accepted(&signer, "HS256 issued here");
    must(cmk_signer_of_scalar(&signer, CMK_ES256, cmk_text("point"), cmk_bytes_of(scalar, sizeof scalar)), "signer");
    issued_is_accepted(&signer, "ES256 issued here");
    uint8_t buffer[65];
    cmk_bytes point;
    expect("public key of the signer", cmk_signer_public(&signer, buffer, sizeof buffer, &point), CMK_OK);
    int is_equal = point.len == sizeof sec1;
    for (size_t at = 0; is_equal && at < point.len; at++) {
        is_equal = point.ptr[at] == sec1[at];
    }
    expect("the public key is right", is_equal ? CMK_OK : CMK_ARGUMENT, CMK_OK);
}
#endif

int main(void) {
    board_text("features: ");
    board_text(cmk_features());
    board_text("\n");
    make_plain();
#ifdef HAS_FINGERPRINT
    make_bound();
    uint8_t buffer[64];
    cmk_bytes digest;
    const cmk_recipe own = recipe();
    const cmk_evidence evidence = client();
    expect("digest", cmk_digest(&own, &evidence, buffer, sizeof buffer, &digest), CMK_OK);
    expect("the digest is right", is_same(digest, DIGEST) ? CMK_OK : CMK_ARGUMENT, CMK_OK);
#endif
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        expect(cases[at].name, judge(verifier_for(cases[at].is_bound), cases[at].token), cases[at].status);
        if (report.status != cases[at].status) {
            expect("the report says the same", report.status, cases[at].status);
        }
    }
    claims_are_read();
    misuse_is_a_status();
#if defined HAS_ES256 && defined HAS_SPKI
    key_loads(0, "uncompressed point");
    key_loads(1, "compressed point");
    key_loads(2, "SubjectPublicKeyInfo");
    key_loads(3, "JWK");
#endif
#ifdef HAS_ISSUE
    issuing();
#endif
    board_number(passed);
    board_text(" passed, ");
    board_number(failed);
    board_text(" failed\n");
    return failed == 0 && passed > 0 ? 0 : 1;
}
