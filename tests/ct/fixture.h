/* Keys, tokens and clients that the harnesses share. All of it is made through the C ABI, nothing is pasted. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "countermark.h"
#include "secret.h"

#define NOW 1700000000
#define CLAIM "fp"

static const char secret_text[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789abcdefghijklmnopqrstuv";
static const char pepper_text[] = "a pepper of thirty-two bytes ...";

/* Bytes of an HMAC key as long as the hash's output. */
static inline size_t hash_bytes(int32_t alg) {
    return alg == CMK_HS256 ? 32 : alg == CMK_HS384 ? 48 : 64;
}

typedef struct client {
    cmk_header headers[5];
    cmk_evidence evidence;
    char agent[64];
} client;

static inline void client_make(client *who) {
    memset(who, 0, sizeof *who);
    strcpy(who->agent, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101");
    who->headers[0].name = cmk_text("user-agent");
    who->headers[0].value = cmk_text(who->agent);
    who->headers[1].name = cmk_text("accept-language");
    who->headers[1].value = cmk_text("en-GB,en;q=0.8");
    who->headers[2].name = cmk_text("sec-ch-ua");
    who->headers[2].value = cmk_text("\"Chromium\";v=\"140\"");
    who->headers[3].name = cmk_text("sec-ch-ua-platform");
    who->headers[3].value = cmk_text("\"Linux\"");
    who->headers[4].name = cmk_text("sec-ch-ua-mobile");
    who->headers[4].value = cmk_text("?0");
    who->evidence = cmk_evidence_of(who->headers, 5);
    who->evidence.address = cmk_text("192.0.2.7");
}

/* What a page tells of a client: exact values, a number, and a set of three. Every value has the length of its other one, so
 * that clients differ in secrets only. */
#define VALUES 8
#define VALUE_BYTES 12
/* The values' places: the first, a middle one and the last component; one of each kind; all of them. */
#define DIFFERS_NOWHERE 0u
#define DIFFERS_FIRST 1u
#define DIFFERS_MIDDLE 4u
#define DIFFERS_LAST 128u
#define DIFFERS_EACH_KIND (2u | 8u | 64u)
#define DIFFERS_EVERYWHERE 255u

typedef struct page {
    char text[VALUES][VALUE_BYTES];
    cmk_component values[VALUES];
} page;

static inline void page_make(page *of, unsigned differs) {
    static const struct {
        uint32_t number;
        const char *own, *other;
    } table[VALUES] = {
        {CMK_COMPONENT_SCREEN_SIZE, "1920x1080", "2560x1440"}, {CMK_COMPONENT_TIMEZONE, "Europe/Oslo", "Europe/Rome"},
        {CMK_COMPONENT_PLATFORM, "Linux", "Win32"},            {CMK_COMPONENT_FONTS, "Noto Sans", "Open Sans"},
        {CMK_COMPONENT_FONTS, "DejaVu", "Roboto"},             {CMK_COMPONENT_FONTS, "Arial", "Lucid"},
        {192, "140", "151"},                                   {CMK_COMPONENT_CANVAS, "5f3a90c1", "5f3a90c2"},
    };
    size_t at;
    for (at = 0; at < VALUES; at++) {
        strcpy(of->text[at], (differs >> at & 1u) != 0 ? table[at].other : table[at].own);
        of->values[at].number = table[at].number;
        of->values[at].value = cmk_text(of->text[at]);
    }
}

/* Everything but the number, whose digits are checked one by one as it is read. */
static inline void page_hide(page *of) {
    size_t at;
    for (at = 0; at < VALUES; at++) {
        if (of->values[at].number != 192) {
            secret(of->text[at], of->values[at].value.len);
        }
    }
}

/* Rules that compare all of it, and two sets of the headers. */
static inline void sketch_make(cmk_sketch *sketch, const void *pepper, int32_t accept, int32_t step_up) {
    static const cmk_weight weights[8] = {
        {CMK_COMPONENT_CH_BRANDS, 100, CMK_ROLE_NORMAL, 900, 100},
        {CMK_COMPONENT_ACCEPT_LANGUAGE, 100, CMK_ROLE_NORMAL, 950, 200},
        {CMK_COMPONENT_SCREEN_SIZE, 100, CMK_ROLE_NORMAL, 950, 100},
        {CMK_COMPONENT_TIMEZONE, 100, CMK_ROLE_NORMAL, 990, 300},
        {CMK_COMPONENT_PLATFORM, 100, CMK_ROLE_OPTIONAL, 990, 400},
        {CMK_COMPONENT_FONTS, 100, CMK_ROLE_NORMAL, 900, 50},
        {CMK_COMPONENT_CANVAS, 100, CMK_ROLE_NORMAL, 900, 20},
        {192, 100, CMK_ROLE_NORMAL, 900, 100},
    };
    static const cmk_group group = {{UINT64_C(0xffffffff00000000), UINT64_MAX, 0, UINT64_MAX}, 8};
    cmk_pepper peppers[1];
    cmk_sketch_rules rules;
    peppers[0].number = 7;
    peppers[0].secret = cmk_bytes_of(pepper, sizeof pepper_text - 1);
    rules = cmk_sketch_rules_of(CMK_SKETCH_OWN, cmk_text("cmk"), peppers, 1);
    rules.weights = weights;
    rules.weight_count = sizeof weights / sizeof weights[0];
    rules.groups = &group;
    rules.group_count = 1;
    rules.accept = accept;
    rules.step_up = step_up;
    rules.coverage = 0;
    rules.drift = 1000;
    expect(cmk_sketch_init(sketch, &rules), CMK_OK, "cmk_sketch_init");
}

static inline void client_shows(client *who, const page *page) {
    who->evidence.components = page->values;
    who->evidence.component_count = VALUES;
}

/* A token that lives at NOW; bound to the client when there is a recipe. Its bytes are public. */
typedef struct token_text {
    char text[1024];
    size_t len;
} token_text;

static inline cmk_bytes token_bytes(const token_text *token) {
    return cmk_bytes_of(token->text, token->len);
}

static inline void token_mint(token_text *token, const cmk_signer *signer, const cmk_recipe *recipe, const client *who,
                              const char *claims) {
    uint8_t scratch[2048];
    cmk_bytes made;
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    mint.claims = cmk_text(claims);
    mint.digest = recipe;
    mint.evidence = who == NULL ? NULL : &who->evidence;
    expect(cmk_issue(signer, &mint, scratch, sizeof scratch, token->text, sizeof token->text, &made), CMK_OK, "cmk_issue");
    token->len = made.len;
}

static inline void token_hmac(token_text *token, int32_t alg, const cmk_recipe *recipe, const client *who,
                              const char *claims) {
    cmk_signer signer;
    expect(cmk_signer_of_secret(&signer, alg, cmk_text(NULL), cmk_bytes_of(secret_text, hash_bytes(alg))), CMK_OK,
           "cmk_signer_of_secret");
    token_mint(token, &signer, recipe, who, claims);
}

/* A token that is bound by a sketch of what this client shows. */
static inline void token_sketch(token_text *token, const cmk_sketch *sketch, const client *who) {
    cmk_signer signer;
    uint8_t scratch[2048];
    cmk_bytes made;
    cmk_mint mint = cmk_mint_for(cmk_text("alice"), NOW + 60);
    mint.sketch = sketch;
    mint.evidence = &who->evidence;
    memcpy(mint.salt, "any salt", sizeof mint.salt);
    expect(cmk_signer_of_secret(&signer, CMK_HS256, cmk_text(NULL), cmk_bytes_of(secret_text, 32)), CMK_OK,
           "cmk_signer_of_secret");
    expect(cmk_issue(&signer, &mint, scratch, sizeof scratch, token->text, sizeof token->text, &made), CMK_OK, "cmk_issue");
    token->len = made.len;
}

/* Another character of the alphabet at this distance from the end; one whose spare bits stay zero. */
static inline void token_spoil(token_text *token, size_t from_end) {
    char *place = &token->text[token->len - 1 - from_end];
    *place = *place == 'A' ? 'Q' : 'A';
}

typedef struct key_set {
    uint64_t region[CMK_KEYS_BYTES(1, 0) / 8];
    cmk_keys keys;
} key_set;

static inline void key_set_start(key_set *set) {
    expect(cmk_keys_init(&set->keys, set->region, sizeof set->region, cmk_text(NULL)), CMK_OK, "cmk_keys_init");
}

static inline void key_set_hmac(key_set *set, int32_t alg) {
    key_set_start(set);
    expect(cmk_keys_add_secret(&set->keys, alg, cmk_text(NULL), cmk_bytes_of(secret_text, hash_bytes(alg))), CMK_OK,
           "cmk_keys_add_secret");
}

/* The words of the one key's material: behind the set's head of three words and the record's of one. */
static inline void key_set_hide(key_set *set) {
    size_t used = (size_t)(set->region[1] >> 32);
    secret(&set->region[4], (used - 4) * sizeof set->region[0]);
}

/* For what has a case of its own: what it reports is not counted again. */
static inline void quietly(void (*run)(void)) {
    VALGRIND_DISABLE_ERROR_REPORTING;
    run();
    VALGRIND_ENABLE_ERROR_REPORTING;
}

typedef struct asked {
    uint8_t scratch[2048];
    cmk_claims claims;
    cmk_report report;
} asked;

static inline int32_t ask(asked *answer, const cmk_verifier *verifier, const token_text *token, const client *who) {
    cmk_request request = cmk_request_at(token_bytes(token), NOW);
    request.evidence = who == NULL ? NULL : &who->evidence;
    return cmk_verify(verifier, &request, answer->scratch, sizeof answer->scratch, &answer->claims, &answer->report);
}

#endif
