/* The same question to three libraries: is this token signed by that key, of this algorithm, issuer and audience, and not
 * expired? Each answers it with what it has; what it lacks, the host's own lines do, as they must in a gateway.
 *
 *                     countermark        libjwt                        cjose
 *   key               once, before       from PEM for each token       once, before
 *   signature         yes                yes                           yes
 *   header's alg      by the key         asked afterwards              asked before
 *   exp, iss, aud     by the policy      exp, iss, aud of its getters  no claims: payload by jansson, then the same
 *   nbf, iat, typ,    yes                no                            no
 *   duplicates, crit
 *
 * libjwt 1.10 has no form for a key that was read before. jansson is what both of them read JSON with. */
#ifndef BENCH_VERIFIERS_H
#define BENCH_VERIFIERS_H
#include "countermark.h"
#include "tokens.h"
#include <cjose/cjose.h>
#include <jansson.h>
#include <jwt.h>

typedef int (*verify_function)(enum alg, const char *token, size_t len);

/* ---- countermark ---- */
static uint64_t regions[ALGS][CMK_KEYS_BYTES(1, 0) / 8];
static cmk_verifier verifiers[ALGS], unprepared; /* that of ES256 has a table of 6 bits, and there is one without */
static uint8_t scratch[CMK_SCRATCH_BYTES(TOKEN_MAX)];

static void countermark_open(void) {
    static const int32_t numbers[ALGS] = {CMK_HS256, CMK_RS256, CMK_ES256};
    static cmk_bytes issuer, audience; /* a policy's texts stay where they are */
    cmk_policy policy = cmk_policy_strict();
    int alg;
    issuer = cmk_text(ISSUER);
    audience = cmk_text(AUDIENCE);
    policy.issuers = &issuer;
    policy.issuer_count = 1;
    policy.audiences = &audience;
    policy.audience_count = 1;
    for (alg = 0; alg < ALGS; alg++) {
        cmk_keys keys;
        int32_t status;
        MUST(cmk_keys_init(&keys, regions[alg], sizeof regions[alg], cmk_text(NULL)) == CMK_OK);
        if (alg == HS256) {
            status = cmk_keys_add_secret(&keys, CMK_HS256, cmk_text(NULL), cmk_bytes_of(secret, sizeof secret));
        } else {
            unsigned char *der = NULL;
            int len = i2d_PUBKEY(pairs[alg], &der);
            MUST(len > 0);
            status = cmk_keys_add_spki(&keys, numbers[alg], cmk_text(NULL), cmk_bytes_of(der, (size_t)len));
            OPENSSL_free(der);
        }
        MUST(status == CMK_OK);
        MUST(cmk_verifier_init(&verifiers[alg], &keys, 1, &policy) == CMK_OK);
        if (alg == ES256) {
            size_t bytes = cmk_prepared_bytes(6, 1);
            void *tables = aligned_alloc(64, (bytes + 63) / 64 * 64);
            MUST(tables != NULL && cmk_prepare(tables, bytes, 6, &keys, 1) == CMK_OK);
            MUST(cmk_verifier_use_prepared(&verifiers[alg], tables, bytes) == CMK_OK);
            MUST(cmk_verifier_init(&unprepared, &keys, 1, &policy) == CMK_OK);
        }
    }
}

static int ask(const cmk_verifier *verifier, const char *token, size_t len) {
    cmk_request request = cmk_request_at(cmk_bytes_of(token, len), NOW);
    cmk_claims claims;
    cmk_report report;
    return cmk_verify(verifier, &request, scratch, sizeof scratch, &claims, &report) == CMK_OK;
}

static int countermark_verify(enum alg alg, const char *token, size_t len) { return ask(&verifiers[alg], token, len); }

static int unprepared_verify(enum alg alg, const char *token, size_t len) {
    return ask(alg == ES256 ? &unprepared : &verifiers[alg], token, len);
}

/* ---- libjwt ---- */
static const unsigned char *pems[ALGS];
static int pem_lens[ALGS];

static void libjwt_open(void) {
    int alg;
    pems[HS256] = secret;
    pem_lens[HS256] = sizeof secret;
    for (alg = RS256; alg < ALGS; alg++) {
        char *text = NULL;
        BIO *memory = BIO_new(BIO_s_mem()); /* kept: the text lies in it */
        MUST(memory != NULL && PEM_write_bio_PUBKEY(memory, pairs[alg]) == 1);
        pem_lens[alg] = (int)BIO_get_mem_data(memory, &text);
        pems[alg] = (const unsigned char *)text;
    }
}

static int is_text(const char *found, const char *wanted) {
    return found != NULL && strcmp(found, wanted) == 0;
}

static int libjwt_verify(enum alg alg, const char *token, size_t len) {
    static const jwt_alg_t numbers[ALGS] = {JWT_ALG_HS256, JWT_ALG_RS256, JWT_ALG_ES256};
    jwt_t *jwt = NULL;
    int good;
    (void)len; /* it ends with a NUL */
    if (jwt_decode(&jwt, token, pems[alg], pem_lens[alg]) != 0) {
        return 0;
    }
    good = jwt_get_alg(jwt) == numbers[alg] && jwt_get_grant_int(jwt, "exp") > NOW &&
           is_text(jwt_get_grant(jwt, "iss"), ISSUER) && is_text(jwt_get_grant(jwt, "aud"), AUDIENCE);
    jwt_free(jwt);
    return good;
}

/* ---- cjose ---- */
static cjose_jwk_t *jwks[ALGS];

static void cjose_open(void) {
    uint8_t first[512], second[512];
    cjose_err error;
    cjose_jwk_rsa_keyspec rsa;
    cjose_jwk_ec_keyspec ec;
    memset(&rsa, 0, sizeof rsa);
    memset(&ec, 0, sizeof ec);
    jwks[HS256] = cjose_jwk_create_oct_spec(secret, sizeof secret, &error);
    rsa.n = first;
    rsa.nlen = number_of(pairs[RS256], OSSL_PKEY_PARAM_RSA_N, first);
    rsa.e = second;
    rsa.elen = number_of(pairs[RS256], OSSL_PKEY_PARAM_RSA_E, second);
    jwks[RS256] = cjose_jwk_create_RSA_spec(&rsa, &error);
    ec.crv = CJOSE_JWK_EC_P_256;
    ec.x = first;
    ec.xlen = number_of(pairs[ES256], OSSL_PKEY_PARAM_EC_PUB_X, first);
    ec.y = second;
    ec.ylen = number_of(pairs[ES256], OSSL_PKEY_PARAM_EC_PUB_Y, second);
    jwks[ES256] = cjose_jwk_create_EC_spec(&ec, &error);
    MUST(jwks[HS256] != NULL && jwks[RS256] != NULL && jwks[ES256] != NULL);
}

static int cjose_claims_hold(const cjose_jws_t *jws) {
    uint8_t *payload = NULL;
    size_t len = 0;
    cjose_err error;
    json_t *claims;
    int good;
    if (!cjose_jws_get_plaintext(jws, &payload, &len, &error)) {
        return 0;
    }
    claims = json_loadb((const char *)payload, len, 0, NULL);
    good = json_integer_value(json_object_get(claims, "exp")) > NOW &&
           is_text(json_string_value(json_object_get(claims, "iss")), ISSUER) &&
           is_text(json_string_value(json_object_get(claims, "aud")), AUDIENCE);
    json_decref(claims);
    return good;
}

static int cjose_verify(enum alg alg, const char *token, size_t len) {
    cjose_err error;
    cjose_jws_t *jws = cjose_jws_import(token, len, &error);
    int good;
    if (jws == NULL) {
        return 0;
    }
    good = is_text(cjose_header_get(cjose_jws_get_protected(jws), CJOSE_HDR_ALG, &error), alg_names[alg]) &&
           cjose_jws_verify(jws, jwks[alg], &error) && cjose_claims_hold(jws);
    cjose_jws_release(jws);
    return good;
}

#endif
