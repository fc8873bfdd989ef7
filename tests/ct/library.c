/* Every function of the C ABI that touches a secret, one case each. Linked with the C ABI archive, run under memcheck. */
#include "envelopes.h"
#include "fixture.h"
#include "possession.h"
#include "rotating.h"
#include "tables.h"

static cmk_signer signer;
static cmk_verifier verifier;
static key_set set;
static token_text token;
static asked answer;
static client who;
static char secret_bytes[512];
static char pepper_bytes[32];
static char json[512];

static cmk_bytes hidden_secret(size_t len) {
    size_t at;
    for (at = 0; at < len; at++) {
        secret_bytes[at] = secret_text[at % 64];
    }
    secret(secret_bytes, len);
    return cmk_bytes_of(secret_bytes, len);
}

static cmk_recipe hidden_recipe(void) {
    memcpy(pepper_bytes, pepper_text, sizeof pepper_bytes);
    secret(pepper_bytes, sizeof pepper_bytes);
    return cmk_recipe_headers(cmk_text(CLAIM), cmk_bytes_of(pepper_bytes, sizeof pepper_bytes));
}

static cmk_recipe open_recipe(void) {
    return cmk_recipe_headers(cmk_text(CLAIM), cmk_bytes_of(pepper_text, sizeof pepper_bytes));
}

static void make_verifier(const cmk_recipe *recipe) {
    cmk_policy policy = cmk_policy_strict();
    policy.digest = recipe;
    expect(cmk_verifier_init(&verifier, &set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
}

/* -- cmk_verify: the key's words are secret ---- */

static void verify_mac(int32_t alg, int spoil, int32_t wanted) {
    token_hmac(&token, alg, NULL, NULL, "");
    if (spoil) {
        token_spoil(&token, 20);
    }
    key_set_hmac(&set, alg);
    make_verifier(NULL);
    key_set_hide(&set);
    expect(ask(&answer, &verifier, &token, NULL), wanted, "cmk_verify");
}
static void verify_hs256_accept(void) { verify_mac(CMK_HS256, 0, CMK_OK); }
static void verify_hs256_reject(void) { verify_mac(CMK_HS256, 1, CMK_SIGNATURE); }
static void verify_hs384_accept(void) { verify_mac(CMK_HS384, 0, CMK_OK); }
static void verify_hs384_reject(void) { verify_mac(CMK_HS384, 1, CMK_SIGNATURE); }
static void verify_hs512_accept(void) { verify_mac(CMK_HS512, 0, CMK_OK); }
static void verify_hs512_reject(void) { verify_mac(CMK_HS512, 1, CMK_SIGNATURE); }

static void verify_opaque_accept(void) {
    cmk_bytes payload;
    cmk_request request;
    token_hmac(&token, CMK_HS256, NULL, NULL, "");
    key_set_hmac(&set, CMK_HS256);
    make_verifier(NULL);
    key_set_hide(&set);
    request = cmk_request_at(token_bytes(&token), NOW);
    expect(cmk_verify_opaque(&verifier, &request, answer.scratch, sizeof answer.scratch, &payload, &answer.report), CMK_OK,
           "cmk_verify_opaque");
}

/* -- cmk_verify: the pepper is secret, and the digest made under it; then the keys too ---- */

static void verify_bound(int hide_key, int other_client, int32_t wanted) {
    cmk_recipe open = open_recipe();
    cmk_recipe hidden = hidden_recipe();
    client_make(&who);
    token_hmac(&token, CMK_HS256, &open, &who, "");
    key_set_hmac(&set, CMK_HS256);
    make_verifier(&hidden);
    if (hide_key) {
        key_set_hide(&set);
    }
    if (other_client) {
        who.agent[20] = '#';
    }
    expect(ask(&answer, &verifier, &token, &who), wanted, "cmk_verify");
}
static void verify_pepper_accept(void) { verify_bound(0, 0, CMK_OK); }
static void verify_pepper_reject(void) { verify_bound(0, 1, CMK_FINGERPRINT_MISMATCH); }
static void verify_all_accept(void) { verify_bound(1, 0, CMK_OK); }
static void verify_all_reject(void) { verify_bound(1, 1, CMK_FINGERPRINT_MISMATCH); }

/* -- cmk_verify: digests without a pepper. Their input is hidden instead, so that the computed digest is secret ---- */

static void verify_plain(int32_t hash, int32_t encoding, int other_client, int32_t wanted) {
    static const cmk_input inputs[2] = {{CMK_INPUT_HEADER, {(const uint8_t *)"user-agent", 10}},
                                        {CMK_INPUT_HEADER, {(const uint8_t *)"accept-language", 15}}};
    cmk_recipe recipe = cmk_recipe_headers(cmk_text(CLAIM), cmk_text(NULL));
    recipe.preset = CMK_RECIPE_OWN;
    recipe.hash = hash;
    recipe.encoding = encoding;
    recipe.inputs = inputs;
    recipe.input_count = 2;
    client_make(&who);
    token_hmac(&token, CMK_HS256, &recipe, &who, "");
    key_set_hmac(&set, CMK_HS256);
    make_verifier(&recipe);
    if (other_client) {
        who.agent[20] = '#';
    }
    /* White space is trimmed from both ends, so these two bytes stay public. */
    secret(who.agent + 1, strlen(who.agent) - 2);
    expect(ask(&answer, &verifier, &token, &who), wanted, "cmk_verify");
}
static void verify_sha256_accept(void) { verify_plain(CMK_HASH_SHA256, CMK_ENCODING_BASE64URL, 0, CMK_OK); }
static void verify_sha256_reject(void) { verify_plain(CMK_HASH_SHA256, CMK_ENCODING_BASE64URL, 1, CMK_FINGERPRINT_MISMATCH); }
static void verify_sha256_hex_accept(void) { verify_plain(CMK_HASH_SHA256, CMK_ENCODING_HEX, 0, CMK_OK); }
static void verify_md5_hex_accept(void) { verify_plain(CMK_HASH_MD5, CMK_ENCODING_HEX, 0, CMK_OK); }
static void verify_md5_hex_reject(void) { verify_plain(CMK_HASH_MD5, CMK_ENCODING_HEX, 1, CMK_FINGERPRINT_MISMATCH); }

/* -- cmk_verify: a sketch's pepper and what the page tells are secret, and so is every digest made of them ---- */

static void verify_sketch(unsigned differs, int32_t accept, int32_t step_up, int32_t wanted) {
    static cmk_sketch open, hidden;
    static page shown;
    cmk_policy policy = cmk_policy_strict();
    client_make(&who);
    page_make(&shown, DIFFERS_NOWHERE);
    client_shows(&who, &shown);
    sketch_make(&open, pepper_text, accept, step_up);
    token_sketch(&token, &open, &who);
    memcpy(pepper_bytes, pepper_text, sizeof pepper_bytes);
    secret(pepper_bytes, sizeof pepper_bytes);
    sketch_make(&hidden, pepper_bytes, accept, step_up);
    page_make(&shown, differs);
    page_hide(&shown);
    key_set_hmac(&set, CMK_HS256);
    policy.sketch = &hidden;
    expect(cmk_verifier_init(&verifier, &set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
    expect(ask(&answer, &verifier, &token, &who), wanted, "cmk_verify");
}
static void verify_sketch_accept(void) { verify_sketch(DIFFERS_NOWHERE, 850, 700, CMK_OK); }
static void verify_sketch_drift(void) { verify_sketch(DIFFERS_EACH_KIND, 0, 0, CMK_OK); }
static void verify_sketch_step_up(void) { verify_sketch(DIFFERS_EACH_KIND, 1000, 0, CMK_STEP_UP); }
static void verify_sketch_reject(void) { verify_sketch(DIFFERS_EACH_KIND, 1000, 1000, CMK_FINGERPRINT_MISMATCH); }

/* -- Loading keys ---- */

static void load_secret(int32_t alg, size_t len) {
    cmk_bytes hidden = hidden_secret(len);
    key_set_start(&set);
    expect(cmk_keys_add_secret(&set.keys, alg, cmk_text("kid"), hidden), CMK_OK, "cmk_keys_add_secret");
}
static void load_secret_hs256(void) { load_secret(CMK_HS256, 32); }
static void load_secret_hs384(void) { load_secret(CMK_HS384, 48); }
static void load_secret_hs512(void) { load_secret(CMK_HS512, 64); }
static void load_secret_hs256_long(void) { load_secret(CMK_HS256, 200); }
static void load_secret_hs512_long(void) { load_secret(CMK_HS512, 200); }

/* Every length that is allowed: shorter than the hash's block, one block, longer. */
static void load_every(int32_t alg) {
    size_t len;
    for (len = hash_bytes(alg); len <= sizeof secret_bytes; len++) {
        load_secret(alg, len);
    }
}
static void load_every_hs256(void) { load_every(CMK_HS256); }
static void load_every_hs384(void) { load_every(CMK_HS384); }
static void load_every_hs512(void) { load_every(CMK_HS512); }

/* A JWK whose `k` has 43 secret characters between two quotes. */
static cmk_bytes hidden_jwk(const char *before, const char *after, size_t chars) {
    size_t start = strlen(before);
    size_t at;
    strcpy(json, before);
    for (at = 0; at < chars; at++) {
        json[start + at] = secret_text[at];
    }
    json[start + chars - 1] = 'A';
    strcpy(json + start + chars, after);
    secret(json + start, chars);
    return cmk_bytes_of(json, start + chars + strlen(after));
}

static void load_jwk(void) {
    cmk_bytes text = hidden_jwk("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"", "\"}", 43);
    key_set_start(&set);
    expect(cmk_keys_add_jwk(&set.keys, text, NULL, 0), CMK_OK, "cmk_keys_add_jwk");
}

static void load_jwks(void) {
    cmk_bytes text = hidden_jwk("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"", "\"}]}", 43);
    cmk_loaded loaded;
    key_set_start(&set);
    expect(cmk_keys_add_jwks(&set.keys, text, NULL, 0, &loaded), CMK_OK, "cmk_keys_add_jwks");
}

static void size_for_jwks(void) {
    cmk_bytes text = hidden_jwk("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"", "\"}]}", 43);
    size_t bytes;
    expect(cmk_keys_size_for(text, NULL, 0, cmk_text(NULL), &bytes), CMK_OK, "cmk_keys_size_for");
}

static void wipe_all(void) {
    key_set_hmac(&set, CMK_HS256);
    make_verifier(NULL);
    expect(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text(NULL), cmk_bytes_of(secret_text, 32)), CMK_OK, "signer");
    key_set_hide(&set);
    secret(&signer, sizeof signer);
    expect(cmk_keys_wipe(&set.keys), CMK_OK, "cmk_keys_wipe");
    expect(cmk_verifier_wipe(&verifier), CMK_OK, "cmk_verifier_wipe");
    expect(cmk_signer_wipe(&signer), CMK_OK, "cmk_signer_wipe");
}

/* -- Signers ---- */

static void signer_of_secret(void) {
    cmk_bytes hidden = hidden_secret(32);
    expect(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text("kid"), hidden), CMK_OK, "cmk_signer_of_secret");
}

static cmk_bytes hidden_scalar(void) {
    static uint8_t scalar[32];
    memset(scalar, 0x5a, sizeof scalar);
    secret(scalar, sizeof scalar);
    return cmk_bytes_of(scalar, sizeof scalar);
}

static void signer_of_scalar(void) {
    expect(cmk_signer_of_scalar(&signer, CMK_ES256, cmk_text("kid"), hidden_scalar()), CMK_OK, "cmk_signer_of_scalar");
}

static void signer_of_jwk_oct(void) {
    cmk_bytes text = hidden_jwk("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"", "\"}", 43);
    expect(cmk_signer_of_jwk(&signer, text, NULL, 0), CMK_OK, "cmk_signer_of_jwk");
}

/* The key of RFC 7515 A.3. */
static void signer_of_jwk_ec(void) {
    static const char text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                               "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                               "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
    static const int32_t algs[1] = {CMK_ES256};
    memcpy(json, text, sizeof text);
    secret(strstr(json, "\"d\":\"") + 5, 43);
    expect(cmk_signer_of_jwk(&signer, cmk_bytes_of(json, sizeof text - 1), algs, 1), CMK_OK, "cmk_signer_of_jwk");
}

static void signer_public(void) {
    uint8_t buffer[65];
    cmk_bytes sec1;
    quietly(signer_of_scalar);
    expect(cmk_signer_public(&signer, buffer, sizeof buffer, &sec1), CMK_OK, "cmk_signer_public");
}

/* -- Minting ---- */

static void issue(void) {
    uint8_t scratch[1024];
    cmk_bytes made;
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    expect(cmk_issue(&signer, &mint, scratch, sizeof scratch, token.text, sizeof token.text, &made), CMK_OK, "cmk_issue");
}

static void issue_hs256(void) {
    quietly(signer_of_secret);
    issue();
}

static void issue_es256(void) {
    quietly(signer_of_scalar);
    issue();
}

static void digest_pepper(void) {
    cmk_recipe recipe = hidden_recipe();
    char buffer[64];
    cmk_bytes digest;
    client_make(&who);
    expect(cmk_digest(&recipe, &who.evidence, buffer, sizeof buffer, &digest), CMK_OK, "cmk_digest");
}

/* -- Envelopes: the region's key is secret, and with it the content's key, the computed tag, the padding and the plaintext ---- */

static envelope sealed;

static void open_envelope(int32_t alg, int32_t enc, int wrong) {
    envelope_make(&sealed, alg, enc, wrong, 3);
    key_set_hide(&sealed.set);
    expect(envelope_open(&sealed), wrong == GOOD ? CMK_OK : CMK_DECRYPTION, "cmk_envelope_open");
}
static void open_dir_gcm_accept(void) { open_envelope(CMK_DIR_A256GCM, CMK_A256GCM, GOOD); }
static void open_dir_gcm_tag(void) { open_envelope(CMK_DIR_A256GCM, CMK_A256GCM, WRONG_TAG); }
static void open_dir_cbc_accept(void) { open_envelope(CMK_DIR_A256CBC_HS512, CMK_A256CBC_HS512, GOOD); }
static void open_dir_cbc_tag(void) { open_envelope(CMK_DIR_A256CBC_HS512, CMK_A256CBC_HS512, WRONG_TAG); }
static void open_dir_cbc_padding(void) { open_envelope(CMK_DIR_A256CBC_HS512, CMK_A256CBC_HS512, WRONG_PADDING); }
static void open_kw_accept(void) { open_envelope(CMK_A256KW, CMK_A128CBC_HS256, GOOD); }
static void open_kw_wrap(void) { open_envelope(CMK_A256KW, CMK_A128CBC_HS256, WRONG_WRAP); }
static void open_gcmkw_accept(void) { open_envelope(CMK_A256GCMKW, CMK_A128GCM, GOOD); }
static void open_gcmkw_wrap(void) { open_envelope(CMK_A256GCMKW, CMK_A128GCM, WRONG_WRAP); }
static void open_ecdh_accept(void) { open_envelope(CMK_ECDH_ES_A256KW_P256, CMK_A256GCM, GOOD); }
static void open_ecdh_wrap(void) { open_envelope(CMK_ECDH_ES_A256KW_P256, CMK_A256GCM, WRONG_WRAP); }

#define CASE(name) {#name, name}
static const test_case cases[] = {
    CASE(verify_hs256_accept),
    CASE(verify_hs256_reject),
    CASE(verify_hs384_accept),
    CASE(verify_hs384_reject),
    CASE(verify_hs512_accept),
    CASE(verify_hs512_reject),
    CASE(verify_opaque_accept),
    CASE(verify_pepper_accept),
    CASE(verify_pepper_reject),
    CASE(verify_all_accept),
    CASE(verify_all_reject),
    CASE(verify_sha256_accept),
    CASE(verify_sha256_reject),
    CASE(verify_sha256_hex_accept),
    CASE(verify_md5_hex_accept),
    CASE(verify_md5_hex_reject),
    CASE(verify_sketch_accept),
    CASE(verify_sketch_drift),
    CASE(verify_sketch_step_up),
    CASE(verify_sketch_reject),
    CASE(load_secret_hs256),
    CASE(load_secret_hs384),
    CASE(load_secret_hs512),
    CASE(load_secret_hs256_long),
    CASE(load_secret_hs512_long),
    CASE(load_every_hs256),
    CASE(load_every_hs384),
    CASE(load_every_hs512),
    CASE(load_jwk),
    CASE(load_jwks),
    CASE(size_for_jwks),
    CASE(wipe_all),
    CASE(signer_of_secret),
    CASE(signer_of_scalar),
    CASE(signer_of_jwk_oct),
    CASE(signer_of_jwk_ec),
    CASE(signer_public),
    CASE(issue_hs256),
    CASE(issue_es256),
    CASE(digest_pepper),
    CASE(verify_certificate_accept),
    CASE(verify_certificate_reject),
    CASE(verify_channel_accept),
    CASE(verify_channel_reject),
    CASE(verify_binding_accept),
    CASE(verify_binding_reject),
    CASE(channel_binding),
    CASE(dpop_nonce),
    CASE(verify_nonce_accept),
    CASE(verify_nonce_reject),
    CASE(replay_init),
    CASE(replay_attach_accept),
    CASE(replay_attach_reject),
    CASE(replay_commit_new),
    CASE(replay_commit_seen),
    CASE(revocation_init),
    CASE(revocation_check),
    CASE(throttle_init),
    CASE(throttle_admit),
    CASE(cache_init),
    CASE(verify_rotating_compat_accept),
    CASE(verify_rotating_compat_reject),
    CASE(verify_rotating_compat_two),
    CASE(verify_rotating_derived_accept),
    CASE(verify_rotating_derived_reject),
    CASE(load_rotating),
    CASE(signer_of_rotating),
    CASE(open_dir_gcm_accept),
    CASE(open_dir_gcm_tag),
    CASE(open_dir_cbc_accept),
    CASE(open_dir_cbc_tag),
    CASE(open_dir_cbc_padding),
    CASE(open_kw_accept),
    CASE(open_kw_wrap),
    CASE(open_gcmkw_accept),
    CASE(open_gcmkw_wrap),
    CASE(open_ecdh_accept),
    CASE(open_ecdh_wrap),
};

int main(int argc, char **argv) {
    return run_case(cases, sizeof cases / sizeof cases[0], argc, argv);
}
