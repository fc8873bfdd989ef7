/* A request handler in the world of nginx: memory comes from pools, and nothing is ever given back alone. One pool for each
 * set of rules, one for each request; a pool that ends calls its cleanups. One process, one thread, many requests.
 *
 * `pools keys=JWKS now=SECONDS header=VALUE request ...` plays the server: it loads keys, sets the clock, serves a request
 * with this Authorization value, or with none. tests/hosts.rs runs it.
 */
#include "countermark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The server, as small as it goes. ---- */

typedef struct {
    size_t len;
    unsigned char *data;
} str_t;

typedef struct block {
    struct block *next;
    void (*cleanup)(void *data); /* NULL: memory only */
    uint64_t memory[];
} block_t;

typedef struct {
    block_t *blocks;
} pool_t;

static void *pool_alloc(pool_t *pool, size_t bytes, void (*cleanup)(void *data)) {
    block_t *block = (block_t *)malloc(sizeof *block + bytes);
    if (block == NULL) {
        return NULL;
    }
    memset(block->memory, 0, bytes);
    block->cleanup = cleanup;
    block->next = pool->blocks;
    pool->blocks = block;
    return block->memory;
}

static void pool_destroy(pool_t *pool) {
    block_t *block, *next;
    for (block = pool->blocks; block != NULL; block = block->next) {
        if (block->cleanup != NULL) {
            block->cleanup(block->memory);
        }
    }
    for (block = pool->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    pool->blocks = NULL;
}

typedef struct {
    pool_t pool;
    const str_t *authorization; /* NULL: the request has none */
    int64_t now;
    str_t subject;   /* for the upstream */
    str_t challenge; /* WWW-Authenticate; empty: none */
} request_t;

/* ---- The module: all that a host of this library writes. ---- */

typedef struct {
    cmk_keys keys;
    cmk_verifier verifier;
} rules_t;

typedef struct {
    const char *issuer;
    const char *audience;
    pool_t pool;    /* of the rules in use */
    rules_t *rules; /* NULL: none yet */
    cmk_cooldown cooldown;
} module_t;

static cmk_bytes of_str(const str_t *text) {
    return cmk_bytes_of(text->data, text->len);
}

static int copy(pool_t *pool, cmk_bytes from, str_t *to) {
    to->data = (unsigned char *)pool_alloc(pool, from.len + 1, NULL);
    if (to->data == NULL) {
        return 0;
    }
    memcpy(to->data, from.ptr, from.len);
    to->len = from.len;
    return 1;
}

static void rules_wipe(void *data) {
    rules_t *rules = (rules_t *)data;
    cmk_keys_wipe(&rules->keys);
    cmk_verifier_wipe(&rules->verifier);
}

/* Makes rules of a key set. The old ones stay in use until the new ones are whole. The text is wiped: it may hold secrets. */
static int32_t load(module_t *module, str_t *text) {
    static const int32_t algs[] = {CMK_HS256, CMK_ES256};
    const cmk_bytes issuer = cmk_text(module->issuer);
    const cmk_bytes audience = cmk_text(module->audience);
    const cmk_bytes subject = cmk_text("sub");
    const cmk_bytes jwks = of_str(text);
    cmk_policy policy = cmk_policy_for(&issuer, &audience);
    cmk_loaded loaded;
    pool_t pool = {NULL};
    rules_t *rules = (rules_t *)pool_alloc(&pool, sizeof *rules, rules_wipe);
    void *region;
    size_t bytes;
    int32_t status;
    if (rules == NULL) {
        return CMK_REGION_TOO_SMALL;
    }
    policy.require = &subject;
    policy.require_count = 1;
    status = cmk_keys_size_for(jwks, algs, sizeof algs / sizeof *algs, issuer, &bytes);
    if (status == CMK_OK) {
        region = pool_alloc(&pool, bytes, NULL);
        status = module->rules == NULL ? cmk_keys_init(&rules->keys, region, bytes, issuer)
                                       : cmk_keys_init_after(&rules->keys, region, bytes, &module->rules->keys);
    }
    if (status == CMK_OK) {
        status = cmk_keys_add_jwks(&rules->keys, jwks, algs, sizeof algs / sizeof *algs, &loaded);
    }
    if (status == CMK_OK) {
        status = cmk_verifier_init(&rules->verifier, &rules->keys, 1, &policy);
    }
    cmk_wipe(text->data, text->len);
    if (status != CMK_OK) {
        fprintf(stderr, "keys: %s: %s\n", cmk_status_name(status), cmk_status_sentence(status));
        pool_destroy(&pool);
        return status;
    }
    if (loaded.skipped != 0) {
        fprintf(stderr, "keys: %u skipped, the first: %s\n", (unsigned)loaded.skipped, cmk_status_name(loaded.reason));
    }
    pool_destroy(&module->pool);
    module->pool = pool;
    module->rules = rules;
    return CMK_OK;
}

/* Every check that failed, by name, and the first one's sentence. */
static void write_log(const cmk_report *report) {
    int32_t failed = 0;
    printf("log: %s", cmk_status_name(report->status));
    while ((failed = cmk_failures_next(report->failures, failed)) != 0) {
        if (failed != report->status) {
            printf(" %s", cmk_status_name(failed));
        }
    }
    printf(": %s\n", cmk_status_sentence(report->status));
}

/* The answer's HTTP status. */
static int32_t handle(module_t *module, request_t *request) {
    cmk_bytes value = cmk_none();
    cmk_credentials found;
    cmk_request asked;
    cmk_report report;
    cmk_claims claims;
    cmk_bytes subject;
    void *scratch, *buffer;
    size_t bytes = 0;
    int32_t status, may_fetch;
    memset(&report, 0, sizeof report);
    if (request->authorization != NULL) {
        value = of_str(request->authorization);
    }
    status = cmk_authorization(value, &found);
    if (status == CMK_OK && module->rules == NULL) {
        status = CMK_NO_KEY;
    }
    report.status = status;
    if (status == CMK_OK) {
        bytes = CMK_SCRATCH_BYTES(found.token.len);
        scratch = pool_alloc(&request->pool, bytes, NULL);
        asked = cmk_request_at(found.token, request->now);
        status = cmk_verify(&module->rules->verifier, &asked, scratch, bytes, &claims, &report);
    }
    if (status == CMK_OK) {
        buffer = pool_alloc(&request->pool, bytes, NULL);
        status = cmk_claims_text(&claims, cmk_text("sub"), buffer, bytes, &subject);
    }
    if (status == CMK_OK && !copy(&request->pool, subject, &request->subject)) {
        return 500;
    }
    if (status == CMK_OK) {
        return 200;
    }
    if (report.status == CMK_OK) {
        report.status = status;
    }
    write_log(&report);
    if (status == CMK_UNKNOWN_KID && cmk_cooldown_ask(&module->cooldown, request->now, &may_fetch) == CMK_OK && may_fetch) {
        printf("log: fetching keys\n");
    }
    if (cmk_http_status(status) == 500) { /* the fault is ours, and no other token would help */
        return 500;
    }
    buffer = pool_alloc(&request->pool, 256, NULL);
    if (cmk_challenge(CMK_BEARER, cmk_text("api"), cmk_none(), status, buffer, 256, &value) == CMK_OK) {
        copy(&request->pool, value, &request->challenge);
    }
    return cmk_http_status(status);
}

/* ---- The server again. ---- */

static void serve(module_t *module, const str_t *authorization, int64_t now) {
    request_t request;
    memset(&request, 0, sizeof request);
    request.authorization = authorization;
    request.now = now;
    printf("%d", (int)handle(module, &request));
    if (request.subject.len != 0) {
        printf(" %.*s", (int)request.subject.len, (char *)request.subject.data);
    }
    if (request.challenge.len != 0) {
        printf(" %.*s", (int)request.challenge.len, (char *)request.challenge.data);
    }
    printf("\n");
    pool_destroy(&request.pool);
}

int main(int count, char **arguments) {
    module_t module;
    int64_t now = 0;
    int at;
    memset(&module, 0, sizeof module);
    module.issuer = "https://login.example";
    module.audience = "https://api.example";
    module.cooldown = cmk_cooldown_of(60);
    for (at = 1; at < count; at++) {
        char *word = arguments[at];
        str_t text;
        text.data = (unsigned char *)strchr(word, '=');
        text.data = text.data == NULL ? (unsigned char *)word : text.data + 1;
        text.len = strlen((char *)text.data);
        if (strncmp(word, "now=", 4) == 0) {
            now = strtoll((char *)text.data, NULL, 10);
        } else if (strncmp(word, "keys=", 5) == 0) {
            printf("keys: %s\n", cmk_status_name(load(&module, &text)));
        } else {
            serve(&module, strncmp(word, "header=", 7) == 0 ? &text : NULL, now);
        }
    }
    pool_destroy(&module.pool);
    return 0;
}
