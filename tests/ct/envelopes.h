/* Envelopes: made and opened through the C ABI, with keys, content keys, tags and paddings secret by what they are made from. */
#ifndef ENVELOPES_H
#define ENVELOPES_H
#include "fixture.h"

/* What goes wrong with an envelope. */
#define GOOD 0
#define WRONG_TAG 1
#define WRONG_WRAP 2
#define WRONG_PADDING 3 /* for dir and CBC: the MAC's half of the key is right, the cipher's is not */

typedef struct envelope {
    key_set set;
    token_text text;
    uint8_t scratch[2048];
    cmk_bytes content;
} envelope;

/* A private key of P-256. */
static const uint8_t private_key[32] = {0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
                                        0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33,
                                        0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33};

static inline size_t envelope_key_bytes(int32_t alg) {
    switch (alg) {
    case CMK_A128KW:
    case CMK_A128GCMKW:
    case CMK_DIR_A128GCM:
        return 16;
    case CMK_DIR_A256CBC_HS512:
        return 64;
    default:
        return 32;
    }
}

/* The character at `place` of the part behind the first dot, or of the last part. */
static inline void envelope_spoil(envelope *made, int wrong, size_t place) {
    char *start = wrong == WRONG_TAG ? strrchr(made->text.text, '.') : strchr(made->text.text, '.');
    start[1 + place] = start[1 + place] == 'A' ? 'Q' : 'A';
}

/* Seals 40 bytes for a key of this kind, keeps the key that opens it, and spoils what is asked at `place`. */
static inline void envelope_make(envelope *made, int32_t alg, int32_t enc, int wrong, size_t place) {
    uint8_t key[64], random[CMK_SEAL_RANDOM_BYTES], scratch[1024];
    size_t len = envelope_key_bytes(alg);
    cmk_sealer sealer;
    cmk_bytes text;
    memset(made, 0, sizeof *made);
    memset(random, 0x5c, sizeof random);
    memcpy(key, alg == CMK_ECDH_ES_A256KW_P256 ? private_key : (const uint8_t *)secret_text, len);
    if (alg == CMK_ECDH_ES_A256KW_P256) {
        uint8_t point[65];
        cmk_signer signer;
        cmk_bytes public_half;
        expect(cmk_signer_of_scalar(&signer, CMK_ES256, cmk_none(), cmk_bytes_of(key, 32)), CMK_OK, "cmk_signer_of_scalar");
        expect(cmk_signer_public(&signer, point, sizeof point, &public_half), CMK_OK, "cmk_signer_public");
        expect(cmk_sealer_of_key(&sealer, alg, enc, cmk_none(), public_half), CMK_OK, "cmk_sealer_of_key");
    } else {
        expect(cmk_sealer_of_key(&sealer, alg, enc, cmk_none(), cmk_bytes_of(key, len)), CMK_OK, "cmk_sealer_of_key");
    }
    expect(cmk_seal(&sealer, cmk_bytes_of(secret_text, 40), cmk_bytes_of(random, sizeof random), scratch, sizeof scratch,
                    made->text.text, sizeof made->text.text - 1, &text),
           CMK_OK, "cmk_seal");
    made->text.len = text.len;
    if (wrong == WRONG_PADDING) {
        key[len - 1 - place] ^= 1;
    } else if (wrong != GOOD) {
        envelope_spoil(made, wrong, place);
    }
    key_set_start(&made->set);
    expect(cmk_keys_add_secret(&made->set.keys, alg, cmk_none(), cmk_bytes_of(key, len)), CMK_OK, "cmk_keys_add_secret");
}

static inline int32_t envelope_open(envelope *made) {
    return cmk_envelope_open(&made->set.keys, 1, token_bytes(&made->text), made->scratch, sizeof made->scratch,
                             &made->content);
}

#endif
