/* The nginx module, in one screen: what a configuration becomes, what a request carries, and which file does what.
 *
 *   directives.c, holders.c, rights.c, limits.c
 *                                       a line of nginx.conf becomes a member of cm_conf_t, or an error with that line
 *   keys.c                              a key file becomes a key set
 *   rules.c                             a location's members become one verifier, when the configuration is read
 *   zones.c                             tables in shared memory, kept across reloads
 *   request.c                           the access phase: find, throttle, verify, commit
 *   evidence.c                          what is known of the client
 *   answer.c                            HTTP status, WWW-Authenticate, Retry-After, DPoP-Nonce
 *   variables.c, revoke.c               $countermark_..., and the location that takes revocations
 *
 * Memory: a configuration lives in its cycle's pool, a verdict in its request's pool. Nothing else is allocated after start.
 */
#ifndef COUNTERMARK_NGINX_MODULE_H
#define COUNTERMARK_NGINX_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "countermark.h"

#ifdef CM_WATCHED
#include "../tests/watched.h"
#endif

#define CM_OFF 0
#define CM_DENY 1 /* a request that is not accepted is answered here */
#define CM_PASS 2 /* every request goes on, and the variables say the verdict */

/* The longest file of a pepper or of the nonces' secret. */
#define CM_PEPPER_BYTES_MAX 512

/* A place in the configuration, for errors that are found after its line was read. */
typedef struct {
    ngx_str_t file;
    ngx_uint_t line;
} cm_place_t;

/* The key sets of a location, and the tables of their ES256 keys. */
typedef struct {
    cmk_keys sets[CMK_SETS_MAX];
    size_t count;
    void *prepared; /* NULL: none of the keys is of ES256, or not wanted */
    size_t prepared_bytes;
    cm_place_t place;
} cm_keys_t;

/* A fingerprint in either form; the verifier points to the sketch. */
typedef struct {
    cmk_sketch sketch;
    cmk_recipe recipe;
    uint8_t pepper[CM_PEPPER_BYTES_MAX]; /* of the recipe */
    ngx_uint_t is_sketch;
} cm_fingerprint_t;

typedef enum {
    CM_REPLAY,
    CM_REVOCATION,
    CM_THROTTLE,
    CM_CACHE,
    CM_KINDS
} cm_kind_t;

/* The head of a zone's memory: what every process must know of the table behind it. */
typedef struct {
    uint8_t secret[32];
    uint32_t life;
    void *region;
    size_t bytes;
} cm_zone_head_t;

/* One table in shared memory. The view is made before the workers are forked, at one address in all of them. */
typedef struct {
    cm_kind_t kind;
    ngx_str_t name;
    uint32_t life; /* of tokens, in seconds; CM_REVOCATION alone */
    time_t leeway; /* the largest of all locations that look here up; CM_REVOCATION alone */
    ngx_uint_t warned; /* that tokens may live longer than that */
    cm_zone_head_t *head;
    ngx_array_t verifiers; /* of cmk_verifier *: they get the view once there is one */
    union {
        cmk_replay replay;
        cmk_revocation revocation;
        cmk_throttle throttle;
        cmk_cache cache;
    } view;
} cm_zone_t;

typedef struct {
    cmk_dpop rules;
    ngx_str_t origin; /* scheme and authority, as the client sees them */
    cm_zone_t *zone;
} cm_dpop_t;

typedef struct {
    int32_t number; /* CMK_COLLECTOR_... */
    ngx_http_complex_value_t document;
} cm_collector_t;

typedef struct {
    cm_zone_t *zone;
    uint32_t requests;
    uint32_t seconds;
    uint32_t burst;
    ngx_str_t scope;
    ngx_str_t claim; /* empty: the client's address is counted */
} cm_limit_t;

typedef struct {
    ngx_uint_t mode;
    cm_place_t place; /* of the mode */
    cm_keys_t *keys;
    ngx_array_t *issuers; /* of cmk_bytes, as the next three */
    ngx_array_t *audiences;
    ngx_array_t *require;
    ngx_array_t *acr;
    ngx_array_t *algorithms; /* of int32_t */
    ngx_array_t *rights;     /* of cmk_rule */
    ngx_array_t *limits;     /* of cm_limit_t */
    ngx_flag_t any_audience;
    ngx_flag_t certificate;
    time_t leeway;
    time_t max_age;
    time_t auth_max_age;
    size_t token_bytes;
    ngx_uint_t combination;
    ngx_uint_t shape;
    ngx_str_t typ;
    ngx_str_t realm;
    cmk_source *source;
    cm_fingerprint_t *fingerprint;
    cm_collector_t *collector;
    cm_dpop_t *dpop;
    cm_zone_t *revocation;
    cm_zone_t *cache;
    ngx_http_complex_value_t *known[4]; /* CM_ASN and its kin */
    cm_zone_t *revoke;                  /* the location takes revocations for this table */
    cmk_verifier *verifier;             /* NULL: mode is CM_OFF */
} cm_conf_t;

#define CM_ASN 0
#define CM_COUNTRY 1
#define CM_ORGANISATION 2
#define CM_ISP 3

typedef struct {
    ngx_array_t zones;            /* of cm_zone_t * */
    ngx_int_t certificate_index;  /* of $ssl_client_raw_cert */
} cm_main_t;

/* A request's verdict. It outlives internal redirects, which clear nginx's own contexts. */
typedef struct {
    cm_conf_t *conf; /* by which it was judged */
    int32_t status;
    int32_t scheme;
    uint32_t retry_after;
    const ngx_array_t *counted; /* the limits that have admitted its address; NULL: none */
    const ngx_array_t *named;   /* those that have admitted its claims */
    cmk_use used;       /* the proof that this very request has used up */
    cmk_claims claims;  /* filled when status is CMK_OK */
    cmk_report report;
    ngx_table_elt_t *challenge;
    ngx_table_elt_t *nonce;
    ngx_table_elt_t *retry;
} cm_verdict_t;

extern ngx_module_t ngx_http_countermark_module;

/* ---- words.c: between nginx's strings and the library's, and errors of configuration. ---- */

static ngx_inline cmk_bytes cm_bytes(const ngx_str_t *text) {
    return cmk_bytes_of(text->data, text->len);
}

typedef struct {
    ngx_str_t name;
    int32_t number;
} cm_word_t;

/* The number of a word in a list that ends with an empty name; -1: none. */
int32_t cm_word(const cm_word_t *words, const ngx_str_t *name);
/* Whether the argument is NAME=value; then its value. */
ngx_uint_t cm_option(const ngx_str_t *argument, const char *name, ngx_str_t *value);
/* Logs the reason with the directive's line; the answer of a directive that failed. */
char *cm_refused(ngx_conf_t *cf, const char *what, const ngx_str_t *which, int32_t status);
char *cm_refused_at(ngx_conf_t *cf, const cm_place_t *place, const char *what, int32_t status);
cm_place_t cm_place(ngx_conf_t *cf);
/* The bytes of a file of at most so many, to be given back with cm_forget, which wipes them. */
char *cm_read(ngx_conf_t *cf, ngx_str_t *name, size_t most, ngx_str_t *content);
void cm_forget(ngx_str_t *content);
int32_t cm_algorithm(const ngx_str_t *name);

/* ---- directives ---- */

extern ngx_command_t cm_commands[];

char *cm_set_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_list(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_acr(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_algorithms(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_token(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_known(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_collector(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_fingerprint(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_dpop(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_right(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_throttle(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_table(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_revoke(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *cm_set_claim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* ---- keys.c, rules.c, zones.c ---- */

/* Makes the tables of a set's ES256 keys. */
char *cm_prepare(ngx_conf_t *cf, cm_keys_t *keys);
/* Makes the location's verifier, once everything is merged. */
char *cm_build(ngx_conf_t *cf, cm_conf_t *conf);
/* The zone of this name and kind that was declared above; NULL, and the error is logged. */
cm_zone_t *cm_zone(ngx_conf_t *cf, const ngx_str_t *name, cm_kind_t kind);

/* ---- the request ---- */

ngx_int_t cm_access(ngx_http_request_t *r);
/* The request's verdict; NULL: it was not judged. */
cm_verdict_t *cm_verdict(ngx_http_request_t *r);
/* Fills the evidence; its lists lie in the request's pool. NGX_ERROR: no memory. The status is of what the page collected. */
ngx_int_t cm_evidence(ngx_http_request_t *r, cm_conf_t *conf, cmk_evidence *evidence, int32_t *status);
/* Puts the answer's fields into the request, and gives its HTTP status. */
ngx_int_t cm_answer(ngx_http_request_t *r, cm_verdict_t *verdict);
ngx_int_t cm_http_status(const cm_verdict_t *verdict);
/* The values of WWW-Authenticate and DPoP-Nonce, in the request's pool; empty: none belongs there. */
ngx_int_t cm_challenge(ngx_http_request_t *r, const cm_verdict_t *verdict, ngx_str_t *value);
ngx_int_t cm_nonce(ngx_http_request_t *r, const cm_verdict_t *verdict, ngx_str_t *value);
ngx_int_t cm_add_variables(ngx_conf_t *cf);

#endif
