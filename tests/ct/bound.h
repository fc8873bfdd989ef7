/* Tokens bound to what only their client has: a certificate, a TLS channel, the key that proves itself. */
#ifndef BOUND_H
#define BOUND_H

#include "fixture.h"

#define VALUE_LEN 32

typedef struct bound {
    uint8_t value[VALUE_LEN]; /* the certificate's digest, or what the channel exports */
    char text[CMK_BINDING_CHARS_MAX];
    key_set set;
    cmk_verifier verifier;
    token_text token;
    client who;
} bound;

static inline cmk_bytes bound_value(bound *of) {
    return cmk_bytes_of(of->value, sizeof of->value);
}

static inline void bound_mint(bound *of, const cmk_mint *mint) {
    cmk_signer signer;
    uint8_t scratch[1024];
    cmk_bytes made;
    expect(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text(NULL), cmk_bytes_of(secret_text, 32)), CMK_OK,
           "cmk_signer_of_secret");
    expect(cmk_issue(&signer, mint, scratch, sizeof scratch, of->token.text, sizeof of->token.text, &made), CMK_OK,
           "cmk_issue");
    of->token.len = made.len;
}

/* The token, its verifier and a client that is the right one. Returns the status of a wrong one. */
static inline int32_t bound_make(bound *of, uint32_t method) {
    cmk_policy policy = cmk_policy_strict();
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    char claims[128];
    cmk_bytes made;
    client_make(&of->who);
    memset(of->value, 0xa5, sizeof of->value);
    if (method == CMK_METHOD_CERTIFICATE) {
        mint.confirmed_certificate = bound_value(of);
        of->who.evidence.certificate_digest = bound_value(of);
        policy.certificate = 1;
    } else if (method == CMK_METHOD_CHANNEL) {
        /* The binding of no token at all: the channel's SHA-256. */
        expect(cmk_channel_binding(CMK_BINDING_BASE64URL, cmk_text(NULL), bound_value(of), of->text, sizeof of->text, &made),
               CMK_OK, "cmk_channel_binding");
        (void)snprintf(claims, sizeof claims, "{\"cnf\":{\"" CMK_CHANNEL_MEMBER "\":\"%.43s\"}}", of->text);
        mint.claims = cmk_text(claims);
        of->who.evidence.channel = bound_value(of);
        policy.channel = cmk_text(CMK_CHANNEL_MEMBER);
    }
    bound_mint(of, &mint);
    if (method == CMK_METHOD_BINDING) {
        expect(cmk_channel_binding(CMK_BINDING_BASE64URL, token_bytes(&of->token), bound_value(of), of->text,
                                   sizeof of->text, &of->who.evidence.binding),
               CMK_OK, "cmk_channel_binding");
        of->who.evidence.channel = bound_value(of);
        policy.binding = CMK_BINDING_BASE64URL;
    }
    key_set_hmac(&of->set, CMK_HS256);
    expect(cmk_verifier_init(&of->verifier, &of->set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
    return method == CMK_METHOD_CERTIFICATE ? CMK_CERTIFICATE_MISMATCH : CMK_CHANNEL_MISMATCH;
}

/* The one thing here that is pasted, for the C ABI makes no proofs: a DPoP proof for the token below, signed by the key of RFC
 * 7515 A.3, with the nonce of NOW under the first 32 bytes of secret_text. Another token or nonce makes its cases fail. */
static const char proof_text[] =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiZjgzT0ozRDJ4RjFCZz"
    "h2dWI5dExlMWdITXpWNzZlOFR1czl1UEh2UlZFVSIsInkiOiJ4X0ZFelJ1OW0zNkhMTl90dWU2NTlMTnBYVzZwQ3lTdGlrWWpLSVdJNWEwIn19"
    ".eyJqdGkiOiIxIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9hLmV4YW1wbGUvIiwiaWF0IjoxNzAwMDAwMDAwLCJhdGgiOiJEWHNqaDJHc"
    "1VDbUFINTdtMjZBdk14MkR5NWlhNlBWd29sckVud25FRTk0Iiwibm9uY2UiOiIydnhJWnltSmN1T3p2NkI0UUZtYnIzVUlJeWRhb0p4OTVyc1F"
    "UcDB4dElVIn0.T7FByCnGip_AFwqOweOAWp55ju91VMl8o8E7MuBWn3ElrxuIhe-D9wnOrCUB4T7PdK_uDTBVkUDgfnc0TD1YQw";
static const char proof_key[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";

/* A token bound to the proof's key; the verifier asks for a nonce under this secret. */
static inline void bound_proof(bound *of, cmk_bytes nonce_secret) {
    static cmk_bytes proofs[1];
    cmk_policy policy = cmk_policy_strict();
    cmk_dpop rules = cmk_dpop_rules();
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    client_make(&of->who);
    expect(cmk_thumbprint(cmk_text(proof_key), of->text, sizeof of->text, &mint.confirmed_key), CMK_OK, "cmk_thumbprint");
    bound_mint(of, &mint);
    proofs[0] = cmk_text(proof_text);
    of->who.evidence.proofs = proofs;
    of->who.evidence.proof_count = 1;
    of->who.evidence.scheme = CMK_DPOP;
    of->who.evidence.method = cmk_text("GET");
    of->who.evidence.uri = cmk_text("https://a.example/");
    rules.nonce_secret = nonce_secret;
    policy.dpop = &rules;
    key_set_hmac(&of->set, CMK_HS256);
    expect(cmk_verifier_init(&of->verifier, &of->set.keys, 1, &policy), CMK_OK, "cmk_verifier_init");
}

static inline int32_t bound_ask(bound *of, asked *answer) {
    return ask(answer, &of->verifier, &of->token, &of->who);
}

#endif
