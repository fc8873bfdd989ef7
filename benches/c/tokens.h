/* Test keys made on the spot, and tokens minted by OpenSSL: no library here checks what it minted itself. */
#ifndef BENCH_TOKENS_H
#define BENCH_TOKENS_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1900000000L
#define ISSUER "https://issuer.example"
#define AUDIENCE "https://api.example"
#define TOKEN_MAX 2048
#define SECRET_BYTES 32

/* What must hold for the figures to mean anything. */
#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

enum alg { HS256, RS256, ES256, ALGS };
static const char *const alg_names[ALGS] = {"HS256", "RS256", "ES256"};

static uint8_t secret[SECRET_BYTES];
static EVP_PKEY *pairs[ALGS]; /* none for HS256 */

static void make_keys(void) {
    MUST(RAND_bytes(secret, sizeof secret) == 1);
    pairs[RS256] = EVP_RSA_gen(2048);
    pairs[ES256] = EVP_EC_gen("P-256");
    MUST(pairs[RS256] != NULL && pairs[ES256] != NULL);
}

/* Appends base64url without padding; the end of the text. */
static char *base64url(char *out, const uint8_t *bytes, size_t len) {
    size_t at;
    int chars = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
    while (chars > 0 && out[chars - 1] == '=') {
        chars--;
    }
    for (at = 0; at < (size_t)chars; at++) {
        out[at] = out[at] == '+' ? '-' : out[at] == '/' ? '_' : out[at];
    }
    out[chars] = '\0';
    return out + chars;
}

/* The signature as JOSE has it: of ES256 r and s, 32 bytes each (RFC 7518 3.4). */
static size_t sign(enum alg alg, const char *text, uint8_t out[512]) {
    unsigned int mac_len = 0;
    size_t len = 512;
    EVP_MD_CTX *context;
    const unsigned char *der = out;
    ECDSA_SIG *rs;
    if (alg == HS256) {
        MUST(HMAC(EVP_sha256(), secret, sizeof secret, (const uint8_t *)text, strlen(text), out, &mac_len) != NULL);
        return mac_len;
    }
    context = EVP_MD_CTX_new();
    MUST(context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pairs[alg]) == 1);
    MUST(EVP_DigestSign(context, out, &len, (const uint8_t *)text, strlen(text)) == 1);
    EVP_MD_CTX_free(context);
    if (alg == RS256) {
        return len;
    }
    rs = d2i_ECDSA_SIG(NULL, &der, (long)len);
    MUST(rs != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(rs), out, 32) == 32);
    MUST(BN_bn2binpad(ECDSA_SIG_get0_s(rs), out + 32, 32) == 32);
    ECDSA_SIG_free(rs);
    return 64;
}

static void mint(char token[TOKEN_MAX], enum alg alg, const char *issuer, const char *audience, long expires) {
    char header[128], payload[512];
    uint8_t signature[512];
    char *end;
    snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", alg_names[alg]);
    snprintf(payload, sizeof payload,
             "{\"iss\":\"%s\",\"sub\":\"user-4711\",\"aud\":\"%s\",\"iat\":%ld,\"exp\":%ld,"
             "\"jti\":\"b7c1a0f2-7f55-4c54-9d4e-0f3f8a0f9a11\",\"scope\":\"read write\"}",
             issuer, audience, expires - 600, expires);
    end = base64url(token, (const uint8_t *)header, strlen(header));
    *end++ = '.';
    end = base64url(end, (const uint8_t *)payload, strlen(payload));
    *end = '\0';
    {
        size_t len = sign(alg, token, signature);
        *end++ = '.';
        base64url(end, signature, len);
    }
}

/* One number of a public key, big-endian. */
static size_t number_of(EVP_PKEY *key, const char *name, uint8_t out[512]) {
    BIGNUM *number = NULL;
    int len;
    MUST(EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_num_bytes(number) <= 512);
    len = BN_bn2bin(number, out);
    BN_free(number);
    return (size_t)len;
}

#endif
