/* $countermark_...: the verdict and the claims, for proxy_set_header, add_header, log_format and map. `if` comes before the access phase.
 *
 * A value never holds a control character: a claim is text of whoever chose it, and a line break in it would begin a header field of
 * its own in the request to the upstream. Such a text is as if absent; of JSON, white space becomes a space. Nor does a text begin or
 * end with a space: whoever reads a header field takes it away (RFC 9110 5.5), and " alice" would be alice.
 */
#include "module.h"

#define CM_STATUS 0
#define CM_CODE 1
#define CM_STAGE 2
#define CM_REASON 3
#define CM_FAILED 4
#define CM_SCHEME 5
#define CM_SIMILARITY 6
#define CM_ADVICE 7
#define CM_HTTP 8
#define CM_RETRY_AFTER 9
#define CM_CHALLENGE 10
#define CM_NONCE 11
#define CM_CLAIMS 12

static void set(ngx_http_variable_value_t *value, const void *data, size_t length) {
    value->valid = 1;
    value->no_cacheable = 1; /* a redirect inside nginx may bring another verdict */
    value->not_found = 0;
    value->data = (u_char *)(uintptr_t)data;
    value->len = (unsigned)length;
}

static void set_text(ngx_http_variable_value_t *value, const char *text) {
    set(value, text, ngx_strlen(text));
}

static void set_none(ngx_http_variable_value_t *value) {
    value->valid = 1;
    value->no_cacheable = 1;
    value->not_found = 1;
    value->len = 0;
}

static ngx_int_t set_number(ngx_http_request_t *r, ngx_http_variable_value_t *value, int64_t number) {
    u_char *buffer = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    set(value, buffer, (size_t)(ngx_sprintf(buffer, "%L", number) - buffer));
    return NGX_OK;
}

static ngx_uint_t is_plain(cmk_bytes text) {
    size_t at;
    for (at = 0; at < text.len; at++) {
        if (text.ptr[at] < ' ' || text.ptr[at] == 0x7f) {
            return 0;
        }
    }
    return 1;
}

static ngx_uint_t is_trimmed(cmk_bytes text) {
    return text.len == 0 || (text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ');
}

/* Strict JSON has control characters between its tokens only, and there a space means the same. */
static ngx_int_t set_json(ngx_http_request_t *r, ngx_http_variable_value_t *value, cmk_bytes json) {
    u_char *buffer;
    size_t at;
    if (is_plain(json)) {
        set(value, json.ptr, json.len);
        return NGX_OK;
    }
    buffer = ngx_pnalloc(r->pool, json.len);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    for (at = 0; at < json.len; at++) {
        buffer[at] = json.ptr[at] < ' ' || json.ptr[at] == 0x7f ? ' ' : json.ptr[at];
    }
    set(value, buffer, json.len);
    return NGX_OK;
}

/* Every check that failed, a space between them. */
static ngx_int_t set_failed(ngx_http_request_t *r, ngx_http_variable_value_t *value, const cm_verdict_t *verdict) {
    int32_t failed;
    size_t bytes = 0;
    u_char *buffer, *to;
    for (failed = cmk_failures_next(verdict->report.failures, 0); failed != 0;
         failed = cmk_failures_next(verdict->report.failures, failed)) {
        bytes += ngx_strlen(cmk_status_name(failed)) + 1;
    }
    if (bytes == 0) {
        set_text(value, verdict->status == CMK_OK ? "" : cmk_status_name(verdict->status));
        return NGX_OK;
    }
    buffer = to = ngx_pnalloc(r->pool, bytes);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    for (failed = cmk_failures_next(verdict->report.failures, 0); failed != 0;
         failed = cmk_failures_next(verdict->report.failures, failed)) {
        const char *name = cmk_status_name(failed);
        to = ngx_cpymem(to, name, ngx_strlen(name));
        *to++ = ' ';
    }
    set(value, buffer, (size_t)(to - buffer) - 1);
    return NGX_OK;
}

static ngx_int_t get_verdict(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t which) {
    cm_verdict_t *verdict = cm_verdict(r);
    cmk_bytes json;
    ngx_str_t text;
    if (verdict == NULL) {
        set_none(value);
        return NGX_OK;
    }
    switch (which) {
    case CM_STATUS:
        set_text(value, cmk_status_name(verdict->status));
        return NGX_OK;
    case CM_CODE:
        return set_number(r, value, verdict->status);
    case CM_STAGE:
        set_text(value, cmk_stage_name(verdict->status));
        return NGX_OK;
    case CM_REASON:
        set_text(value, cmk_status_sentence(verdict->status));
        return NGX_OK;
    case CM_FAILED:
        return set_failed(r, value, verdict);
    case CM_SCHEME:
        set_text(value, verdict->scheme == CMK_DPOP ? "DPoP" : "Bearer");
        return NGX_OK;
    case CM_SIMILARITY:
        return set_number(r, value, verdict->report.similarity);
    case CM_ADVICE:
        set_text(value, verdict->report.advice & CMK_ADVICE_REISSUE ? "reissue" : "");
        return NGX_OK;
    case CM_HTTP:
        return set_number(r, value, cm_http_status(verdict));
    case CM_RETRY_AFTER:
        return set_number(r, value, verdict->retry_after);
    case CM_CHALLENGE:
    case CM_NONCE:
        if ((which == CM_NONCE ? cm_nonce : cm_challenge)(r, verdict, &text) != NGX_OK) {
            return NGX_ERROR;
        }
        set(value, text.data, text.len);
        return NGX_OK;
    default:
        if (verdict->status != CMK_OK || cmk_claims_json(&verdict->claims, &json) != CMK_OK) {
            set_none(value);
            return NGX_OK;
        }
        return set_json(r, value, json);
    }
}

/* A string as its text, anything else as its JSON. */
static ngx_int_t set_claim(ngx_http_request_t *r, ngx_http_variable_value_t *value, const cmk_value *claim) {
    cmk_bytes json, text;
    int32_t kind;
    u_char *buffer;
    if (cmk_value_json(claim, &json) != CMK_OK || cmk_value_kind(claim, &kind) != CMK_OK) {
        set_none(value);
        return NGX_OK;
    }
    if (kind != CMK_STRING) {
        return set_json(r, value, json);
    }
    buffer = ngx_pnalloc(r->pool, json.len);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    if (cmk_value_text(claim, buffer, json.len, &text) == CMK_OK && is_plain(text) && is_trimmed(text)) {
        set(value, text.ptr, text.len);
    } else {
        set_none(value);
    }
    return NGX_OK;
}

/* $countermark_claim_NAME; data is the whole variable's name. */
static ngx_int_t get_claim(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data) {
    static const size_t prefix = sizeof "countermark_claim_" - 1;
    const ngx_str_t *name = (ngx_str_t *)data;
    cm_verdict_t *verdict = cm_verdict(r);
    cmk_value claim;
    if (verdict == NULL || verdict->status != CMK_OK
        || cmk_claims_get(&verdict->claims, cmk_bytes_of(name->data + prefix, name->len - prefix), &claim) != CMK_OK) {
        set_none(value);
        return NGX_OK;
    }
    return set_claim(r, value, &claim);
}

/* One of countermark_claim; data is its path. */
static ngx_int_t get_path(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data) {
    cm_verdict_t *verdict = cm_verdict(r);
    cmk_value claim;
    if (verdict == NULL || verdict->status != CMK_OK
        || cmk_claims_at(&verdict->claims, cm_bytes((ngx_str_t *)data), &claim) != CMK_OK) {
        set_none(value);
        return NGX_OK;
    }
    return set_claim(r, value, &claim);
}

/* `countermark_claim $variable PATH`: for names that nginx's variables cannot have, and for claims inside claims. */
char *cm_set_claim(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    ngx_str_t *arguments = cf->args->elts, name = arguments[1];
    ngx_str_t *path = ngx_palloc(cf->pool, sizeof *path); /* the arguments' array serves the next directive, too */
    ngx_http_variable_t *variable;
    (void)cmd;
    (void)conf;
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }
    if (name.len < 2 || name.data[0] != '$' || arguments[2].len == 0) {
        return "takes a $variable and a claim's path";
    }
    name.data++;
    name.len--;
    variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (variable == NULL) {
        return NGX_CONF_ERROR;
    }
    *path = arguments[2];
    variable->get_handler = get_path;
    variable->data = (uintptr_t)path;
    return NGX_CONF_OK;
}

ngx_int_t cm_add_variables(ngx_conf_t *cf) {
    static const struct {
        ngx_str_t name;
        uintptr_t which;
    } all[] = {
        {ngx_string("countermark_status"), CM_STATUS},
        {ngx_string("countermark_code"), CM_CODE},
        {ngx_string("countermark_stage"), CM_STAGE},
        {ngx_string("countermark_reason"), CM_REASON},
        {ngx_string("countermark_failed"), CM_FAILED},
        {ngx_string("countermark_scheme"), CM_SCHEME},
        {ngx_string("countermark_similarity"), CM_SIMILARITY},
        {ngx_string("countermark_advice"), CM_ADVICE},
        {ngx_string("countermark_http"), CM_HTTP},
        {ngx_string("countermark_retry_after"), CM_RETRY_AFTER},
        {ngx_string("countermark_challenge"), CM_CHALLENGE},
        {ngx_string("countermark_dpop_nonce"), CM_NONCE},
        {ngx_string("countermark_claims"), CM_CLAIMS},
    };
    ngx_str_t prefix = ngx_string("countermark_claim_");
    ngx_http_variable_t *variable;
    size_t at;
    for (at = 0; at < sizeof all / sizeof *all; at++) {
        ngx_str_t name = all[at].name;
        variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (variable == NULL) {
            return NGX_ERROR;
        }
        variable->get_handler = get_verdict;
        variable->data = all[at].which;
    }
    variable = ngx_http_add_variable(cf, &prefix, NGX_HTTP_VAR_NOCACHEABLE | NGX_HTTP_VAR_PREFIX);
    if (variable == NULL) {
        return NGX_ERROR;
    }
    variable->get_handler = get_claim;
    return NGX_OK;
}
