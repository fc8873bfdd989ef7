/* Proof of possession: nonces, certificates out of header fields, bindings, and a token bound in each way. */
#ifndef EXERCISE_POSSESSION_H
#define EXERCISE_POSSESSION_H
#include "check.h"

/* RFC 9449 7.1: the proof, and the thumbprint of its key. */
static const char rfc_proof[] =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rs"
    "cEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2"
    "In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90"
    "ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFF"
    "byJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
static const char rfc_thumbprint[] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
#define RFC_NOW 1562262618

static void nonces(void) {
    cmk_dpop rules = cmk_dpop_rules();
    char *buffer = (char *)room(CMK_NONCE_CHARS);
    char first[CMK_NONCE_CHARS];
    cmk_bytes nonce;
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS, &nonce), CMK_ARGUMENT);
    rules.nonce_secret = cmk_bytes_of(secret, 31);
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS, &nonce), CMK_KEY_TOO_SHORT);
    rules.nonce_secret = cmk_bytes_of(secret, 32);
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS, &nonce), CMK_OK);
    CHECK(nonce.len == CMK_NONCE_CHARS && nonce.ptr == (const uint8_t *)buffer);
    memcpy(first, buffer, sizeof first);
    GIVES(cmk_dpop_nonce(&rules, NOW + 1, buffer, CMK_NONCE_CHARS, &nonce), CMK_OK);
    CHECK(memcmp(first, buffer, sizeof first) == 0);
    GIVES(cmk_dpop_nonce(&rules, NOW + 300, buffer, CMK_NONCE_CHARS, &nonce), CMK_OK);
    CHECK(memcmp(first, buffer, sizeof first) != 0);
    GIVES(cmk_dpop_nonce(&rules, INT64_MIN, buffer, CMK_NONCE_CHARS, &nonce), CMK_OK);
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS - 1, &nonce), CMK_BUFFER_TOO_SMALL);
    CHECK(is_zero(&nonce, sizeof nonce));
    GIVES(cmk_dpop_nonce(NULL, NOW, buffer, CMK_NONCE_CHARS, &nonce), CMK_NULL_POINTER);
    GIVES(cmk_dpop_nonce(&rules, NOW, NULL, CMK_NONCE_CHARS, &nonce), CMK_NULL_POINTER);
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS, NULL), CMK_NULL_POINTER);
    GIVES(cmk_dpop_nonce(&rules, NOW, &rules, sizeof rules, &nonce), CMK_OVERLAP);
    rules.size--;
    GIVES(cmk_dpop_nonce(&rules, NOW, buffer, CMK_NONCE_CHARS, &nonce), CMK_STRUCT_SIZE);
    free(buffer);
}

static void certificates(void) {
    /* 30 01 05: a DER sequence of one byte. */
    static const char pem[] = "-----BEGIN CERTIFICATE-----\nMAEF\n-----END CERTIFICATE-----\n";
    static const char escaped[] = "-----BEGIN%20CERTIFICATE-----%0AMAEF%0A-----END%20CERTIFICATE-----%0A";
    static const char forwarded[] = "By=a;Cert=\"-----BEGIN%20CERTIFICATE-----%0AMAEF%0A-----END%20CERTIFICATE-----%0A\"";
    typedef int32_t reader(cmk_bytes, cmk_certificate *);
    reader *const readers[7] = {cmk_certificate_of_pem, cmk_certificate_of_escaped_pem, cmk_certificate_of_client_cert,
        cmk_certificate_of_forwarded, cmk_certificate_of_base64, cmk_certificate_of_hex_digest,
        cmk_certificate_of_base64url_digest};
    const char *values[5] = {pem, escaped, ":MAEF:", forwarded, "MAEF"};
    cmk_certificate first, certificate;
    size_t at;
    GIVES(cmk_certificate_of_pem(cmk_text(pem), &first), CMK_OK);
    for (at = 0; at < 7; at++) {
        cmk_bytes value = tight(at < 5 ? values[at] : "0000000000000000000000000000000000000000000000000000000000000000");
        value.len = at == 6 ? 43 : value.len;
        if (at == 6) {
            memset((void *)(uintptr_t)value.ptr, 'A', 43);
        }
        GIVES(readers[at](value, &certificate), CMK_OK);
        CHECK(at >= 5 ? is_zero(&certificate, sizeof certificate) : memcmp(&certificate, &first, sizeof first) == 0);
        value.len--;
        GIVES(readers[at](value, &certificate), at < 1 ? CMK_OK : CMK_CERTIFICATE_MALFORMED);
        GIVES(readers[at](none, &certificate), CMK_CERTIFICATE_MALFORMED);
        CHECK(is_zero(&certificate, sizeof certificate));
        GIVES(readers[at](value, NULL), at < 1 ? CMK_NULL_POINTER : CMK_CERTIFICATE_MALFORMED);
        GIVES(readers[at](cmk_bytes_of(NULL, 1), &certificate), CMK_NULL_POINTER);
        value.len++;
        drop(value);
    }
    /* By their names, too: what looks for calls of each function sees them. */
    GIVES(cmk_certificate_of_escaped_pem(cmk_text(escaped), &certificate), CMK_OK);
    GIVES(cmk_certificate_of_client_cert(cmk_text(":MAEF:"), &certificate), CMK_OK);
    GIVES(cmk_certificate_of_forwarded(cmk_text(forwarded), &certificate), CMK_OK);
    GIVES(cmk_certificate_of_base64(cmk_text("MAEF"), &certificate), CMK_OK);
    GIVES(cmk_certificate_of_hex_digest(cmk_text("00"), &certificate), CMK_CERTIFICATE_MALFORMED);
    GIVES(cmk_certificate_of_base64url_digest(cmk_text("AA"), &certificate), CMK_CERTIFICATE_MALFORMED);
}

static void bindings(void) {
    const cmk_bytes token = cmk_text("a.b.c"), channel = cmk_text("0123456789abcdef0123456789abcdef");
    char *buffer = (char *)room(CMK_BINDING_CHARS_MAX);
    cmk_bytes binding;
    int32_t form;
    for (form = -1; form < 4; form++) {
        int is_form = form == CMK_BINDING_BASE64URL || form == CMK_BINDING_BASE64;
        GIVES(cmk_channel_binding(form, token, channel, buffer, CMK_BINDING_CHARS_MAX, &binding), is_form ? CMK_OK : CMK_ARGUMENT);
        CHECK(binding.len == (is_form ? (size_t)(42 + form) : 0));
    }
    GIVES(cmk_channel_binding(1, token, channel, buffer, 42, &binding), CMK_BUFFER_TOO_SMALL);
    GIVES(cmk_channel_binding(1, token, none, buffer, 43, &binding), CMK_ARGUMENT);
    GIVES(cmk_channel_binding(1, cmk_bytes_of(buffer, 9), channel, buffer, 43, &binding), CMK_OVERLAP);
    GIVES(cmk_channel_binding(1, token, channel, NULL, 43, &binding), CMK_NULL_POINTER);
    GIVES(cmk_channel_binding(1, token, channel, buffer, 43, NULL), CMK_NULL_POINTER);
    free(buffer);
}

/* One token bound to RFC 9449's key and to a certificate, presented in several ways. */
static void bound_tokens(void) {
    static uint64_t region[CMK_KEYS_BYTES(1, 0) / 8];
    static const uint8_t der[3] = {0x30, 1, 5};
    const cmk_bytes key = cmk_bytes_of(secret, 32);
    size_t at, scratch_bytes = CMK_SCRATCH_BYTES(1024) + CMK_SCRATCH_BYTES(sizeof rfc_proof - 1);
    void *scratch = room(scratch_bytes), *buffer = room(1024);
    cmk_bytes proofs[2], token;
    cmk_certificate certificate;
    cmk_keys set;
    cmk_signer signer;
    cmk_verifier verifier;
    cmk_claims claims;
    cmk_report report;
    cmk_policy policy = cmk_policy_strict();
    cmk_dpop rules = cmk_dpop_rules();
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), RFC_NOW + 60);
    cmk_evidence evidence = cmk_evidence_of(NULL, 0);
    cmk_request request;
    proofs[0] = proofs[1] = tight(rfc_proof);
    GIVES(cmk_certificate_of_base64(cmk_text("MAEF"), &certificate), CMK_OK);
    mint.confirmed_key = cmk_text(rfc_thumbprint);
    mint.confirmed_certificate = cmk_bytes_of(certificate.digest, 31);
    GIVES(cmk_signer_of_secret(&signer, CMK_HS256, none, key), CMK_OK);
    GIVES(cmk_issue(&signer, &mint, scratch, scratch_bytes, buffer, 1024, &token), CMK_ARGUMENT);
    mint.confirmed_certificate.len = 32;
    GIVES(cmk_issue(&signer, &mint, scratch, scratch_bytes, buffer, 1024, &token), CMK_OK);
    GIVES(cmk_keys_init(&set, region, sizeof region, none), CMK_OK);
    GIVES(cmk_keys_add_secret(&set, CMK_HS256, none, key), CMK_OK);
    policy.dpop = &rules;
    policy.certificate = 2;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.certificate = 1;
    policy.combination = CMK_FINGERPRINT_UNLESS_POSSESSION + 1;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.combination = CMK_AT_LEAST;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_POLICY_CONFLICT);
    policy.at_least = 256;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.combination = CMK_ALL_OF;
    policy.at_least = 1;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.at_least = 0;
    policy.methods = 64;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.methods = CMK_METHOD_CHANNEL;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_POLICY_CONFLICT);
    policy.methods = CMK_METHOD_PROOF | CMK_METHOD_CERTIFICATE;
    policy.binding = 3;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    policy.binding = 0;
    policy.channel = cmk_text("jkt");
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_POLICY_CONFLICT);
    policy.channel = cmk_text(CMK_CHANNEL_MEMBER);
    rules.kind = 2;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_ARGUMENT);
    rules.kind = CMK_PROOF_DPOP;
    GIVES(cmk_verifier_init(&verifier, &set, 1, &policy), CMK_OK);
    request = cmk_request_at(token, RFC_NOW);
    request.evidence = &evidence;
    evidence.method = cmk_text("GET");
    evidence.uri = cmk_text("https://resource.example.org/protectedresource?a=b");
    for (at = 0; at < 8; at++) {
        static const uint64_t wanted[8] = {
            CMK_FAILED_POSSESSION_MISSING | CMK_FAILED_SCHEME,
            CMK_FAILED_POSSESSION_MISSING,
            CMK_FAILED_POSSESSION_MISSING | CMK_FAILED_PROOF_REPEATED,
            CMK_FAILED_POSSESSION_MISSING | CMK_FAILED_PROOF_TOKEN_HASH,
            CMK_FAILED_CERTIFICATE_MALFORMED | CMK_FAILED_PROOF_TOKEN_HASH,
            CMK_FAILED_PROOF_TOKEN_HASH,
            CMK_FAILED_CERTIFICATE_MISMATCH | CMK_FAILED_PROOF_TOKEN_HASH,
            CMK_FAILED_PROOF_METHOD | CMK_FAILED_PROOF_TOKEN_HASH | CMK_FAILED_PROOF_NONCE,
        };
        evidence.scheme = at == 0 ? 0 : CMK_DPOP;
        evidence.proofs = proofs;
        evidence.proof_count = at < 2 ? 0 : at == 2 ? 2 : 1;
        evidence.certificate = at < 4 || at == 6 || at == 7 ? none : cmk_bytes_of(der, at == 4 ? 2 : 3);
        certificate.digest[0] ^= at == 6 || at == 7;
        evidence.certificate_digest = at < 6 ? none : cmk_bytes_of(certificate.digest, 32);
        evidence.method = cmk_text(at == 7 ? "POST" : "GET");
        evidence.nonce = at == 7 ? cmk_text("n") : none;
        CHECK(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report) >= CMK_POSSESSION_MISSING);
        CHECK(report.failures == wanted[at]);
        CHECK(is_zero(&claims, sizeof claims) && is_zero(&report.to_commit, sizeof report.to_commit));
    }
    evidence.certificate = cmk_bytes_of(der, 3);
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_ARGUMENT);
    evidence.certificate = none;
    evidence.certificate_digest.len = 31;
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_ARGUMENT);
    evidence.certificate_digest.len = 32;
    evidence.scheme = 3;
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_ARGUMENT);
    evidence.scheme = CMK_DPOP;
    evidence.uri = cmk_text("/protectedresource");
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_ARGUMENT);
    evidence.proofs = NULL;
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_NULL_POINTER);
    evidence.proofs = proofs;
    proofs[0].ptr = NULL;
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_NULL_POINTER);
    proofs[0] = cmk_bytes_of(scratch, 9);
    GIVES(cmk_verify(&verifier, &request, scratch, scratch_bytes, &claims, &report), CMK_OVERLAP);
    drop(proofs[1]);
    GIVES(cmk_signer_wipe(&signer), CMK_OK);
    GIVES(cmk_verifier_wipe(&verifier), CMK_OK);
    free(scratch);
    free(buffer);
}

static void possession(void) {
    nonces();
    certificates();
    bindings();
    bound_tokens();
}

#endif
