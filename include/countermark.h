/* countermark.h - verify compact JWTs and who presents them. C99 and C++11; no heap, no globals, no clock.
 *
 * Four nouns and one verb. Fill a key set, make a verifier of it and a policy, and ask for each request:
 *
 *     cmk_keys       keys in memory of yours                 cmk_keys_init, cmk_keys_add_...
 *     cmk_verifier   key sets and a policy, checked once     cmk_verifier_init
 *     cmk_request    a token, the time, the client           cmk_request_at
 *     cmk_claims     what an accepted token says             cmk_claims_get, cmk_value_...
 *     cmk_verify     the answer: CMK_OK or what was wrong
 *
 * Beside them, for those who need it: cmk_digest and cmk_sketch (fingerprints), cmk_dpop (proofs) with cmk_replay and
 * cmk_verify_once (each proof once), cmk_prepare (faster ES256), cmk_signer (minting).
 *
 * Conventions, for every function:
 *  - A status is an int32_t: 0 is accepted, any other number is one of CMK_..., and cmk_status_sentence() explains it.
 *    The hundreds digit is the stage: 1xx token, 2xx header, 3xx key, 4xx signature, 5xx payload, 6xx policy, 7xx holder,
 *    800 to 849 standing, 850 to 899 rights, 9xx your own mistake (nothing of the token's).
 *  - cmk_bytes is passed by value and never ends with a NUL. {NULL, 0} is empty, or "none" where it says so.
 *    A NULL pointer anywhere else is a status, not a crash; of evidence it means that there is none.
 *  - Object first, then inputs, outputs last. No argument is both, but for an object or a record that the call is there to
 *    change, which a failing call leaves as it was. On failure every output is all zero bytes, and a buffer holds nothing of use;
 *    an output that lies over what is read is left alone, with CMK_OVERLAP.
 *    Memory that a call writes must not overlap memory that it reads.
 *  - You own all memory. Texts, regions and scratch that you hand over stay where they are for as long as the object that
 *    was made from them is used; claims and values lie in the scratch, until you write it again.
 *  - A `const` first argument may be shared by threads. Nothing is locked, and nothing is kept behind your back.
 *  - Structures with a `size` are made by the function named beside them, which sets it and clears the rest. Zero in a
 *    member means the default, or that this is not asked (in a sketch's thresholds -1 does; in cmk_risk_rules 0 is 0); every leniency is a flag. They grow at their end; a
 *    library that is too old refuses what it does not know.
 *  - Fixed sizes are sizeof(); variable ones are functions, with a macro as upper bound.
 *  - Secrets are compared and hashed in constant time. Wipe what held them: cmk_keys_wipe, cmk_verifier_wipe,
 *    cmk_signer_wipe, cmk_sealer_wipe, cmk_sketch_wipe, cmk_replay_wipe, cmk_revocation_wipe, cmk_cache_wipe, cmk_throttle_wipe,
 *    cmk_risk_wipe.
 */
#ifndef COUNTERMARK_H
#define COUNTERMARK_H

#include <stddef.h>
#include <stdint.h>

#ifdef CMK_PREFIX
#include "countermark_prefix.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CMK_VERSION_MAJOR 0
#define CMK_VERSION_MINOR 1
#define CMK_VERSION_PATCH 0
#define CMK_VERSION "0.1.0"
/* Grows with every release that changes a structure or a function. */
#define CMK_ABI 1u

/* Bytes of yours. */
typedef struct cmk_bytes {
    const uint8_t *ptr;
    size_t len;
} cmk_bytes;

static inline cmk_bytes cmk_bytes_of(const void *ptr, size_t len) {
    cmk_bytes bytes;
    bytes.ptr = (const uint8_t *)ptr;
    bytes.len = len;
    return bytes;
}

/* The bytes of a C string; none for NULL. */
static inline cmk_bytes cmk_text(const char *text) {
    size_t len = 0;
    while (text != NULL && text[len] != '\0') {
        len++;
    }
    return cmk_bytes_of(text, len);
}

/* No bytes at all, where an argument is optional. */
static inline cmk_bytes cmk_none(void) {
    return cmk_bytes_of(NULL, 0);
}

/* Makes memory of yours zero, and the compiler must: for what held the text of a secret key, or somebody's claims. */
static inline void cmk_wipe(void *memory, size_t bytes) {
    volatile uint8_t *at = (volatile uint8_t *)memory;
    while (bytes > 0) {
        bytes--;
        at[bytes] = 0;
    }
}

/* Algorithms (RFC 7518 3.1). */
#define CMK_HS256 1
#define CMK_HS384 2
#define CMK_HS512 3
#define CMK_ES256 4
#define CMK_ES384 5
#define CMK_ES512 6
#define CMK_ES256K 7
#define CMK_RS256 8
#define CMK_RS384 9
#define CMK_RS512 10
#define CMK_PS256 11
#define CMK_PS384 12
#define CMK_PS512 13
#define CMK_EDDSA 14 /* Ed25519; tokens may call it EdDSA or Ed25519 */
#define CMK_ML_DSA_44 15 /* verification only, in a build with mldsa44, mldsa65, mldsa87 (RFC 9964) */
#define CMK_ML_DSA_65 16
#define CMK_ML_DSA_87 17

/* What a decryption key does (RFC 7518 4): a key has one, as it has one algorithm. With `dir` the key is the content's own, of one
 * content alone. The key agreements need a build with ecdh. */
#define CMK_A128KW 101
#define CMK_A192KW 102
#define CMK_A256KW 103
#define CMK_A128GCMKW 104
#define CMK_A192GCMKW 105
#define CMK_A256GCMKW 106
#define CMK_ECDH_ES_P256 111
#define CMK_ECDH_ES_A128KW_P256 112
#define CMK_ECDH_ES_A192KW_P256 113
#define CMK_ECDH_ES_A256KW_P256 114
#define CMK_ECDH_ES_X25519 115
#define CMK_ECDH_ES_A128KW_X25519 116
#define CMK_ECDH_ES_A192KW_X25519 117
#define CMK_ECDH_ES_A256KW_X25519 118
#define CMK_DIR_A128GCM 121
#define CMK_DIR_A192GCM 122
#define CMK_DIR_A256GCM 123
#define CMK_DIR_A128CBC_HS256 124
#define CMK_DIR_A192CBC_HS384 125
#define CMK_DIR_A256CBC_HS512 126

/* How an envelope's content is encrypted (RFC 7518 5.1). */
#define CMK_A128GCM 1
#define CMK_A192GCM 2
#define CMK_A256GCM 3
#define CMK_A128CBC_HS256 4
#define CMK_A192CBC_HS384 5
#define CMK_A256CBC_HS512 6

/* ---- Keys ---------------------------------------------------------------------------------------------------------------
 * A key has exactly one algorithm, which you name; a token's header never decides. A set lies in a region of yours that is
 * aligned to CMK_ALIGN. Fill it first, then make verifiers of it. An immutable region may be shared between processes.
 */
#define CMK_ALIGN 8
/* The most that one key takes: RSA of 4096 bits. The most that an HMAC key or a key on a curve takes; cmk_key_bytes() tells. A
 * build with rsa8192 takes keys of up to 2200 bytes, one with ML-DSA of up to CMK_ML_DSA_KEY_BYTES_MAX, for which neither these
 * macros nor CMK_KEYS_BYTES are enough: there, ask cmk_key_bytes() or cmk_keys_size_for(). And the head of a set for an issuer of so many bytes (0: no issuer). */
#define CMK_KEY_BYTES_MAX 1176
/* The most that one key of ML-DSA takes. */
#define CMK_ML_DSA_KEY_BYTES_MAX 2728
#define CMK_KEY_BYTES_SMALL 272
#define CMK_KEYS_HEAD_BYTES(issuer_bytes) (24 + ((issuer_bytes) + 7) / 8 * 8)
/* A region for `count` keys of any kind but those two, and for `count` HMAC keys or keys on curves. Divided by 8: its words. */
#define CMK_KEYS_BYTES(count, issuer_bytes) (CMK_KEYS_HEAD_BYTES(issuer_bytes) + (count) * CMK_KEY_BYTES_MAX)
#define CMK_KEYS_BYTES_SMALL(count, issuer_bytes) (CMK_KEYS_HEAD_BYTES(issuer_bytes) + (count) * CMK_KEY_BYTES_SMALL)

typedef struct cmk_keys {
    void *region;
    size_t bytes;
} cmk_keys;

#define CMK_REASONS 32

typedef struct cmk_loaded {
    uint32_t added;
    uint32_t skipped;
    int32_t reason; /* why the first key was skipped; 0: none was */
    uint8_t reasons[CMK_REASONS]; /* how many were skipped for status 310 + n */
} cmk_loaded;

/* Starts an empty set. With an issuer ({NULL, 0}: none), its keys verify tokens of that `iss` only (RFC 8725 3.8). */
int32_t cmk_keys_init(cmk_keys *keys, void *region, size_t bytes, cmk_bytes issuer);
/* Starts an empty set of the same issuer as `old`, and of the generation after it. This is how keys are replaced: fill the
 * new set in a region of its own; when that has succeeded, let new verifiers use it. If it fails, the old one is as it was. */
int32_t cmk_keys_init_after(cmk_keys *keys, void *region, size_t bytes, const cmk_keys *old);
/* A view of a region that is filled already, for instance by another process. If the region is read-only memory, only
 * functions that take a `const cmk_keys *` may use the view: the others write to the region. */
int32_t cmk_keys_open(cmk_keys *keys, const void *region, size_t bytes);
/* An HMAC secret of raw bytes; or a key that opens envelopes: an AES key, of a key agreement the private key (P-256: the scalar,
 * big-endian). kid: {NULL, 0} for none. */
int32_t cmk_keys_add_secret(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes secret);
/* A rotating secret: from its base of at least 32 bytes each user has a key of HS256 for each window of time. The user and iat of a
 * token are read before its signature is checked, and used for nothing else; for each base two keys are tried at the most. */
#define CMK_ROTATING_COMPAT 1  /* base || hex(HMAC-SHA256(base, user || "-" || W)), as Node.js issuers in the field do */
#define CMK_ROTATING_DERIVED 2 /* HMAC-SHA256(base, "countermark/rotating/v1" || u32(user's bytes) || user || u64(W)), big-endian */
/* The most that one takes in a region. */
#define CMK_ROTATING_KEY_BYTES 440
typedef struct cmk_rotating {
    size_t size;     /* cmk_rotating_of() */
    cmk_bytes claim; /* the claim that holds the user's id: a string, or an integer of at most 2^53, as its decimal text */
    int32_t mode;
    uint32_t window; /* seconds; W is iat / window. 0: 86400, a day */
    uint32_t grace;  /* how many windows before now's are accepted: 0 or 1 */
} cmk_rotating;

int32_t cmk_keys_add_rotating(cmk_keys *keys, cmk_bytes kid, cmk_bytes base, const cmk_rotating *rotating);
/* A public key as SEC 1 writes it: 04 x y, or 02 or 03 and x. */
int32_t cmk_keys_add_sec1(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes sec1);
/* An Ed25519 public key: its 32 bytes. */
int32_t cmk_keys_add_ed25519(cmk_keys *keys, cmk_bytes kid, cmk_bytes public_key);
/* A public key as DER SubjectPublicKeyInfo; an RSA key as PKCS#1 RSAPublicKey; the key of an X.509 certificate, of which
 * nothing else is judged. */
int32_t cmk_keys_add_spki(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes der);
int32_t cmk_keys_add_pkcs1(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes der);
int32_t cmk_keys_add_certificate(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes der);
/* One PEM block of these: "PUBLIC KEY", "RSA PUBLIC KEY" or "CERTIFICATE". */
int32_t cmk_keys_add_pem(cmk_keys *keys, int32_t alg, cmk_bytes kid, cmk_bytes text);
/* A JWK, or the usable keys of a JWK Set, those that open envelopes too (by their `alg`; for dir that of the content, such as
 * "A256GCM"); the others are skipped and counted, also those nested deeper than 8 or with more
 * than 64 members. A key without `alg` gets the only one of `algs` that fits its type. */
int32_t cmk_keys_add_jwk(cmk_keys *keys, cmk_bytes json, const int32_t *algs, size_t alg_count);
int32_t cmk_keys_add_jwks(cmk_keys *keys, cmk_bytes json, const int32_t *algs, size_t alg_count, cmk_loaded *loaded);
int32_t cmk_keys_count(const cmk_keys *keys, size_t *count);
/* 1 for an empty set, one more for a set that succeeds another, and one more for each key that is added. What you keep of a
 * verification holds for one generation only. */
int32_t cmk_keys_generation(const cmk_keys *keys, uint32_t *generation);
/* Ends the set: its whole region becomes zero. */
int32_t cmk_keys_wipe(cmk_keys *keys);

/* The most that a key of this algorithm takes; 0 for one that this build does not have. bits: of an RSA modulus, else 0. */
size_t cmk_key_bytes(int32_t alg, size_t bits);
size_t cmk_keys_head_bytes(size_t issuer_bytes);
/* The bytes of a region that holds exactly the usable keys of this JWK Set; its head alone, when none is. */
int32_t cmk_keys_size_for(cmk_bytes jwks, const int32_t *algs, size_t alg_count, cmk_bytes issuer, size_t *bytes);

#define CMK_THUMBPRINT_BYTES 43
/* The SHA-256 thumbprint of a JWK (RFC 7638) in base64url. */
int32_t cmk_thumbprint(cmk_bytes jwk, void *buffer, size_t buffer_bytes, cmk_bytes *text);

/* After CMK_UNKNOWN_KID: whether to fetch the issuer's keys again. At most once in so many seconds, whatever tokens say. */
typedef struct cmk_cooldown {
    int64_t last;
    uint32_t seconds;
    uint32_t used; /* 0: nothing was allowed yet */
} cmk_cooldown;

int32_t cmk_cooldown_ask(cmk_cooldown *cooldown, int64_t now, int32_t *may_fetch);

/* ---- Evidence -----------------------------------------------------------------------------------------------------------
 * What you know of the client. Behind a proxy, take the address that the proxy vouches for.
 */
typedef struct cmk_header {
    cmk_bytes name;
    cmk_bytes value;
} cmk_header;

/* One value of a component, or one element of a set (the empty set is one empty element). An ordinal is a decimal number. */
typedef struct cmk_component {
    uint32_t number; /* CMK_COMPONENT_..., or your own: 128 to 191 exact, 192 to 223 ordinal, 224 to 255 sets */
    cmk_bytes value;
} cmk_component;

typedef struct cmk_evidence {
    size_t size; /* cmk_evidence_of() */
    const cmk_header *headers;
    size_t header_count;
    cmk_bytes address; /* in text */
    cmk_bytes asn;
    cmk_bytes country;
    cmk_bytes organisation;
    cmk_bytes isp;
    const cmk_component *components; /* what the page collected or the host knows; a set: one for each element, in a row */
    size_t component_count;
    cmk_bytes certificate;        /* that the client proved in the TLS handshake, in DER; {NULL, 0}: none */
    cmk_bytes certificate_digest; /* or instead the SHA-256 of it, 32 bytes */
    const cmk_bytes *proofs;      /* the values of the DPoP header fields as they came: none, one, or more, which is refused */
    size_t proof_count;
    cmk_bytes method;  /* of the request, for a proof */
    cmk_bytes uri;     /* absolute, as the client sees it, behind a proxy too */
    cmk_bytes nonce;   /* that this client must have put in its proof; {NULL, 0}: none. Of CMK_PROOF_SESSION the challenge, always */
    cmk_bytes channel; /* the value of the TLS channel: of tls-exporter 32 bytes (RFC 9266); {NULL, 0}: none */
    cmk_bytes binding; /* the channel binding that was kept beside the token; {NULL, 0}: none */
    int32_t scheme;    /* what the token came under: CMK_BEARER (or 0), CMK_DPOP */
} cmk_evidence;

/* ---- Fingerprint recipe -------------------------------------------------------------------------------------------------
 * Skip this section and the next unless tokens are bound to a client's fingerprint.
 *
 * How the digest of a client is made, and the claim that holds it. What a request does not have is the empty string.
 */
#define CMK_RECIPE_OWN 0     /* the members below */
#define CMK_RECIPE_HEADERS 1 /* five headers, HMAC-SHA256 under the pepper, base64url: for new systems */
#define CMK_RECIPE_COMPAT 2  /* the field's MD5 scheme: for tokens that exist already */

#define CMK_FRAMING_LENGTHS 0
#define CMK_FRAMING_COLONS 1
#define CMK_HASH_HMAC_SHA256 0
#define CMK_HASH_SHA256 1
#define CMK_HASH_MD5 2
#define CMK_ENCODING_BASE64URL 0
#define CMK_ENCODING_HEX 1

#define CMK_INPUT_ADDRESS 1
#define CMK_INPUT_NETWORK 2
#define CMK_INPUT_ASN 3
#define CMK_INPUT_COUNTRY 4
#define CMK_INPUT_ISP 5
#define CMK_INPUT_ORGANISATION 6
#define CMK_INPUT_HEADER 7 /* named */
#define CMK_INPUT_COOKIE 8 /* named */
#define CMK_INPUTS_MAX 8

typedef struct cmk_input {
    int32_t kind;
    cmk_bytes name;
} cmk_input;

typedef struct cmk_recipe {
    size_t size; /* cmk_recipe_headers(), cmk_recipe_compat() */
    int32_t preset;
    int32_t framing;
    int32_t hash;
    int32_t encoding;
    cmk_bytes claim;
    cmk_bytes pepper; /* a secret of 16 bytes or more */
    const cmk_input *inputs;
    size_t input_count;
} cmk_recipe;

#define CMK_DIGEST_BYTES_MAX 64
/* This client's digest, as the claim holds it, into the buffer. Without evidence, that of a client who sends nothing. */
int32_t cmk_digest(const cmk_recipe *recipe, const cmk_evidence *evidence, void *buffer, size_t buffer_bytes,
                   cmk_bytes *digest);

/* ---- Fingerprint sketch -------------------------------------------------------------------------------------------------
 * Similarity that tolerates drift: which components of a client are compared, what each counts, where the verdicts begin.
 */
#define CMK_COMPONENT_IP_ADDRESS 1
#define CMK_COMPONENT_IP_NETWORK 2
#define CMK_COMPONENT_IP_ASN 3
#define CMK_COMPONENT_IP_COUNTRY 4
#define CMK_COMPONENT_IP_ORGANISATION 5
#define CMK_COMPONENT_IP_ISP 6
#define CMK_COMPONENT_UA_FAMILY 16
#define CMK_COMPONENT_UA_VERSION 17 /* ordinal */
#define CMK_COMPONENT_UA_OS 18
#define CMK_COMPONENT_UA_DEVICE 19
#define CMK_COMPONENT_CH_BRANDS 20 /* set */
#define CMK_COMPONENT_CH_PLATFORM 21
#define CMK_COMPONENT_CH_MOBILE 22
#define CMK_COMPONENT_ACCEPT_LANGUAGE 23 /* set */
#define CMK_COMPONENT_UPGRADE_INSECURE_REQUESTS 24
#define CMK_COMPONENT_ACCEPT_ENCODING 25 /* set */
#define CMK_COMPONENT_ACCEPT 26
#define CMK_COMPONENT_HEADER_NAMES 27 /* set */
#define CMK_COMPONENT_PRIVACY 28
#define CMK_COMPONENT_SCREEN_SIZE 32
#define CMK_COMPONENT_SCREEN_DEPTH 33
#define CMK_COMPONENT_TIMEZONE 34
#define CMK_COMPONENT_LANGUAGES 35 /* set */
#define CMK_COMPONENT_PLATFORM 36
#define CMK_COMPONENT_TOUCH 37
#define CMK_COMPONENT_CPU_CORES 38
#define CMK_COMPONENT_MEMORY 39
#define CMK_COMPONENT_FONTS 48 /* set */
#define CMK_COMPONENT_PLUGINS 49 /* set */
#define CMK_COMPONENT_FEATURES 50 /* set */
#define CMK_COMPONENT_CANVAS 64
#define CMK_COMPONENT_AUDIO 65
#define CMK_COMPONENT_WEBGL_VENDOR 66
#define CMK_COMPONENT_WEBGL_RENDERER 67
#define CMK_COMPONENT_WEBGL_PARAMETERS 68
#define CMK_COMPONENT_INCOGNITO 80
#define CMK_COMPONENT_BATTERY 81
#define CMK_COMPONENT_NETWORK_TYPE 82
#define CMK_COMPONENT_INPUT_DEVICES 83
#define CMK_COMPONENT_TLS_JA4 96
#define CMK_COMPONENT_HTTP2 97
#define CMK_COMPONENT_COOKIE 112

#define CMK_SKETCH_OWN 0             /* the weights and groups below */
#define CMK_SKETCH_HEADERS 1         /* what every request shows; a moved network is accepted, and so are copied headers */
#define CMK_SKETCH_HEADERS_STRICT 2  /* as headers, but a moved network is step up */
#define CMK_SKETCH_BROWSER 3         /* what a page's scripts can see, and the headers */
#define CMK_SKETCH_UNIFORM 4         /* the same, all equal */
#define CMK_SKETCH_STALKER 5         /* the published rules for linking evolving fingerprints */
#define CMK_SKETCH_STALKER_STRICT 6  /* as stalker, and the canvas must not change */
#define CMK_SKETCH_DEVICE 7          /* a random cookie and the TLS stack, for clients of an API */

#define CMK_ROLE_NORMAL 0
#define CMK_ROLE_OPTIONAL 1 /* a missing one leaves the similarity, not the coverage */
#define CMK_ROLE_REQUIRED 2 /* changed or missing: refused */

#define CMK_STAGES_TOGETHER 0     /* what is not observed is missing */
#define CMK_STAGES_ON_DEMAND 1    /* nothing of the page (32 to 83) yet, and it matters: step up, and what to collect */
#define CMK_STAGES_ACCEPT_EARLY 2 /* as on demand, and an accept by the request alone stands */

#define CMK_ENTRIES_MAX 64
#define CMK_PEPPERS_MAX 4
#define CMK_GROUPS_MAX 4
#define CMK_SALT_BYTES 8

typedef struct cmk_pepper {
    uint32_t number; /* 0 to 255; a sketch under a number that is not listed is refused */
    cmk_bytes secret; /* 16 bytes or more */
} cmk_pepper;

typedef struct cmk_weight {
    uint32_t component;
    uint32_t weight; /* up to 65535; one of 0 is compared, and is in no sum */
    int32_t role;
    uint32_t stability;   /* per mille of returns that keep it; both 0: it says nothing in the evidence */
    uint32_t coincidence; /* per mille of pairs that share it */
} cmk_weight;

typedef struct cmk_group {
    uint64_t components[4]; /* component n is bit n % 64 of word n / 64 */
    uint32_t changes;       /* more of them changed: step up */
} cmk_group;

typedef struct cmk_sketch_rules {
    size_t size; /* cmk_sketch_rules_of() */
    cmk_bytes claim;
    const cmk_pepper *peppers; /* the first mints */
    size_t pepper_count;
    const cmk_weight *weights; /* in ascending order; they replace a preset's weights and groups, groups alone its groups */
    size_t weight_count;
    const cmk_group *groups;
    size_t group_count;
    int32_t preset;
    int32_t stages;
    int32_t accept; /* per mille, as the next three; -1: as the preset has it, here and down to `ahead` */
    int32_t step_up;
    int32_t coverage;
    int32_t drift;
    int32_t generation;
    int32_t behind; /* steps that an ordinal may grow */
    int32_t ahead;  /* steps that it may shrink */
    int32_t evidence_accept; /* hundredths of a bit; INT32_MIN: evidence decides nothing */
    int32_t evidence_step_up;
} cmk_sketch_rules;

typedef struct cmk_sketch {
    uint64_t opaque[1 + 160];
} cmk_sketch;

/* Checks the rules and keeps them. Lists and peppers are copied; the claim's name stays yours. */
int32_t cmk_sketch_init(cmk_sketch *sketch, const cmk_sketch_rules *rules);
int32_t cmk_sketch_wipe(cmk_sketch *sketch);
/* How alike a client is to a claim's text that you kept, per mille: drift against a session's first sketch. Secret of the client. */
int32_t cmk_sketch_compare(const cmk_sketch *sketch, cmk_bytes claim, const cmk_evidence *evidence, uint32_t *similarity);

#define CMK_COLLECTOR_FINGERPRINTJS 1
#define CMK_COLLECTOR_CLIENTJS 2
#define CMK_COLLECTOR_IMPRINTJS 3
#define CMK_COLLECTOR_THUMBMARKJS 4
#define CMK_COLLECTOR_DETECT_INCOGNITO 5
#define CMK_COLLECT_SCRATCH_BYTES 3072 /* always suffices */

typedef struct cmk_collected {
    size_t count;   /* how many places were filled */
    size_t ignored; /* members of the document that nothing asks for */
} cmk_collected;

/* Maps the JSON document of a page's collector onto components, for cmk_evidence. Their values lie in the buffer, for which
 * three times the document's length always suffices. What another table maps is filled in by hand: a component is a number
 * and bytes. */
int32_t cmk_collect(int32_t collector, cmk_bytes document, void *scratch, size_t scratch_bytes, void *buffer,
                    size_t buffer_bytes, cmk_component *components, size_t capacity, cmk_collected *found);

/* Sentences for a privacy notice, static. */
typedef struct cmk_notice {
    cmk_bytes what;
    cmk_bytes why;
    cmk_bytes basis;
    cmk_bytes how_long;
    cmk_bytes how_erased;
} cmk_notice;

int32_t cmk_component_collects(uint32_t component, cmk_notice *notice);
int32_t cmk_preset_collects(int32_t preset, cmk_notice *notice);

/* ---- Proof of possession ------------------------------------------------------------------------------------------------
 * What a token is bound to by `cnf`: a DPoP key (RFC 9449), a client certificate (RFC 8705), a TLS channel (RFC 9266).
 */
#define CMK_PROOF_DPOP 0    /* RFC 9449 */
#define CMK_PROOF_SESSION 1 /* a device bound session credential: typ dbsc+jwt, the challenge in jti, no htm, htu, ath */
#define CMK_NONCE_CHARS 43

typedef struct cmk_dpop {
    size_t size; /* cmk_dpop_rules() */
    const int32_t *algs; /* none: ES256, ES384, Ed25519, RS256 and PS256, as far as this build has them */
    size_t alg_count;
    cmk_bytes nonce_secret; /* 32 bytes or more: proofs must carry a nonce of cmk_dpop_nonce(); {NULL, 0}: they need not */
    uint32_t nonce_seconds; /* a nonce serves for so long at least, and less than twice as long; 0: 300 */
    int32_t kind;
    uint32_t past_seconds;   /* how old a proof may be; 0: 300 */
    uint32_t future_seconds; /* how far in the future it may be made; 0: 60 */
    uint32_t proof_bytes;    /* the longest proof; 0: 8192, which is the most. Set it where the scratch has room for less: else
                                whoever sends a long one gets CMK_SCRATCH_TOO_SMALL, your own mistake, for an answer */
} cmk_dpop;

/* The server's nonce of this time, for the answer's DPoP-Nonce field: CMK_NONCE_CHARS bytes. Nothing is kept: all servers that
 * have the secret know it again. After CMK_PROOF_NONCE cmk_challenge() says use_dpop_nonce. */
int32_t cmk_dpop_nonce(const cmk_dpop *rules, int64_t now, void *buffer, size_t buffer_bytes, cmk_bytes *nonce);

/* One use of a proof or a one-time token. All zero: none. */
typedef struct cmk_use {
    uint8_t digest[32]; /* SHA-256 of what identifies it: (thumbprint, jti) of a proof, (iss, jti) of a token */
    int64_t expires_at; /* when it could not be accepted any more anyway */
} cmk_use;

/* A client certificate by the SHA-256 of its DER, for cmk_evidence.certificate_digest. */
typedef struct cmk_certificate {
    uint8_t digest[32];
} cmk_certificate;

/* Out of the header fields of proxies. STRIP SUCH A FIELD FROM EVERY REQUEST AT YOUR EDGE, before the proxy that sets it: a client
 * can write it too. All give CMK_CERTIFICATE_MALFORMED for anything else. */
/* One PEM block "CERTIFICATE". */
int32_t cmk_certificate_of_pem(cmk_bytes text, cmk_certificate *certificate);
/* The same percent-encoded: nginx's $ssl_client_escaped_cert. */
int32_t cmk_certificate_of_escaped_pem(cmk_bytes value, cmk_certificate *certificate);
/* Client-Cert (RFC 9440): the DER as :base64:. */
int32_t cmk_certificate_of_client_cert(cmk_bytes value, cmk_certificate *certificate);
/* Envoy's x-forwarded-client-cert of one element, by its Cert or its Hash; more elements are refused (use SANITIZE_SET). */
int32_t cmk_certificate_of_forwarded(cmk_bytes value, cmk_certificate *certificate);
/* The DER in base64: HAProxy's %[ssl_c_der,base64]. */
int32_t cmk_certificate_of_base64(cmk_bytes value, cmk_certificate *certificate);
/* The digest in hexadecimal: HAProxy's %[ssl_c_der,sha2(256),hex]. */
int32_t cmk_certificate_of_hex_digest(cmk_bytes value, cmk_certificate *certificate);
/* The digest in base64url, as x5t#S256 has it. */
int32_t cmk_certificate_of_base64url_digest(cmk_bytes value, cmk_certificate *certificate);

/* base64(SHA-256(token, channel)), to be kept beside a token. The channel value must be tls-exporter under TLS 1.3, or under TLS 1.2
 * with the extended master secret; tls-unique means nothing under TLS 1.3. */
#define CMK_BINDING_BASE64URL 1 /* 43 characters */
#define CMK_BINDING_BASE64 2    /* 44 characters */
#define CMK_BINDING_CHARS_MAX 44
/* The usual member of `cnf` for the SHA-256 of the exporter value, in base64url. */
#define CMK_CHANNEL_MEMBER "tls-exporter#S256"

int32_t cmk_channel_binding(int32_t form, cmk_bytes token, cmk_bytes channel, void *buffer, size_t buffer_bytes,
                            cmk_bytes *binding);

/* Ways to prove who presents a token. */
#define CMK_METHOD_DIGEST 1u
#define CMK_METHOD_SKETCH 2u
#define CMK_METHOD_PROOF 4u
#define CMK_METHOD_CERTIFICATE 8u
#define CMK_METHOD_CHANNEL 16u
#define CMK_METHOD_BINDING 32u

/* How many of the counted methods must be met. Whatever it says, every method that the token's `cnf` names must be. */
#define CMK_ALL_OF 0
#define CMK_ANY_OF 1
#define CMK_AT_LEAST 2 /* `at_least` of them */
#define CMK_IF_BOUND 3 /* lenient: those of `cnf`, the fingerprint and the kept binding; without any of them it is a bearer token */
#define CMK_FINGERPRINT_UNLESS_POSSESSION 4 /* one that proves possession, or else the fingerprint */

/* ---- Verifier -----------------------------------------------------------------------------------------------------------
 */
#define CMK_ANY_AUDIENCE 1u      /* lenient: any `aud`, and none */
#define CMK_ALLOW_MISSING_EXP 2u /* lenient: a token may live for ever */
#define CMK_NO_CLOCK 4u          /* lenient: a request may come without the time; needs a nonce */
#define CMK_NAMES_MAX 8          /* issuers, audiences, required claims, acr */
#define CMK_LIST_MAX 16          /* algorithms */
#define CMK_SETS_MAX 16

/* The layers that a token must have: declared, never found out. In every shape one is a signature (RFC 7519 5.2, 11.2). */
#define CMK_SIGNED 0
#define CMK_SIGNED_THEN_ENCRYPTED 1 /* a JWE around a JWS */
#define CMK_ENCRYPTED_THEN_SIGNED 2 /* a JWS around a JWE */

/* What a token may do: a rule is one requirement of a claim. A claim's values are the strings of an array, or one string; `scope` and
 * `scp` as one string are split at spaces. A claim of any other type is refused, whatever is asked of it. At most 32 rules of 32
 * values. Rules, values and texts stay yours, as they are and where they are, while a verifier uses them. */
#define CMK_RULE_ALL_OF 1
#define CMK_RULE_ANY_OF 2
#define CMK_RULE_NONE_OF 3 /* met too when the claim is absent; no other is */
#define CMK_RULE_LESS 4    /* the claim is an integer, less than `number`; the next four likewise */
#define CMK_RULE_LESS_OR_EQUAL 5
#define CMK_RULE_EQUAL 6
#define CMK_RULE_GREATER_OR_EQUAL 7
#define CMK_RULE_GREATER 8
#define CMK_RULE_WILDCARDS 1u /* lenient: a value that ends in * stands for all that begin so. A star in a token is a star */

typedef struct cmk_rule {
    cmk_bytes path; /* names with dots between them or, from a slash on, a JSON pointer, as in cmk_claims_at */
    const cmk_bytes *values;
    size_t value_count;
    int64_t number;
    int32_t test;
    uint32_t flags;
} cmk_rule;

/* The rule's values with spaces between them, for cmk_challenge: when report.unmet names it. Empty where it asks for no scope. */
int32_t cmk_rule_scope(const cmk_rule *rule, void *buffer, size_t buffer_bytes, cmk_bytes *scope);

typedef struct cmk_policy {
    size_t size; /* cmk_policy_strict() */
    const cmk_bytes *issuers; /* `iss` must be one of these; none: any, or the one of the key's set */
    size_t issuer_count;
    const cmk_bytes *audiences; /* `aud` must name one of these; none: a token with `aud` is refused */
    size_t audience_count;
    const cmk_bytes *require; /* claims that must be there and not null */
    size_t require_count;
    const cmk_bytes *acr; /* how the user logged in must be one of these; none: any (RFC 9470 3) */
    size_t acr_count;
    const int32_t *algs; /* none: whatever the keys say */
    size_t alg_count;
    cmk_bytes subject; /* {NULL, 0}: any */
    cmk_bytes typ;     /* {NULL, 0}: any */
    cmk_bytes nonce;   /* {NULL, 0}: any */
    const cmk_recipe *digest; /* NULL: tokens are not bound to a fingerprint's digest */
    const cmk_sketch *sketch; /* NULL: nor to a sketch; it stays yours, as it is and where it is, while a verifier uses it */
    uint32_t flags;
    uint32_t leeway;      /* seconds */
    uint32_t max_age;     /* seconds since `iat`; 0: none */
    uint32_t auth_max_age; /* seconds since the user logged in, `auth_time`; 0: none (RFC 9470 3) */
    uint32_t token_bytes; /* limits; 0: 8192, 8, 64, 8 */
    uint32_t depth;
    uint32_t members;
    uint32_t candidates;
    const cmk_dpop *dpop; /* gives the method of cnf.jkt; NULL: a token bound so is refused. Copied */
    cmk_bytes channel;    /* gives that of this member of `cnf`, such as CMK_CHANNEL_MEMBER; {NULL, 0}: as above */
    int32_t binding;      /* gives that of a binding of this form beside the token; 0: no */
    uint32_t certificate; /* 1: gives that of cnf.x5t#S256 */
    int32_t combination;
    uint32_t at_least;
    uint32_t methods; /* those that count, CMK_METHOD_...; 0: every one that is given. Of the others a fingerprint and a kept
                         binding must hold all the same, and the rest is met where `cnf` names it */
    int32_t shape;         /* CMK_SIGNED and its kin */
    const cmk_rule *rules; /* what a token may do; none: nothing is asked */
    size_t rule_count;
} cmk_policy;

typedef struct cmk_verifier {
    uint64_t opaque[1 + (424 + 152 * sizeof(void *) + 7) / 8];
} cmk_verifier;

int32_t cmk_verifier_init_abi(uint32_t abi, cmk_verifier *verifier, size_t verifier_bytes, const cmk_keys *sets,
                              size_t set_count, const cmk_policy *policy);

/* Checks the policy and keeps it. Lists but the rules, recipe and pepper are copied; the rules, the texts they point to (issuers, audiences, acr, claim
 * and header names, subject, typ, nonce, channel) and the key regions stay yours and stay where they are. */
static inline int32_t cmk_verifier_init(cmk_verifier *verifier, const cmk_keys *sets, size_t set_count,
                                        const cmk_policy *policy) {
    return cmk_verifier_init_abi(CMK_ABI, verifier, sizeof *verifier, sets, set_count, policy);
}

int32_t cmk_verifier_wipe(cmk_verifier *verifier);

/* Prepared ES256 keys: verified several times faster, for memory. The tables lie in a region of yours that is aligned to
 * CMK_ALIGN (best: to 64). They hold no secret and no pointer: they can be built elsewhere, stored, mapped and shared. A
 * window of 4, 5, 6, 7 or 8 bits takes 32, 52, 86, 148 or 256 KiB for each key, and once more. 0: no such window. */
size_t cmk_prepared_bytes(uint32_t window, size_t keys);
/* Builds the tables of every ES256 key of these sets. Those of another kind take no room. */
int32_t cmk_prepare(void *region, size_t bytes, uint32_t window, const cmk_keys *sets, size_t set_count);
/* Reads the tables once, refuses damaged ones (CMK_NOT_INITIALIZED; the verifier is as it was), and lets the verifier use
 * them where they are: who can write them can forge tokens. A key that has no table verifies as before. */
int32_t cmk_verifier_use_prepared(cmk_verifier *verifier, const void *region, size_t bytes);

/* ---- Verify -------------------------------------------------------------------------------------------------------------
 */
#define CMK_REQUEST_NO_CLOCK 1u

typedef struct cmk_request {
    size_t size; /* cmk_request_at() */
    cmk_bytes token;
    int64_t now; /* seconds since 1970; 0 is 1970, not "unknown" */
    const cmk_evidence *evidence; /* NULL: nothing is known of the client */
    uint32_t flags;
} cmk_request;

typedef struct cmk_value {
    uint64_t opaque[1 + (2 * sizeof(void *) + 7) / 8];
} cmk_value;

#define CMK_ADVICE_REISSUE 1u /* accepted, and something changed: issue a new sketch */

#define CMK_REASON_SIMILARITY 1u
#define CMK_REASON_COVERAGE 2u   /* too little was observed */
#define CMK_REASON_GROUP 4u      /* more of a group changed than it allows */
#define CMK_REASON_DRIFT 8u      /* too much changed since the last strong authentication */
#define CMK_REASON_GENERATION 16u
#define CMK_REASON_EVIDENCE 32u
#define CMK_REASON_COLLECT 64u   /* what is in `collect` could change the verdict */

/* For the log and the response. The score is for you alone: a client that sees it can walk towards the threshold. */
typedef struct cmk_report {
    int32_t status;
    uint32_t advice;
    uint64_t failures;  /* CMK_FAILED_...: every check after the signature that failed */
    int32_t similarity; /* per mille; -1: no sketch was scored */
    int32_t evidence;   /* hundredths of a bit: a ranking, not a probability */
    uint32_t coverage;
    uint32_t drift;
    uint32_t generation; /* re-issues since strong authentication */
    uint32_t reasons;    /* CMK_REASON_...: why it is step up */
    uint64_t matched[4]; /* component n is bit n % 64 of word n / 64 */
    uint64_t changed[4];
    uint64_t missing[4];
    uint64_t collect[4]; /* what the page should collect */
    cmk_value step_up_subject; /* after CMK_STEP_UP: `sub`, whom to ask; it lies in the scratch */
    cmk_use to_commit; /* after CMK_OK: the use of the proof, to be committed before you serve the request */
    int32_t unmet; /* the position of the first of the policy's rules that was not met; -1: none */
} cmk_report;

/* The lowest status above `after` whose bit is in the mask; 0: none. A loop for the log starts and ends at 0. */
int32_t cmk_failures_next(uint64_t failures, int32_t after);

typedef struct cmk_claims {
    uint64_t opaque[3 + (96 + 22 * sizeof(void *) + 7) / 8];
} cmk_claims;

/* Scratch for a token of so many bytes, under any limits. Say the same number as the policy's token_bytes: else a longer token
 * is your mistake (CMK_SCRATCH_TOO_SMALL) and not the client's (CMK_TOKEN_TOO_LARGE). A proof needs as many again for its bytes. */
#define CMK_SCRATCH_BYTES(token_bytes) ((token_bytes) + (token_bytes) / 16 + 8)
/* The same for a nested token: its layers lie one behind the other. */
#define CMK_NESTED_SCRATCH_BYTES(token_bytes) (CMK_SCRATCH_BYTES(token_bytes) + CMK_SCRATCH_BYTES((token_bytes) - (token_bytes) / 4))
/* The same, exactly, for the verifier's shape and limits. */
int32_t cmk_scratch_bytes(const cmk_verifier *verifier, size_t token_bytes, size_t *bytes);

int32_t cmk_verify_abi(uint32_t abi, const cmk_verifier *verifier, const cmk_request *request, void *scratch,
                       size_t scratch_bytes, cmk_claims *claims, size_t claims_bytes, cmk_report *report,
                       size_t report_bytes);
int32_t cmk_verify_opaque_abi(uint32_t abi, const cmk_verifier *verifier, const cmk_request *request, void *scratch,
                              size_t scratch_bytes, cmk_bytes *payload, cmk_report *report, size_t report_bytes);

/* The one verb. In this order: the token's form, the JOSE header, the keys that it could mean, the signature, the payload as strict
 * JSON. Each can end the work. Then everything that the policy asks of the claims, of who presents them, of their standing and of what they
 * permit, each failure with its bit in the report. The claims are filled only when it returns CMK_OK; the report always, but for
 * CMK_OVERLAP: what counts is what the call returns.
 * Nothing needs the heap: sizeof a verifier is about 1.6 KB on a 64-bit machine, of claims and report together 0.5 KB; the stack
 * of each algorithm stands in docs/evidence.md.
 * A proof is not used up: it is used when you commit report.to_commit. So one request may be verified twice (auth_request), and no
 * forged token uses up a proof. */
static inline int32_t cmk_verify(const cmk_verifier *verifier, const cmk_request *request, void *scratch,
                                 size_t scratch_bytes, cmk_claims *claims, cmk_report *report) {
    return cmk_verify_abi(CMK_ABI, verifier, request, scratch, scratch_bytes, claims, sizeof *claims, report,
                          sizeof *report);
}

/* For a JWS whose payload is not a claims set: keys, algorithm and typ are checked; time, issuer, audience and holder
 * cannot be. Never for a JWT. */
static inline int32_t cmk_verify_opaque(const cmk_verifier *verifier, const cmk_request *request, void *scratch,
                                        size_t scratch_bytes, cmk_bytes *payload, cmk_report *report) {
    return cmk_verify_opaque_abi(CMK_ABI, verifier, request, scratch, scratch_bytes, payload, report, sizeof *report);
}

/* ---- Claims -------------------------------------------------------------------------------------------------------------
 */
#define CMK_NULL 0
#define CMK_BOOLEAN 1
#define CMK_NUMBER 2
#define CMK_STRING 3
#define CMK_ARRAY 4
#define CMK_OBJECT 5

#define CMK_EXP 1
#define CMK_NBF 2
#define CMK_IAT 3

/* The whole claims set as JSON. */
int32_t cmk_claims_json(const cmk_claims *claims, cmk_bytes *json);
/* The claim of this name, exactly. */
int32_t cmk_claims_get(const cmk_claims *claims, cmk_bytes name, cmk_value *value);
/* The value at a path: names with dots between them, or a JSON pointer when it starts with a slash. */
int32_t cmk_claims_at(const cmk_claims *claims, cmk_bytes path, cmk_value *value);
/* CMK_EXP, CMK_NBF or CMK_IAT in seconds since 1970; fractions are rounded so that they never lengthen a life. */
int32_t cmk_claims_date(const cmk_claims *claims, int32_t which, int64_t *seconds);

#define CMK_IDENTITY_BYTES 32
/* The canonical identity of the token that the claims came from, the same for every way to write that token. For
 * deny-lists and caches; it costs a hash of the token. */
int32_t cmk_claims_identity(const cmk_claims *claims, void *buffer, size_t buffer_bytes, cmk_bytes *identity);

int32_t cmk_value_kind(const cmk_value *value, int32_t *kind);
int32_t cmk_value_json(const cmk_value *value, cmk_bytes *json);
/* A string. One with escapes is written to the buffer; one without is a view of the scratch and needs none. */
int32_t cmk_value_text(const cmk_value *value, void *buffer, size_t buffer_bytes, cmk_bytes *text);

/* cmk_claims_get and cmk_value_text in one. */
static inline int32_t cmk_claims_text(const cmk_claims *claims, cmk_bytes name, void *buffer, size_t buffer_bytes,
                                      cmk_bytes *text) {
    cmk_value value;
    int32_t status = cmk_claims_get(claims, name, &value);
    if (status == 0) {
        return cmk_value_text(&value, buffer, buffer_bytes, text);
    }
    if (text != NULL) {
        *text = cmk_none();
    }
    return status;
}

int32_t cmk_value_integer(const cmk_value *value, int64_t *integer);
int32_t cmk_value_boolean(const cmk_value *value, int32_t *boolean);
/* An array's element or an object's member; CMK_CLAIM_ABSENT behind the last. */
int32_t cmk_value_element(const cmk_value *value, size_t position, cmk_value *element);
int32_t cmk_value_member(const cmk_value *value, cmk_bytes name, cmk_value *member);

/* What was proved of an accepted token: who signed it, and how the envelope around or inside it was opened. */
typedef struct cmk_layers {
    int32_t alg;
    int32_t management; /* such as CMK_A256KW; 0: there was no envelope */
    int32_t enc;        /* such as CMK_A256GCM; 0 */
    uint32_t reserved;
    cmk_bytes signed_kid;    /* the `kid` of each header; {NULL, 0}: it has none, or one that is written with escapes */
    cmk_bytes encrypted_kid;
} cmk_layers;

int32_t cmk_claims_layers(const cmk_claims *claims, cmk_layers *layers);

/* Opens an envelope (JWE) alone, of at most 8192 bytes, into the scratch (CMK_SCRATCH_BYTES of its length). What comes out are bytes
 * and no claims: it says nothing about who made them, or when. A token inside is verified by a policy of its shape. */
int32_t cmk_envelope_open(const cmk_keys *sets, size_t set_count, cmk_bytes envelope, void *scratch, size_t scratch_bytes,
                          cmk_bytes *content);

/* ---- Carrier ------------------------------------------------------------------------------------------------------------
 */
#define CMK_BEARER 1
#define CMK_DPOP 2

typedef struct cmk_source {
    size_t size; /* cmk_source_authorization() */
    cmk_bytes cookie;   /* a cookie that may hold the token; {NULL, 0}: none */
    cmk_bytes argument; /* a query argument that may hold it; {NULL, 0}: none */
    uint32_t ignore_authorization;
} cmk_source;

typedef struct cmk_credentials {
    cmk_bytes token;
    int32_t scheme;
    uint32_t reserved;
} cmk_credentials;

/* The one token of a request; more than one is refused (RFC 6750 2). query: what follows the question mark. */
int32_t cmk_find(const cmk_source *source, const cmk_header *headers, size_t header_count, cmk_bytes query,
                 cmk_credentials *found);
/* The token of one Authorization value; CMK_CREDENTIALS_MISSING for none, which may be {NULL, 0}. */
int32_t cmk_authorization(cmk_bytes value, cmk_credentials *found);
/* The value of WWW-Authenticate for a status that is not CMK_OK (RFC 6750 3, RFC 9449 7.1). realm, scope: {NULL, 0} for none.
 * CMK_ARGUMENT for what is answered with 429, 500 or 503: no challenge belongs there. */
int32_t cmk_challenge(int32_t scheme, cmk_bytes realm, cmk_bytes scope, int32_t status, void *buffer, size_t buffer_bytes,
                      cmk_bytes *value);
/* The same, for a status that asks for a stronger or a fresher login (RFC 9470 3), what would do: acr_values with spaces between
 * them, {NULL, 0} for none; max_age in seconds, -1 for none. Of any other status it says nothing of them. */
int32_t cmk_login_challenge(int32_t scheme, cmk_bytes realm, cmk_bytes acr_values, int64_t max_age, int32_t status, void *buffer,
                            size_t buffer_bytes, cmk_bytes *value);
/* 200, 400, 401, 403, 429, 503 for a full table or a stale status list, or 500 for your own mistakes and for a verifier without
 * keys. */
int32_t cmk_http_status(int32_t status);

/* ---- Issue --------------------------------------------------------------------------------------------------------------
 */
typedef struct cmk_signer {
    uint64_t opaque[49];
} cmk_signer;

typedef struct cmk_mint {
    size_t size; /* cmk_mint_for() */
    cmk_bytes typ;
    cmk_bytes issuer;
    cmk_bytes subject;
    const cmk_bytes *audiences;
    size_t audience_count;
    cmk_bytes token_id;
    cmk_bytes claims;   /* further claims: a JSON object */
    int64_t expires_at; /* 0: left out, which needs CMK_ALLOW_MISSING_EXP */
    int64_t not_before; /* 0: left out */
    int64_t issued_at;  /* 0: left out */
    const cmk_recipe *digest; /* binds the token to the client of `evidence`, which it needs; NULL: not bound */
    const cmk_evidence *evidence;
    const cmk_sketch *sketch;  /* binds the token to the client by a sketch; needs evidence */
    const cmk_value *previous; /* the claim of the accepted token, for a re-issue; NULL after strong authentication only */
    uint64_t opt_out[4];       /* components that the client opted out of; a new sketch leaves them out */
    uint8_t salt[CMK_SALT_BYTES]; /* fresh random bytes */
    uint32_t flags;
    cmk_bytes confirmed_key;         /* cnf.jkt: a thumbprint (cmk_thumbprint); {NULL, 0}: not bound to a key */
    cmk_bytes confirmed_certificate; /* cnf.x5t#S256: the 32 bytes of a digest; {NULL, 0}: nor to a certificate */
} cmk_mint;

int32_t cmk_signer_of_secret(cmk_signer *signer, int32_t alg, cmk_bytes kid, cmk_bytes secret);
/* A private scalar, big-endian. */
int32_t cmk_signer_of_scalar(cmk_signer *signer, int32_t alg, cmk_bytes kid, cmk_bytes scalar);
/* An Ed25519 private key: its 32 bytes. */
int32_t cmk_signer_of_seed(cmk_signer *signer, cmk_bytes kid, cmk_bytes seed);
/* A user's key of a rotating secret, for the window that issued_at lies in. It mints tokens that say this iat, and this user in the
 * claim of the settings. */
int32_t cmk_signer_of_rotating(cmk_signer *signer, cmk_bytes kid, cmk_bytes base, const cmk_rotating *rotating, cmk_bytes user,
                               int64_t issued_at);
int32_t cmk_signer_of_jwk(cmk_signer *signer, cmk_bytes json, const int32_t *algs, size_t alg_count);
#define CMK_PUBLIC_KEY_BYTES_MAX 133
/* The public key for cmk_keys_add_sec1 or, of Ed25519, for cmk_keys_add_ed25519. */
int32_t cmk_signer_public(const cmk_signer *signer, void *buffer, size_t buffer_bytes, cmk_bytes *public_key);
int32_t cmk_signer_wipe(cmk_signer *signer);
/* Mints a token into the buffer; the scratch takes its header and payload as JSON, twice their length suffices. */
int32_t cmk_issue(const cmk_signer *signer, const cmk_mint *mint, void *scratch, size_t scratch_bytes, void *buffer,
                  size_t buffer_bytes, cmk_bytes *token);

/* A key that makes envelopes, of one management and one content. */
typedef struct cmk_sealer {
    uint64_t opaque[35];
} cmk_sealer;

/* Raw bytes: an AES key; of a key agreement the reader's public key (P-256 as SEC 1 writes it, X25519 its 32 bytes). */
int32_t cmk_sealer_of_key(cmk_sealer *sealer, int32_t alg, int32_t enc, cmk_bytes kid, cmk_bytes key);
int32_t cmk_sealer_of_jwk(cmk_sealer *sealer, cmk_bytes json, int32_t enc);
int32_t cmk_sealer_wipe(cmk_sealer *sealer);

/* random: exactly so many bytes, fresh for each call. What is under one key with one IV twice is given away. */
#define CMK_SEAL_RANDOM_BYTES 124
/* Makes an envelope in the buffer; the scratch takes its header and the content. Once in 2^32 times the random bytes are no key of
 * P-256: CMK_ARGUMENT; take others. */
int32_t cmk_seal(const cmk_sealer *sealer, cmk_bytes content, cmk_bytes random, void *scratch, size_t scratch_bytes,
                 void *buffer, size_t buffer_bytes, cmk_bytes *envelope);
/* As cmk_issue, a nested token of a shape other than CMK_SIGNED. The scratch takes every layer: three times the token suffices. */
int32_t cmk_issue_nested(const cmk_signer *signer, const cmk_mint *mint, int32_t shape, const cmk_sealer *sealer,
                         cmk_bytes random, void *scratch, size_t scratch_bytes, void *buffer, size_t buffer_bytes,
                         cmk_bytes *token);

/* ---- Standing -----------------------------------------------------------------------------------------------------------
 * State that changes lies in tables: fixed, without locks and pointers, in a region of yours that is aligned to CMK_ALIGN, and
 * that threads and processes may share. A process that is killed anywhere leaves a usable table. A `const` table changes all
 * the same: `const` says that threads may share the view.
 */
/* 1: tables may be shared by threads and processes. 0: this processor has no 64-bit atomics; a table then belongs to one
 * process, calls on it must not overlap (take a lock of yours), and what attaches to it gives CMK_NOT_SUPPORTED. */
int32_t cmk_table_shareable(void);

/* A region for so many uses at a time (up to ten million): the rate of requests times the life of a proof. */
#define CMK_REPLAY_REGION_BYTES(uses) (64 + (((uses) + (uses) / 4 + 15) / 16 + 2) * 128)
size_t cmk_replay_region_bytes(size_t uses);

/* The proofs and one-time tokens seen, so that each is accepted once. cmk_verify_once, at the end, uses it. */
typedef struct cmk_replay {
    uint64_t opaque[15];
} cmk_replay;

typedef struct cmk_replay_counts {
    uint64_t places;
    uint64_t live;     /* uses that are remembered: 16 to 32 seconds beyond expires_at, for clocks that differ by up to 16 */
    uint64_t expired;  /* places to be used again */
    uint64_t full;     /* uses refused since the start because there was no place */
    uint64_t replayed; /* because they had been seen */
} cmk_replay_counts;

/* An empty table: the whole region becomes zero, or on failure stays as it was. secret: 16 random bytes or more; without it nobody
 * can aim at a place. */
int32_t cmk_replay_init(cmk_replay *replay, void *region, size_t bytes, cmk_bytes secret);
/* A table that others use: they began it, or the region is all zero, as a new mapping is. All take the same bytes and secret,
 * or get CMK_TABLE_MISMATCH. */
int32_t cmk_replay_attach(cmk_replay *replay, void *region, size_t bytes, cmk_bytes secret);
/* CMK_REPLAYED if it was seen, or if expires_at has been reached. Changes nothing: for gateways that only ask. */
int32_t cmk_replay_check(const cmk_replay *replay, const cmk_use *presented, int64_t now);
/* (A new use is refused by chance once in 260 million; one that was seen is never accepted while all callers' clocks are within 16
 * seconds.)
 * Remembers a use once everything else has passed. Of any number of calls, wherever they run, exactly one gives CMK_OK; after
 * CMK_REPLAYED or CMK_REPLAY_FULL the request must not be served. What is remembered is never given up for something new: so
 * bound each client's rate before, or one with many proofs of his own fills the table. */
int32_t cmk_replay_commit(const cmk_replay *replay, const cmk_use *presented, int64_t now);
/* Reads the whole table. */
int32_t cmk_replay_statistics(const cmk_replay *replay, int64_t now, cmk_replay_counts *counts);
/* Ends the view and wipes its secret; the table stays. */
int32_t cmk_replay_wipe(cmk_replay *replay);

/* A region for so many revocations at a time (up to ten million). */
#define CMK_REVOCATION_REGION_BYTES(revocations) (64 + (((revocations) + (revocations) / 4 + 15) / 16 + 2) * 152)
size_t cmk_revocation_region_bytes(size_t revocations);

/* Tokens that are refused although they verify. A table that has no place gives up nothing: the revocation's bucket, one of
 * bytes / 152, becomes coarser. Until it would have expired, what falls there is refused with CMK_REVOCATION_UNKNOWN: tokens that
 * were issued before now, all of a lost key, those that a lost subject's time refuses; these users log in again. Whoever may revoke at
 * will can fill a table: limit log-outs as log-ins. CMK_REVOCATION_OPEN: only the call's status and the count tell. */
#define CMK_REVOCATION_OPEN 1u

typedef struct cmk_revocation {
    uint64_t opaque[19];
} cmk_revocation;

typedef struct cmk_revocation_counts {
    uint64_t places;
    uint64_t live;          /* revocations that count */
    uint64_t expired;       /* places to be used again */
    uint64_t full;          /* revocations for which there was no place, since the start */
    uint64_t marked;        /* of three in sixteen places: marks for which tokens are refused, for want of a place */
} cmk_revocation_counts;

/* What a token can be revoked by; a text of {NULL, 0}: it has none. */
#define CMK_REVOCABLE_NO_ISSUED_AT 1u
typedef struct cmk_revocable {
    cmk_bytes issuer;
    cmk_bytes token_id;
    cmk_bytes subject;
    cmk_bytes key_id; /* of the key that verified it */
    int64_t issued_at;
    uint32_t flags;
    uint32_t reserved;
} cmk_revocable;

/* As cmk_replay_init and cmk_replay_attach. token_life: the longest that a token lives, in seconds, with the policy's leeway; so
 * long it is remembered that a subject was logged out. All who share a table give the same one. */
int32_t cmk_revocation_init(cmk_revocation *revocation, void *region, size_t bytes, cmk_bytes secret, uint32_t token_life,
                            uint32_t flags);
int32_t cmk_revocation_attach(cmk_revocation *revocation, void *region, size_t bytes, cmk_bytes secret, uint32_t token_life,
                              uint32_t flags);
/* One token, by its iss and jti. expires_at: its exp, and the policy's leeway. A token without iss has the issuer {NULL, 0}, here
 * and below. CMK_REVOCATION_FULL: see above. */
int32_t cmk_revoke_token(const cmk_revocation *revocation, cmk_bytes issuer, cmk_bytes token_id, int64_t expires_at, int64_t now);
/* Every token of this issuer that the key of this kid verifies; INT64_MAX: for ever. Without an issuer, those of all: so
 * revoke the keys of a set that belongs to none. */
int32_t cmk_revoke_key(const cmk_revocation *revocation, cmk_bytes issuer, cmk_bytes key_id, int64_t expires_at, int64_t now);
/* Log out everywhere: the subject's tokens whose iat is below not_before, and those without one. INT64_MAX: all, for ever. */
int32_t cmk_revoke_subject(const cmk_revocation *revocation, cmk_bytes issuer, cmk_bytes subject, int64_t not_before, int64_t now);
/* Adds a snapshot, also to a table that serves: nothing is taken out, so there is no gap. To leave out what was taken back, load an
 * empty table and let the verifiers use that; revoke in both, from before the snapshot is taken until nobody uses the old one.
 * Numbers are big-endian: "CMKREVO1"; 8 bytes: how many records; of each record 1 byte: 1 a token, 2 a key, 3 a subject; 2 and 2
 * bytes: the lengths of issuer and name; 8 bytes: expires_at or not_before; issuer and name, UTF-8. At the end, SHA-256 of it all. */
int32_t cmk_revocation_load(const cmk_revocation *revocation, cmk_bytes snapshot, int64_t now);
/* CMK_OK, CMK_REVOKED or CMK_REVOCATION_UNKNOWN: for a session that was verified earlier. By chance, of 16 million tokens one is
 * refused that was not revoked, when the table is full. */
int32_t cmk_revocation_check(const cmk_revocation *revocation, const cmk_revocable *token, int64_t now);
/* Reads the whole table. */
int32_t cmk_revocation_statistics(const cmk_revocation *revocation, int64_t now, cmk_revocation_counts *counts);
/* Ends the view and wipes its secret; the table stays. */
int32_t cmk_revocation_wipe(cmk_revocation *revocation);
/* Every token that verifies is then looked up. The view stays yours and stays where it is. */
int32_t cmk_verifier_use_revocation(cmk_verifier *verifier, const cmk_revocation *revocation);

/* Token Status List (draft-ietf-oauth-status-list-21): the issuer's list of its tokens, unpacked in memory of yours, read-only. For a
 * newer one load another into other memory and begin another verifier. */
typedef struct cmk_status_list {
    uint64_t opaque[6 + sizeof(void *)];
} cmk_status_list;

typedef struct cmk_status_source {
    cmk_bytes uri;    /* where it was fetched: its sub, and the uri of tokens' claims */
    cmk_bytes issuer; /* whose tokens it speaks of; no other's are looked up in it. Its iss, if it has one */
    uint32_t max_age; /* the longest that it serves, in seconds, whatever its exp and ttl say; 0: no such end */
    uint32_t reserved;
} cmk_status_source;

/* Of the claims of a list token that a verifier of its own has accepted: typ statuslist+jwt, keys of the issuer,
 * CMK_ALLOW_MISSING_EXP, token_bytes up to 65535, for `lst` is long. The memory takes the statuses and bounds them
 * (CMK_STATUS_LIST_TOO_LARGE); a million of one bit are 125,000 bytes. source's texts and the memory stay yours and where they are. */
int32_t cmk_status_list_load(cmk_status_list *status_list, const cmk_claims *claims, const cmk_status_source *source, void *memory,
                             size_t bytes, int64_t now);
/* The number at an index: 0 VALID, 1 INVALID, 2 SUSPENDED, and the application's. */
int32_t cmk_status_list_get(const cmk_status_list *status_list, uint64_t index, uint32_t *status);
#define CMK_STATUS_REQUIRED 1u
/* Every token that has a `status` claim must then be VALID in one of these lists, or have one of the bytes of `accepted`: numbers of the
 * application's. CMK_STATUS_REQUIRED: every token must have one. Lists and `accepted` stay yours and stay where they are. */
int32_t cmk_verifier_use_status_lists(cmk_verifier *verifier, const cmk_status_list *lists, size_t list_count, cmk_bytes accepted,
                                      uint32_t flags);
/* One request under one limit: `requests` in `seconds` on the long run, and `burst` of them at once for a client who was idle. From
 * 1 in 366 days to 10,000 a second; `burst * seconds / requests` is at most 366 days. In no span of time are more than
 * `span * requests / seconds + burst` admitted, and by rounding half of one. cmk_charge_of_address and cmk_charge_of_name make it. */
typedef struct cmk_charge {
    cmk_bytes scope;   /* what is limited: a route, or the name of a claim; each has counts of its own */
    cmk_bytes client;  /* whose requests are counted together: an address as text, IPv6 by its /64, IPv4-mapped as IPv4 */
    uint32_t requests;
    uint32_t seconds;
    uint32_t burst;    /* at least 1; a limit faster than your clock ticks needs what comes in one tick */
    uint32_t is_name;  /* 1: client is any bytes, such as a verified claim's value */
} cmk_charge;

#define CMK_CHARGES_MAX 8

/* A region for so many clients at a time (up to ten million): all who ask within one burst * seconds / requests. */
#define CMK_THROTTLE_REGION_BYTES(clients) (64 + (((clients) + (clients) / 2 + 7) / 8 + 4) * 64)
size_t cmk_throttle_region_bytes(size_t clients);

/* How often clients may ask. */
typedef struct cmk_throttle {
    uint64_t opaque[16];
} cmk_throttle;

typedef struct cmk_throttle_counts {
    uint64_t places;
    uint64_t live;    /* clients who do not have their whole allowance */
    uint64_t expired; /* places to be used again */
    uint64_t full;    /* charges of new clients for whom there was no place */
    uint64_t refused; /* calls that gave CMK_RATE_LIMITED */
} cmk_throttle_counts;

/* As cmk_replay_init and cmk_replay_attach. A client keeps his place until he has his whole allowance again, and nobody is evicted
 * before. A full table refuses who is new with CMK_THROTTLE_FULL, or with open_when_full 1 admits them uncounted. */
int32_t cmk_throttle_init(cmk_throttle *throttle, void *region, size_t bytes, cmk_bytes secret, uint32_t open_when_full);
int32_t cmk_throttle_attach(cmk_throttle *throttle, void *region, size_t bytes, cmk_bytes secret, uint32_t open_when_full);
/* Takes each of the charges, or none of them; now_ms are milliseconds since 1970. Call it before anything of a request is parsed,
 * with its route and address, and after accept where a claim has a limit. After CMK_RATE_LIMITED (answer 429, RFC 6585 4)
 * *retry_after is for the Retry-After field: so many seconds later the request is admitted, if no other comes before. It is 0 with
 * every other status. */
int32_t cmk_throttle_admit(const cmk_throttle *throttle, const cmk_charge *charges, size_t charge_count, int64_t now_ms,
                           uint32_t *retry_after);
/* Reads the whole table. */
int32_t cmk_throttle_statistics(const cmk_throttle *throttle, int64_t now_ms, cmk_throttle_counts *counts);
/* Ends the view and wipes its secret; the table stays. */
int32_t cmk_throttle_wipe(cmk_throttle *throttle);

/* ---- Risk: what is odd about a visit -------------------------------------------------------------------------------------
 */
/* Signals, as a set. */
#define CMK_RAPID_CHANGES 1       /* several devices that were not known, within a span */
#define CMK_IMPOSSIBLE_TRAVEL 2   /* nobody travels so fast */
#define CMK_LISTED_NETWORK 4      /* and then the position says nothing: it is not judged or kept */
#define CMK_REPEATED_FAILURES 8   /* within a span */
#define CMK_NEW_DEVICE 16         /* not one of the last four */
#define CMK_NEW_COUNTRY 32        /* likewise */
#define CMK_CONTRADICTION 64      /* the user agent names another system than the client hints */
#define CMK_TIME_ZONE 128         /* the client's clock is not one of the place */
#define CMK_AUTOMATION 256        /* the browser is driven by a program */

/* Actions, from the mildest on. */
#define CMK_ALLOW 0
#define CMK_NOTIFY 1   /* serve, and tell the user */
#define CMK_ASK_MORE 2 /* CMK_STEP_UP_RISK */
#define CMK_LOCK_OUT 3 /* CMK_LOCKED_OUT, for a while */
#define CMK_ALERT 4    /* the same, and tell the operator */

/* A prefix of listed networks: the address in network byte order, IPv4 as ::ffff:a.b.c.d; its length, 0 to 128 (IPv4: 96 more);
 * list 0 takes a part of a listed network off the list. The longest match counts. */
typedef struct cmk_network {
    uint8_t prefix[16];
    uint8_t bits;
    uint8_t list;
} cmk_network;

/* Where all of the signals are there: the action. Of several rows the most severe counts. */
typedef struct cmk_risk_row {
    uint32_t signals;
    int32_t action;
} cmk_risk_row;

/* cmk_risk_rules_default makes it. The default rows: RAPID_CHANGES and REPEATED_FAILURES lock out; IMPOSSIBLE_TRAVEL, CONTRADICTION,
 * AUTOMATION, and NEW_DEVICE with NEW_COUNTRY, LISTED_NETWORK or TIME_ZONE ask for more; IMPOSSIBLE_TRAVEL with NEW_DEVICE alerts;
 * NEW_DEVICE or NEW_COUNTRY alone notifies, but never for the first of a subject. Both lists stay yours, unchanged while the rules are used. */
typedef struct cmk_risk_rules {
    size_t size;
    const cmk_network *networks; /* strictly ascending by prefix, then by length; or CMK_NETWORKS_MALFORMED */
    size_t network_count;
    const cmk_risk_row *rows;    /* NULL: the default table, above */
    size_t row_count;
    uint32_t speed_kmh;          /* faster is impossible; 1,000 */
    uint32_t distance_km;        /* nearer is no journey; 100 */
    uint32_t changes;            /* so many new devices, 1 to 8; 4 */
    uint32_t change_seconds;     /* 3,600 */
    uint32_t failures;           /* so many failures, 1 to 8; 5 */
    uint32_t failure_seconds;    /* 900 */
    uint32_t lock_seconds;       /* 900 */
    uint32_t reserved;
} cmk_risk_rules;

typedef struct cmk_risk {
    uint64_t opaque[27];
} cmk_risk;

/* What is kept of a subject, by you: zeros at first; the same bytes on every machine. It has no address, but digests of the last
 * four devices, the last four countries, one position to a kilometre, and when what came. */
typedef struct cmk_risk_record {
    uint8_t bytes[128];
} cmk_risk_record;

#define CMK_VISIT_POSITION 1 /* latitude, longitude and accuracy_km are known */
#define CMK_VISIT_CLOCK 2    /* clock_minutes is known */
#define CMK_VISIT_DRIVEN 4   /* navigator.webdriver, or another mark that the page found */

/* cmk_visit_of makes it. What is empty is not known, and not judged. */
typedef struct cmk_visit {
    size_t size;
    cmk_bytes subject;     /* `sub` */
    cmk_bytes device;      /* what stays the same on one device: a fingerprint's digest, a proof key's thumbprint */
    cmk_bytes address;     /* as text */
    cmk_bytes country;     /* two letters (ISO 3166-1 alpha-2) */
    cmk_bytes user_agent;  /* User-Agent */
    cmk_bytes platform;    /* Sec-CH-UA-Platform */
    int32_t latitude;      /* hundredths of a degree north, as an address database says */
    int32_t longitude;     /* hundredths of a degree east */
    uint32_t accuracy_km;
    int32_t clock_minutes; /* ahead of UTC, as the page's script says */
    uint32_t flags;        /* CMK_VISIT_... */
    uint32_t reserved;
} cmk_visit;

typedef struct cmk_finding {
    uint32_t signals;
    int32_t action;
    int64_t locked_until; /* after CMK_LOCK_OUT and CMK_ALERT, seconds since 1970; otherwise 0 */
} cmk_finding;

/* secret: 16 random bytes or more. */
int32_t cmk_risk_init(cmk_risk *risk, const cmk_risk_rules *rules, cmk_bytes secret);
/* CMK_OK, CMK_STEP_UP_RISK or CMK_LOCKED_OUT, with the finding. Changes nothing. */
int32_t cmk_risk_assess(const cmk_risk *risk, const cmk_risk_record *record, const cmk_visit *visit, int64_t now,
                        cmk_finding *finding);
/* Notes how the visit ended: with CMK_OK it was served, and is known from then on; with CMK_LOCKED_OUT the subject is locked out; a
 * failure of the signature or of the holder, or a replay, counts; a proof's missing nonce or its time does not. Judge and note a subject's visits one after another.
 * Note failures only where the visit was of the subject for sure, or anybody can lock him out. A failing call changes nothing. */
int32_t cmk_risk_observe(const cmk_risk *risk, cmk_risk_record *record, const cmk_visit *visit, int32_t status, int64_t now);
int32_t cmk_risk_wipe(cmk_risk *risk);

/* ---- Sessions: connections that outlive their request ---------------------------------------------------------------------
 */
/* All of a session, without the token; the same bytes in memory and in a store. */
typedef struct cmk_session {
    uint8_t bytes[64];
} cmk_session;

typedef struct cmk_session_rules {
    uint32_t check_seconds;    /* from one verification to the next: so long at most does a revocation go unseen */
    uint32_t idle_seconds;
    uint32_t absolute_seconds;
    uint32_t similarity;       /* the least before a stronger proof is asked for; 0 for any */
} cmk_session_rules;

#define CMK_SEEN_VERIFIED 1   /* status and expires_at are of a verification */
#define CMK_SEEN_SIMILARITY 2 /* similarity was scored, against the first sketch, which you keep */
#define CMK_SEEN_USED 4

/* What has come to pass; zeros for nothing, but always the epoch. */
typedef struct cmk_seen {
    uint64_t epoch;      /* a number of yours that grows with each revocation: a change asks for a verification */
    int64_t expires_at;  /* the token's exp; INT64_MAX for none */
    int32_t status;
    uint32_t similarity;
    uint32_t flags;      /* CMK_SEEN_...; another bit is CMK_ARGUMENT, as in cmk_visit */
    uint32_t reserved;   /* 0 */
} cmk_seen;

/* A session of a token that has just been accepted. CMK_LIMIT_RANGE when a span is 0. */
int32_t cmk_session_begin(cmk_session *session, const cmk_session_rules *rules, int64_t expires_at, uint64_t epoch, int64_t now);
/* When cmk_session_observe is due at the latest. */
int32_t cmk_session_due(const cmk_session *session, int64_t *due);
/* CMK_OK: goes on. CMK_SESSION_REVERIFY: only after a verification, whose result you then give. CMK_STEP_UP: only after a stronger
 * proof: a verification that is accepted and, where a similarity is watched, comes with one that suffices. CMK_SESSION_ENDED: close
 * it; it never goes on again. */
int32_t cmk_session_observe(cmk_session *session, const cmk_seen *seen, int64_t now);

/* Verified tokens: the signature of a token that was accepted is checked once, while the cache remembers it; clock, policy, holder and
 * standing are judged for each request. 128 bits of a keyed hash over the whole token and the key make an entry, so no other key set or
 * policy can make it wrong. A full cache forgets. For ECDSA, EdDSA and RSA; an HMAC is not slower than the look-up. */
#define CMK_CACHE_REGION_BYTES(tokens) (64 + (((tokens) + 3) / 4 + 1) * 64)
size_t cmk_cache_region_bytes(size_t tokens);

typedef struct cmk_cache {
    uint64_t opaque[15];
} cmk_cache;

typedef struct cmk_cache_counts {
    uint64_t places;
    uint64_t taken; /* places of tokens */
    uint64_t kept;  /* tokens put in since the start */
} cmk_cache_counts;

/* As cmk_replay_init and cmk_replay_attach. */
int32_t cmk_cache_init(cmk_cache *cache, void *region, size_t bytes, cmk_bytes secret);
int32_t cmk_cache_attach(cmk_cache *cache, void *region, size_t bytes, cmk_bytes secret);
/* Reads the whole cache. */
int32_t cmk_cache_statistics(const cmk_cache *cache, cmk_cache_counts *counts);
/* Ends the view and wipes its secret; the cache stays. */
int32_t cmk_cache_wipe(cmk_cache *cache);
/* One cache may serve many verifiers. The view stays yours and stays where it is. */
int32_t cmk_verifier_use_cache(cmk_verifier *verifier, const cmk_cache *cache);

/* ---- About the library --------------------------------------------------------------------------------------------------
 */
uint32_t cmk_abi(void);
/* The features of this build, a space behind each. */
const char *cmk_features(void);
/* Total functions: "UNKNOWN" for a number that is no status; cmk_stage_name goes by its hundreds, "" for none. */
const char *cmk_status_name(int32_t status);
const char *cmk_status_sentence(int32_t status);
const char *cmk_stage_name(int32_t status);
size_t cmk_verifier_bytes(void);
size_t cmk_claims_bytes(void);
size_t cmk_value_bytes(void);
size_t cmk_sketch_bytes(void);
size_t cmk_signer_bytes(void);
size_t cmk_sealer_bytes(void);
size_t cmk_replay_bytes(void);
size_t cmk_revocation_bytes(void);
size_t cmk_status_list_bytes(void);
size_t cmk_throttle_bytes(void);
size_t cmk_risk_bytes(void);
size_t cmk_cache_bytes(void);

/* ---- Makers of structures: everything zero, the size set ---------------------------------------------------------------
 */
static inline void cmk_clear(void *structure, size_t size) {
    unsigned char *bytes = (unsigned char *)structure;
    size_t at;
    for (at = 0; at < size; at++) {
        bytes[at] = 0;
    }
}

static inline cmk_policy cmk_policy_strict(void) {
    cmk_policy policy;
    cmk_clear(&policy, sizeof policy);
    policy.size = sizeof policy;
    return policy;
}

/* The same for one issuer and one audience; NULL for either: as if its list were empty. */
static inline cmk_policy cmk_policy_for(const cmk_bytes *issuer, const cmk_bytes *audience) {
    cmk_policy policy = cmk_policy_strict();
    policy.issuers = issuer;
    policy.issuer_count = issuer != NULL;
    policy.audiences = audience;
    policy.audience_count = audience != NULL;
    return policy;
}

/* An OAuth 2.0 access token (RFC 9068 2): its type, and the claims that it must have; client_id, sub and jti are strings that
 * are not empty. A verifier of it needs an issuer: here, or in each of its sets. */
static inline cmk_policy cmk_policy_rfc9068(const cmk_bytes *issuers, size_t issuer_count, const cmk_bytes *audiences,
                                            size_t audience_count) {
    static const cmk_bytes claims[7] = {
        {(const uint8_t *)"iss", 3}, {(const uint8_t *)"exp", 3}, {(const uint8_t *)"aud", 3}, {(const uint8_t *)"sub", 3},
        {(const uint8_t *)"client_id", 9}, {(const uint8_t *)"iat", 3}, {(const uint8_t *)"jti", 3},
    };
    cmk_policy policy = cmk_policy_strict();
    policy.issuers = issuers;
    policy.issuer_count = issuer_count;
    policy.audiences = audiences;
    policy.audience_count = audience_count;
    policy.require = claims;
    policy.require_count = 7;
    policy.typ = cmk_text("at+jwt");
    return policy;
}

static inline cmk_rotating cmk_rotating_of(int32_t mode, cmk_bytes claim) {
    cmk_rotating rotating;
    cmk_clear(&rotating, sizeof rotating);
    rotating.size = sizeof rotating;
    rotating.mode = mode;
    rotating.claim = claim;
    return rotating;
}

static inline cmk_dpop cmk_dpop_rules(void) {
    cmk_dpop rules;
    cmk_clear(&rules, sizeof rules);
    rules.size = sizeof rules;
    return rules;
}

static inline cmk_cooldown cmk_cooldown_of(uint32_t seconds) {
    cmk_cooldown cooldown;
    cmk_clear(&cooldown, sizeof cooldown);
    cooldown.seconds = seconds;
    return cooldown;
}

static inline cmk_request cmk_request_at(cmk_bytes token, int64_t now) {
    cmk_request request;
    cmk_clear(&request, sizeof request);
    request.size = sizeof request;
    request.token = token;
    request.now = now;
    return request;
}

static inline cmk_evidence cmk_evidence_of(const cmk_header *headers, size_t header_count) {
    cmk_evidence evidence;
    cmk_clear(&evidence, sizeof evidence);
    evidence.size = sizeof evidence;
    evidence.headers = headers;
    evidence.header_count = header_count;
    return evidence;
}

static inline cmk_sketch_rules cmk_sketch_rules_of(int32_t preset, cmk_bytes claim, const cmk_pepper *peppers,
                                                   size_t pepper_count) {
    cmk_sketch_rules rules;
    cmk_clear(&rules, sizeof rules);
    rules.size = sizeof rules;
    rules.preset = preset;
    rules.claim = claim;
    rules.peppers = peppers;
    rules.pepper_count = pepper_count;
    rules.accept = rules.step_up = rules.coverage = rules.drift = rules.generation = rules.behind = rules.ahead = -1;
    rules.evidence_accept = rules.evidence_step_up = INT32_MIN;
    return rules;
}

static inline cmk_recipe cmk_recipe_headers(cmk_bytes claim, cmk_bytes pepper) {
    cmk_recipe recipe;
    cmk_clear(&recipe, sizeof recipe);
    recipe.size = sizeof recipe;
    recipe.preset = CMK_RECIPE_HEADERS;
    recipe.claim = claim;
    recipe.pepper = pepper;
    return recipe;
}

static inline cmk_recipe cmk_recipe_compat(cmk_bytes claim) {
    cmk_recipe recipe = cmk_recipe_headers(claim, cmk_bytes_of(NULL, 0));
    recipe.preset = CMK_RECIPE_COMPAT;
    return recipe;
}

static inline cmk_source cmk_source_authorization(void) {
    cmk_source source;
    cmk_clear(&source, sizeof source);
    source.size = sizeof source;
    return source;
}

static inline cmk_risk_rules cmk_risk_rules_default(void) {
    cmk_risk_rules rules;
    cmk_clear(&rules, sizeof rules);
    rules.size = sizeof rules;
    rules.speed_kmh = 1000;
    rules.distance_km = 100;
    rules.changes = 4;
    rules.change_seconds = 3600;
    rules.failures = 5;
    rules.failure_seconds = rules.lock_seconds = 900;
    return rules;
}

static inline cmk_visit cmk_visit_of(cmk_bytes subject, cmk_bytes device) {
    cmk_visit visit;
    cmk_clear(&visit, sizeof visit);
    visit.size = sizeof visit;
    visit.subject = subject;
    visit.device = device;
    return visit;
}

static inline cmk_charge cmk_charge_of_address(cmk_bytes scope, cmk_bytes address, uint32_t requests, uint32_t seconds,
                                               uint32_t burst) {
    cmk_charge charge;
    cmk_clear(&charge, sizeof charge);
    charge.scope = scope;
    charge.client = address;
    charge.requests = requests;
    charge.seconds = seconds;
    charge.burst = burst;
    return charge;
}
static inline cmk_charge cmk_charge_of_name(cmk_bytes scope, cmk_bytes name, uint32_t requests, uint32_t seconds, uint32_t burst) {
    cmk_charge charge = cmk_charge_of_address(scope, name, requests, seconds, burst);
    charge.is_name = 1;
    return charge;
}

static inline cmk_mint cmk_mint_for(cmk_bytes subject, int64_t expires_at) {
    cmk_mint mint;
    cmk_clear(&mint, sizeof mint);
    mint.size = sizeof mint;
    mint.subject = subject;
    mint.expires_at = expires_at;
    return mint;
}

/* ---- Statuses -----------------------------------------------------------------------------------------------------------
 * Never reused. CMK_FAILED_... is the status's bit in cmk_report.failures.
 */
/* Accepted: every check of the policy passed. */
#define CMK_OK 0
/* The token is empty; see how the host takes it from the request. */
#define CMK_TOKEN_EMPTY 100
/* The token is longer than the limit token_bytes (8 KiB unless set); raise it if the issuer's tokens are longer. */
#define CMK_TOKEN_TOO_LARGE 101
/* The token does not have exactly the dots of its shape in compact serialization: a JWS two, a JWE four (RFC 7515 7.1, RFC 7516 7.1). */
#define CMK_TOKEN_NOT_COMPACT 102
/* The token's JOSE header or signature is empty (RFC 7515 7.1); so are the signatures of unsecured JWTs. */
#define CMK_TOKEN_SEGMENT_EMPTY 103
/* The request carries no token where the carrier looks for one (RFC 6750 3.1: answer without an error code). */
#define CMK_CREDENTIALS_MISSING 110
/* The Authorization field, cookie or query argument that should carry the token is malformed (RFC 9110 11.4, RFC 6265 4.2.1). */
#define CMK_CREDENTIALS_MALFORMED 111
/* The request carries more than one token (RFC 6750 2: exactly one method, once). */
#define CMK_CREDENTIALS_REPEATED 112
/* The JOSE header is not unpadded base64url with zero trailing bits (RFC 7515 2). */
#define CMK_HEADER_ENCODING 200
/* The JOSE header is not one strict UTF-8 JSON object (RFC 7515 4, RFC 8259). */
#define CMK_HEADER_JSON 201
/* The JOSE header has two parameters of one name (RFC 7515 4). */
#define CMK_HEADER_DUPLICATE 202
/* The JOSE header is nested deeper than the limit depth, or has more members or crit names than the limit members. */
#define CMK_HEADER_LIMIT 203
/* A parameter of the JOSE header has the wrong JSON type (RFC 7515 4.1). */
#define CMK_HEADER_TYPE 204
/* The JOSE header has no alg (RFC 7515 4.1.1). */
#define CMK_ALGORITHM_MISSING 205
/* The JOSE header's alg names no algorithm of this build, as its features list them; none is never one (RFC 8725 3.2). */
#define CMK_ALGORITHM_UNKNOWN 206
/* The JOSE header's crit is not an array of strings (RFC 7515 4.1.11). */
#define CMK_CRIT_MALFORMED 207
/* The JOSE header's crit is an empty array (RFC 7515 4.1.11). */
#define CMK_CRIT_EMPTY 208
/* The JOSE header's crit names one extension twice (RFC 7515 4.1.11). */
#define CMK_CRIT_DUPLICATE 209
/* The JOSE header's crit names a parameter that RFC 7515 or RFC 7518 defines (RFC 7515 4.1.11). */
#define CMK_CRIT_REGISTERED 210
/* The JOSE header's crit names a parameter that the header does not have (RFC 7515 4.1.11). */
#define CMK_CRIT_ABSENT 211
/* The JOSE header's crit names an extension that this version does not understand (RFC 7515 4.1.11). */
#define CMK_CRIT_UNKNOWN 212
/* The JOSE header's b64 is not true; JWTs must not use it (RFC 7797 7). */
#define CMK_UNENCODED_PAYLOAD 213
/* The JOSE header has enc, so it is a JWE's where a JWS's belongs (RFC 7516 9). */
#define CMK_ENCRYPTION_IN_SIGNATURE 214
/* The JOSE header's cty says that a token is nested inside, and the policy declares no nesting (RFC 7519 5.2). */
#define CMK_NESTED_UNDECLARED 215
/* The JOSE header of a JWE has no enc (RFC 7516 4.1.2). */
#define CMK_ENCRYPTION_MISSING 216
/* The JOSE header's enc names no content encryption of RFC 7518 5.1. */
#define CMK_ENCRYPTION_UNKNOWN 217
/* The JOSE header has zip: compressed content is refused, whatever it would inflate to (RFC 8725 3.6). */
#define CMK_COMPRESSED 218
/* The JOSE header's alg is RSA1_5 or PBES2, which this library never does: the first leaks by its errors, the second lets the sender choose the work (RFC 8725 3.2). */
#define CMK_MANAGEMENT_REFUSED 219
/* The JOSE header's alg is a key agreement, and it has no epk (RFC 7518 4.6.1.1). */
#define CMK_EPHEMERAL_MISSING 220
/* The JOSE header's epk is not a JWK of P-256 or X25519, or this build agrees on neither (RFC 7518 4.6.1.1, RFC 8037 3.2.1). */
#define CMK_EPHEMERAL_KEY 221
/* The JOSE header's epk is not a point of its curve (RFC 7518 4.6.1.1, SP 800-56A 5.6.2.3). */
#define CMK_EPHEMERAL_POINT 222
/* The JOSE header's apu or apv is not base64url, or has more than 256 bytes (RFC 7518 4.6.1.2, 4.6.1.3). */
#define CMK_PARTY_INFO 223
/* The JOSE header's alg is A128GCMKW or one of its kin, and its iv or tag is missing or does not have 96 or 128 bits (RFC 7518 4.7.1). */
#define CMK_WRAP_PARAMETERS 224
/* The policy declares a nested token, and the outer JOSE header's cty is not JWT (RFC 7519 5.2). */
#define CMK_NESTED_MISSING 225
/* The JWE's encrypted key is not base64url of the length that its alg and enc give it (RFC 7518 4). */
#define CMK_ENCRYPTED_KEY_LENGTH 226
/* The JWE's initialization vector is not base64url of 96 bits for GCM, of 128 for CBC (RFC 7518 5). */
#define CMK_IV_LENGTH 227
/* The JWE's ciphertext is not base64url, or for CBC not of whole blocks, one at least (RFC 7518 5.2.2.2). */
#define CMK_CIPHERTEXT_LENGTH 228
/* The JWE's authentication tag is not base64url of its enc's length: a shorter one is easier to forge (RFC 7518 5). */
#define CMK_TAG_LENGTH 229
/* No key has the JOSE header's kid, and none is without one (RFC 7515 4.1.4); fetch the issuer's keys again, not too often. */
#define CMK_UNKNOWN_KID 300
/* The JOSE header's alg is not the algorithm of any key it could mean (RFC 8725 3.1); if the issuer changed it, load its keys. */
#define CMK_ALGORITHM_MISMATCH 301
/* The verifier holds no key at all; load the issuer's keys. */
#define CMK_NO_KEY 302
/* More keys could have signed the token than the limit candidates allows; give the keys a kid. */
#define CMK_TOO_MANY_CANDIDATES 303
/* The policy's algorithms do not include the JOSE header's alg (RFC 8725 3.1). */
#define CMK_ALGORITHM_NOT_ALLOWED 304
/* The key or key set is not one strict JSON object of the form of a JWK or JWK Set (RFC 7517 4, 5). */
#define CMK_KEY_MALFORMED 310
/* The key's kty or crv, or its kind in DER, is not one of this build's (RFC 7518 6); see its features. */
#define CMK_KEY_TYPE_UNSUPPORTED 311
/* The key lacks a member that its kty must have (RFC 7518 6). */
#define CMK_KEY_MEMBER_MISSING 312
/* A member of the key has the wrong JSON type (RFC 7517 4). */
#define CMK_KEY_MEMBER_TYPE 313
/* A member of the key is not unpadded base64url (RFC 7518 6). */
#define CMK_KEY_ENCODING 314
/* The HMAC key is shorter than the hash's output: HS256 needs 32 bytes, HS384 48, HS512 64 (RFC 7518 3.2). */
#define CMK_KEY_TOO_SHORT 315
/* The HMAC key is longer than 512 bytes. */
#define CMK_KEY_TOO_LONG 316
/* A coordinate or scalar of the key does not have the length of its curve (RFC 7518 6.2.1.2, RFC 8037 2). */
#define CMK_KEY_LENGTH 317
/* The key is not a point of its curve, or not a scalar below its order (SEC 1 2.3.4, RFC 8032 5.1.3). */
#define CMK_KEY_POINT 318
/* The key's use or key_ops forbids what it is loaded for (RFC 7517 4.2, 4.3). */
#define CMK_KEY_USE 319
/* The key's alg names no signature algorithm of this build (RFC 7517 4.4); see its features. */
#define CMK_KEY_ALGORITHM_UNKNOWN 320
/* The key's alg does not fit its kty and crv (RFC 7518 3.1). */
#define CMK_KEY_ALGORITHM_MISMATCH 321
/* The key has no alg, and none or several of the algorithms it is loaded for fit it; name one (RFC 8725 3.1). */
#define CMK_KEY_ALGORITHM_UNDECIDED 322
/* Two keys of the set have the same kid and alg (RFC 7517 4.5). */
#define CMK_KEY_ID_DUPLICATE 323
/* The key's kid is longer than 128 bytes; a thumbprint has 43 (RFC 7638). */
#define CMK_KEY_ID_TOO_LONG 324
/* The key is not a SubjectPublicKeyInfo or an RSAPublicKey in DER (RFC 5280 4.1.2.7, RFC 8017 A.1.1). */
#define CMK_KEY_DER 325
/* The key set has more than 64 keys, or more than 64 KiB of text. */
#define CMK_KEY_SET_TOO_LARGE 326
/* The key set's array of keys is empty (RFC 7517 5.1). */
#define CMK_KEY_SET_EMPTY 327
/* The RSA key's modulus has fewer than 2048 bits (RFC 7518 3.3). */
#define CMK_KEY_MODULUS_TOO_SMALL 328
/* The RSA key's modulus has more than 4096 bits, or than 8192 in a build with rsa8192. */
#define CMK_KEY_MODULUS_TOO_LARGE 329
/* The RSA key's modulus is even, so it is no product of two odd primes (RFC 8017 3.1). */
#define CMK_KEY_MODULUS_EVEN 330
/* The RSA key's exponent is even, below 3 or above 2^33 (RFC 8017 3.1). */
#define CMK_KEY_EXPONENT 331
/* A number of the RSA key begins with a zero byte (RFC 7518 2, Base64urlUInt). */
#define CMK_KEY_LEADING_ZERO 332
/* The text is not one PEM block of a public key or certificate, of at most 4096 bytes (RFC 7468 2). */
#define CMK_KEY_PEM 333
/* The certificate is not an X.509 certificate in DER (RFC 5280 4.1). */
#define CMK_KEY_CERTIFICATE 334
/* The Ed25519 key is a point of small order: it holds under signatures that nobody made (RFC 8032 5.1.7). */
#define CMK_KEY_SMALL_ORDER 335
/* The key does not have exactly the length of its alg, for dir that of its enc (RFC 7518 4.4, 4.5, 4.7, 5). */
#define CMK_KEY_SECRET_LENGTH 336
/* The token lacks the claim that the rotating secret's claim names: whose key signed it cannot be told. */
#define CMK_ROTATING_USER_MISSING 340
/* The claim that holds the rotating secret's user is neither a string nor an integer of at most 2^53. */
#define CMK_ROTATING_USER_TYPE 341
/* The token has no iat, or no date there (RFC 7519 4.1.6): which window's key signed it cannot be told. */
#define CMK_ROTATING_TIME_MISSING 342
/* The token's iat lies in an earlier window of the rotating secret than now's and its grace; the client needs a new token. */
#define CMK_ROTATING_WINDOW_PAST 343
/* The token's iat lies in a later window of the rotating secret than now's and the leeway's; compare the clocks. */
#define CMK_ROTATING_WINDOW_AHEAD 344
/* The payload is not base64url of one strict JSON object within the limits, so the rotating secret's user cannot be read. */
#define CMK_ROTATING_PAYLOAD 345
/* The rotating secret's claim is empty or longer than 128 bytes, its window 0, its grace above 1, or its mode unknown. */
#define CMK_ROTATING_SETTINGS 346
/* The signature does not hold under any key that the token could mean (RFC 7515 5.2): altered, or signed by another. */
#define CMK_SIGNATURE 400
/* The JWE does not open under any key that it could mean (RFC 7516 5.2, 11.5): altered, or made for another. */
#define CMK_DECRYPTION 401
/* The payload is not unpadded base64url with zero trailing bits (RFC 7515 2). */
#define CMK_PAYLOAD_ENCODING 500
/* The payload is not one strict UTF-8 JSON object (RFC 7519 7.2, RFC 8259). */
#define CMK_PAYLOAD_JSON 501
/* The payload has two members of one name in one object (RFC 7519 4). */
#define CMK_PAYLOAD_DUPLICATE 502
/* The payload is nested deeper than the limit depth, or an object in it has more members than the limit members. */
#define CMK_PAYLOAD_LIMIT 503
/* A claim has the wrong JSON type (RFC 7519 4.1, RFC 7800 3.1). */
#define CMK_CLAIM_TYPE 504
/* A date claim is negative or not below 2^63 seconds (RFC 7519 2, NumericDate). */
#define CMK_CLAIM_DATE 505
/* The token has no claim of that name or path. */
#define CMK_CLAIM_ABSENT 506
/* The claim's number is not an integer of 64 bits. */
#define CMK_CLAIM_RANGE 507
/* A string claim holds an escape and is asked for as borrowed text; ask for a copy. */
#define CMK_CLAIM_ESCAPED 508
/* The claims do not have the shape of the caller's struct. */
#define CMK_CLAIM_SHAPE 509
/* The token's iss is not one of the policy's issuers, or is absent (RFC 7519 4.1.1). */
#define CMK_ISSUER 600
/* The token is signed by a key of another issuer than its iss (RFC 8725 3.8). */
#define CMK_KEY_ISSUER 601
/* The token's aud names none of the policy's audiences, or is absent (RFC 7519 4.1.3). */
#define CMK_AUDIENCE 602
/* The token has an aud and the policy names no audience (RFC 7519 4.1.3); name yours. */
#define CMK_AUDIENCE_UNEXPECTED 603
/* The token's sub is not the policy's subject (RFC 7519 4.1.2). */
#define CMK_SUBJECT 604
/* The JOSE header's typ is not the policy's, or is absent (RFC 8725 3.11). */
#define CMK_TYPE 605
/* The token's exp has passed (RFC 7519 4.1.4); the client needs a new token. */
#define CMK_EXPIRED 606
/* The token's nbf has not been reached (RFC 7519 4.1.5); compare the clocks. */
#define CMK_NOT_YET_VALID 607
/* The token's iat lies in the future by more than the leeway (RFC 7519 4.1.6); compare the clocks. */
#define CMK_ISSUED_IN_FUTURE 608
/* The token's iat is longer ago than the policy's max_age (RFC 7519 4.1.6); the client needs a new token. */
#define CMK_TOO_OLD 609
/* The token has no exp (RFC 7519 4.1.4), and the policy does not say allow_missing_exp. */
#define CMK_EXPIRY_MISSING 610
/* The policy has a max_age, and the token has no iat (RFC 7519 4.1.6). */
#define CMK_ISSUED_AT_MISSING 611
/* The token's nbf is not before its exp (RFC 7519 4.1.4, 4.1.5), so it is never valid. */
#define CMK_LIFETIME 612
/* The token lacks a claim that the policy requires, or has null there. */
#define CMK_CLAIM_REQUIRED 613
/* The token's nonce is not the one that was asked for, or is absent (OpenID Connect Core 2). */
#define CMK_NONCE 614
/* The token's acr is not one that the policy accepts, or is absent (RFC 9470 3, OpenID Connect Core 2). */
#define CMK_ACR 615
/* The policy has an auth_max_age, and the token's auth_time is absent, no date, or in the future (OpenID Connect Core 2). */
#define CMK_AUTH_TIME_MISSING 616
/* The user's auth_time is longer ago than the policy's auth_max_age (RFC 9470 3, OpenID Connect Core 2); log in again. */
#define CMK_AUTH_TOO_OLD 617
/* The token has a cnf, and a method in it is not supported and met (RFC 7800 3.1). */
#define CMK_CONFIRMATION 700
/* The token is bound to its holder, and the client showed no certificate, proof or channel value (RFC 8705 3, RFC 9449 7.1); send it. */
#define CMK_POSSESSION_MISSING 701
/* The client certificate, or the header field that carries it, does not have its form (RFC 5280 4.1, RFC 9440 2.2). */
#define CMK_CERTIFICATE_MALFORMED 702
/* The client certificate is not the one that the token is bound to (RFC 8705 3.1); use the connection of the token's owner. */
#define CMK_CERTIFICATE_MISMATCH 703
/* The TLS channel is not the one that the token is bound to (RFC 9266 2); get a token for this connection. */
#define CMK_CHANNEL_MISMATCH 704
/* The token is not bound to its holder in the way that the policy asks for (RFC 7800 3.1); get a bound token. */
#define CMK_POSSESSION_UNBOUND 705
/* The token is bound to a DPoP key and came under another scheme than DPoP (RFC 9449 7.1, 7.2). */
#define CMK_SCHEME 706
/* The request has more than one DPoP proof (RFC 9449 4.3, check 1); send one. */
#define CMK_PROOF_REPEATED 707
/* The proof is not one compact JWS of a strict header and a strict claims set, no longer than the rules allow (RFC 9449 4.3, check 2). */
#define CMK_PROOF_MALFORMED 708
/* The proof lacks jti, htm, htu or iat, or one has the wrong type, or jti has no or more than 512 bytes (RFC 9449 4.2, 4.3, check 3). */
#define CMK_PROOF_CLAIM 709
/* The policy binds tokens to a fingerprint, and the token has none; the issuer must mint one into it. */
#define CMK_FINGERPRINT_MISSING 710
/* The token's fingerprint is neither a digest of the recipe's length nor a well-formed sketch. */
#define CMK_FINGERPRINT_MALFORMED 711
/* The client's fingerprint is not the one the token was issued to; log in again. */
#define CMK_FINGERPRINT_MISMATCH 712
/* The client address is not an IPv4 or IPv6 address in text. */
#define CMK_ADDRESS_MALFORMED 713
/* A supplied component comes twice, has over 1024 elements, is one that the core derives or looks up by the address, or is no decimal number of 0 to 65535 where an ordinal belongs. */
#define CMK_COMPONENT_MALFORMED 714
/* The token's sketch was made under a pepper that is retired or unknown; log in again. */
#define CMK_PEPPER_UNKNOWN 715
/* A component that the policy requires changed or is missing; log in again. */
#define CMK_COMPONENT_REQUIRED 716
/* What the page's collector sent is not one strict JSON object within the limits. */
#define CMK_COLLECTOR_MALFORMED 717
/* The proof's typ is not dpop+jwt, or dbsc+jwt where that is asked for (RFC 9449 4.3, check 4). */
#define CMK_PROOF_TYPE 718
/* The proof's alg is not one that the policy accepts, or not that of its jwk (RFC 9449 4.3, check 5); none and HMAC never are. */
#define CMK_PROOF_ALGORITHM 719
/* The proof's jwk is missing, is no usable public key, or has a private member (RFC 9449 4.2, 4.3, check 7). */
#define CMK_PROOF_KEY 720
/* The proof's signature does not hold under its jwk (RFC 9449 4.3, check 6). */
#define CMK_PROOF_SIGNATURE 721
/* The proof's htm is not the method of the request (RFC 9449 4.3, check 8). */
#define CMK_PROOF_METHOD 722
/* The proof's htu is not the URI of the request without query and fragment (RFC 9449 4.3, check 9). */
#define CMK_PROOF_URI 723
/* The proof's iat is too long ago or too far in the future (RFC 9449 4.3, check 11, and 11.1); compare the clocks. */
#define CMK_PROOF_TIME 724
/* The proof does not carry the server's current nonce (RFC 9449 4.3, check 10, and 9); repeat the request with the nonce of the answer. */
#define CMK_PROOF_NONCE 725
/* The proof's ath is missing or is not the hash of the token it came with (RFC 9449 4.3, check 12). */
#define CMK_PROOF_TOKEN_HASH 726
/* The proof's key is not the one that the token is bound to (RFC 9449 4.3, check 12, and 6.1). */
#define CMK_PROOF_THUMBPRINT 727
/* The token is genuine, but the policy asks for a stronger proof of its holder (RFC 9470 3); ask for a stronger login. */
#define CMK_STEP_UP 799
/* The proof or one-time token was presented before (RFC 9449 11.1); make a new proof for each request. */
#define CMK_REPLAYED 800
/* The replay table has no place to remember the proof or one-time token, so it is refused (RFC 9449 11.1); give it more memory. */
#define CMK_REPLAY_FULL 801
/* The token, its key, or every token of its subject from before a time was revoked; log in again. */
#define CMK_REVOKED 802
/* The token may have been revoked: the table had no place for every revocation since it was issued, or the store did not answer; log in again. */
#define CMK_REVOCATION_UNKNOWN 803
/* The issuer's status list says that the token is INVALID (draft-ietf-oauth-status-list-21 7.1); log in again. */
#define CMK_STATUS_INVALID 804
/* The issuer's status list says that the token is SUSPENDED, or gives it a status that the policy does not accept (draft-ietf-oauth-status-list-21 7.1). */
#define CMK_STATUS_SUSPENDED 805
/* The status list's exp has passed, or its ttl or the host's max_age (draft-ietf-oauth-status-list-21 5.1, 13.7); fetch a new one. */
#define CMK_STATUS_LIST_STALE 806
/* No status list at hand is the one that the token names, for its issuer; or the token names none and must (draft-ietf-oauth-status-list-21 6.2, 8.3). */
#define CMK_STATUS_LIST_MISMATCH 807
/* The token's status index is no number of the status list (draft-ietf-oauth-status-list-21 8.3). */
#define CMK_STATUS_INDEX 808
/* The client has asked more often than its limit allows; answer 429 with Retry-After (RFC 6585 4). */
#define CMK_RATE_LIMITED 813
/* The throttle table has no place to count a new client, so its request is refused; give it more memory. */
#define CMK_THROTTLE_FULL 814
/* The session has ended: refused, too old, expired, or idle for too long; log in again. */
#define CMK_SESSION_ENDED 816
/* The session goes on only when its token has been verified again; verify it, and tell the result. */
#define CMK_SESSION_REVERIFY 817
/* Too much about the subject's visits is odd, or failed: it is locked out for a while; see until when. */
#define CMK_LOCKED_OUT 820
/* The token is genuine, but its visit is odd (RFC 9470 3); ask for a stronger login. */
#define CMK_STEP_UP_RISK 849
/* The token lacks a value that a rule asks for, or its number does not compare as a rule asks (RFC 6750 3.1, insufficient_scope). */
#define CMK_RIGHTS_MISSING 850
/* The token has a value that a rule excludes (RFC 6750 3.1, insufficient_scope). */
#define CMK_RIGHTS_FORBIDDEN 851
/* A claim that a rule reads is no string and no array of strings or, where numbers are compared, no integer of 64 bits. */
#define CMK_RIGHTS_TYPE 852
/* This build does not have what the call asks for; see the feature list. */
#define CMK_NOT_SUPPORTED 901
/* The scratch is smaller than scratch_bytes of the token's length; set the limit token_bytes to what it holds. */
#define CMK_SCRATCH_TOO_SMALL 902
/* A pointer is NULL where memory is needed. */
#define CMK_NULL_POINTER 903
/* A structure's size is not one that this library knows; make it by its function, of this library's header. */
#define CMK_STRUCT_SIZE 904
/* The header and the library are of different ABI versions; build against this library's header. */
#define CMK_ABI_MISMATCH 905
/* A region or object is not aligned as its type demands. */
#define CMK_MISALIGNED 906
/* The region has no room for the key, or for the smallest table; see key_bytes and keys_size_for. */
#define CMK_REGION_TOO_SMALL 907
/* The buffer has no room for the result. */
#define CMK_BUFFER_TOO_SMALL 908
/* Memory that the call writes overlaps memory that it reads. */
#define CMK_OVERLAP 909
/* Two settings of the policy contradict each other, or verify_opaque is asked to judge claims or given a rotating secret. */
#define CMK_POLICY_CONFLICT 910
/* The policy names several issuers, or is RFC 9068's and names none, and a key set belongs to none (RFC 8725 3.8, RFC 9068 4). */
#define CMK_ISSUERS_UNBOUND 911
/* A limit is zero or above what this build can hold. */
#define CMK_LIMIT_RANGE 912
/* The request has no clock, and the policy does not say no_clock together with a nonce, or a rotating secret or the single use of a proof needs the time. */
#define CMK_CLOCK_MISSING 913
/* An argument is not one of its type's values, or a text is not UTF-8. */
#define CMK_ARGUMENT 914
/* The object was never filled, or was wiped; see what its init returned. */
#define CMK_NOT_INITIALIZED 915
/* The pepper, or the secret of a table, is shorter than 16 bytes. */
#define CMK_PEPPER_TOO_SHORT 916
/* A list is longer than the library's bound for it. */
#define CMK_TOO_MANY_ITEMS 917
/* The claims to issue are not one strict JSON object without duplicates. */
#define CMK_CLAIMS_MALFORMED 918
/* The region is a table of another secret, size or kind. */
#define CMK_TABLE_MISMATCH 919
/* The table has no place for this revocation; until it would have expired, what falls into its bucket is refused, too. Give the table more memory. */
#define CMK_REVOCATION_FULL 923
/* The snapshot of revocations is cut off, damaged, or not of its format; nothing of it was loaded. */
#define CMK_SNAPSHOT_MALFORMED 924
/* The status list has no bits of 1, 2, 4 or 8, no positive ttl, or its lst is not base64url of one zlib stream (draft-ietf-oauth-status-list-21 4.1, 5.1). */
#define CMK_STATUS_LIST_MALFORMED 925
/* The status list unpacks to more than the memory that it was given. */
#define CMK_STATUS_LIST_TOO_LARGE 926
/* The table of networks is not sorted by prefix and length, or a prefix has bits behind its length. */
#define CMK_NETWORKS_MALFORMED 927
/* A rule has no path, no value, an unknown test, or for a scope a value that is empty or has a space (RFC 6749 3.3). */
#define CMK_RIGHTS_RULE 930
/* There are more than 32 rules, a rule has more than 32 values, or a path more than 256 bytes or 16 steps. */
#define CMK_RIGHTS_LIMIT 931

#define CMK_FAILED_ISSUER (UINT64_C(1) << 0)
#define CMK_FAILED_KEY_ISSUER (UINT64_C(1) << 1)
#define CMK_FAILED_AUDIENCE (UINT64_C(1) << 2)
#define CMK_FAILED_AUDIENCE_UNEXPECTED (UINT64_C(1) << 3)
#define CMK_FAILED_SUBJECT (UINT64_C(1) << 4)
#define CMK_FAILED_TYPE (UINT64_C(1) << 5)
#define CMK_FAILED_EXPIRED (UINT64_C(1) << 6)
#define CMK_FAILED_NOT_YET_VALID (UINT64_C(1) << 7)
#define CMK_FAILED_ISSUED_IN_FUTURE (UINT64_C(1) << 8)
#define CMK_FAILED_TOO_OLD (UINT64_C(1) << 9)
#define CMK_FAILED_EXPIRY_MISSING (UINT64_C(1) << 10)
#define CMK_FAILED_ISSUED_AT_MISSING (UINT64_C(1) << 11)
#define CMK_FAILED_LIFETIME (UINT64_C(1) << 12)
#define CMK_FAILED_CLAIM_REQUIRED (UINT64_C(1) << 13)
#define CMK_FAILED_NONCE (UINT64_C(1) << 14)
#define CMK_FAILED_ACR (UINT64_C(1) << 15)
#define CMK_FAILED_AUTH_TIME_MISSING (UINT64_C(1) << 16)
#define CMK_FAILED_AUTH_TOO_OLD (UINT64_C(1) << 17)
#define CMK_FAILED_CONFIRMATION (UINT64_C(1) << 24)
#define CMK_FAILED_POSSESSION_MISSING (UINT64_C(1) << 25)
#define CMK_FAILED_CERTIFICATE_MALFORMED (UINT64_C(1) << 26)
#define CMK_FAILED_CERTIFICATE_MISMATCH (UINT64_C(1) << 27)
#define CMK_FAILED_CHANNEL_MISMATCH (UINT64_C(1) << 28)
#define CMK_FAILED_POSSESSION_UNBOUND (UINT64_C(1) << 29)
#define CMK_FAILED_SCHEME (UINT64_C(1) << 30)
#define CMK_FAILED_PROOF_REPEATED (UINT64_C(1) << 31)
#define CMK_FAILED_PROOF_MALFORMED (UINT64_C(1) << 32)
#define CMK_FAILED_PROOF_CLAIM (UINT64_C(1) << 33)
#define CMK_FAILED_FINGERPRINT_MISSING (UINT64_C(1) << 34)
#define CMK_FAILED_FINGERPRINT_MALFORMED (UINT64_C(1) << 35)
#define CMK_FAILED_FINGERPRINT_MISMATCH (UINT64_C(1) << 36)
#define CMK_FAILED_ADDRESS_MALFORMED (UINT64_C(1) << 37)
#define CMK_FAILED_COMPONENT_MALFORMED (UINT64_C(1) << 38)
#define CMK_FAILED_PEPPER_UNKNOWN (UINT64_C(1) << 39)
#define CMK_FAILED_COMPONENT_REQUIRED (UINT64_C(1) << 40)
#define CMK_FAILED_COLLECTOR_MALFORMED (UINT64_C(1) << 41)
#define CMK_FAILED_PROOF_TYPE (UINT64_C(1) << 42)
#define CMK_FAILED_PROOF_ALGORITHM (UINT64_C(1) << 43)
#define CMK_FAILED_PROOF_KEY (UINT64_C(1) << 44)
#define CMK_FAILED_PROOF_SIGNATURE (UINT64_C(1) << 45)
#define CMK_FAILED_PROOF_METHOD (UINT64_C(1) << 46)
#define CMK_FAILED_PROOF_URI (UINT64_C(1) << 18)
#define CMK_FAILED_PROOF_TIME (UINT64_C(1) << 19)
#define CMK_FAILED_PROOF_NONCE (UINT64_C(1) << 20)
#define CMK_FAILED_PROOF_TOKEN_HASH (UINT64_C(1) << 21)
#define CMK_FAILED_PROOF_THUMBPRINT (UINT64_C(1) << 22)
#define CMK_FAILED_STEP_UP (UINT64_C(1) << 47)
#define CMK_FAILED_REPLAYED (UINT64_C(1) << 48)
#define CMK_FAILED_REPLAY_FULL (UINT64_C(1) << 49)
#define CMK_FAILED_REVOKED (UINT64_C(1) << 50)
#define CMK_FAILED_REVOCATION_UNKNOWN (UINT64_C(1) << 51)
#define CMK_FAILED_STATUS_INVALID (UINT64_C(1) << 52)
#define CMK_FAILED_STATUS_SUSPENDED (UINT64_C(1) << 53)
#define CMK_FAILED_STATUS_LIST_STALE (UINT64_C(1) << 54)
#define CMK_FAILED_STATUS_LIST_MISMATCH (UINT64_C(1) << 55)
#define CMK_FAILED_STATUS_INDEX (UINT64_C(1) << 56)
#define CMK_FAILED_RATE_LIMITED (UINT64_C(1) << 63)
#define CMK_FAILED_THROTTLE_FULL (UINT64_C(1) << 23)
#define CMK_FAILED_RIGHTS_MISSING (UINT64_C(1) << 60)
#define CMK_FAILED_RIGHTS_FORBIDDEN (UINT64_C(1) << 61)
#define CMK_FAILED_RIGHTS_TYPE (UINT64_C(1) << 62)
#define CMK_FAILED_LOCKED_OUT (UINT64_C(1) << 57)
#define CMK_FAILED_STEP_UP_RISK (UINT64_C(1) << 58)

/* ---- Verify and commit --------------------------------------------------------------------------------------------------
 */
/* cmk_verify, and the commit of report.to_commit where there is one: what most hosts want. Lost against a copy, it is a rejection
 * like any other. Without a clock no proof can be committed: CMK_CLOCK_MISSING. */
static inline int32_t cmk_verify_once(const cmk_verifier *verifier, const cmk_request *request, const cmk_replay *replay,
                                      void *scratch, size_t scratch_bytes, cmk_claims *claims, cmk_report *report) {
    int32_t status = cmk_verify(verifier, request, scratch, scratch_bytes, claims, report);
    if (status == CMK_OK && report->to_commit.expires_at != 0) {
        status = (request->flags & CMK_REQUEST_NO_CLOCK) != 0 ? CMK_CLOCK_MISSING
                                                               : cmk_replay_commit(replay, &report->to_commit, request->now);
        if (status != CMK_OK) {
            report->advice = 0;
            cmk_clear(claims, sizeof *claims);
            cmk_clear(&report->to_commit, sizeof report->to_commit);
            report->status = status;
            report->failures = status == CMK_REPLAYED ? CMK_FAILED_REPLAYED : status == CMK_REPLAY_FULL ? CMK_FAILED_REPLAY_FULL : 0;
        }
    }
    return status;
}

#ifdef __cplusplus
}
#endif

#endif
