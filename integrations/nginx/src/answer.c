/* What a request that is not accepted is told: RFC 6750 3, RFC 9449 7.1 and 8, RFC 6585 4. */
#include "module.h"

ngx_int_t cm_http_status(const cm_verdict_t *verdict) {
    /* The only argument that a client chooses is its path, as the target of a proof: one that no URI has is its own fault. */
    if (verdict->status == CMK_ARGUMENT && verdict->conf->dpop != NULL) {
        return NGX_HTTP_BAD_REQUEST;
    }
    return cmk_http_status(verdict->status);
}

/* The scope that the token lacks, if that is what it lacks. */
static ngx_int_t read_scope(ngx_http_request_t *r, const cm_verdict_t *verdict, cmk_bytes *scope) {
    const cmk_rule *rule;
    size_t bytes = 1, at;
    u_char *buffer;
    *scope = cmk_none();
    if (verdict->status != CMK_RIGHTS_MISSING || verdict->report.unmet < 0) {
        return NGX_OK;
    }
    rule = (cmk_rule *)verdict->conf->rights->elts + verdict->report.unmet;
    for (at = 0; at < rule->value_count; at++) {
        bytes += rule->values[at].len + 1;
    }
    buffer = ngx_pnalloc(r->pool, bytes);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    if (cmk_rule_scope(rule, buffer, bytes, scope) != CMK_OK) {
        *scope = cmk_none();
    }
    return NGX_OK;
}

ngx_int_t cm_challenge(ngx_http_request_t *r, const cm_verdict_t *verdict, ngx_str_t *value) {
    const ngx_str_t *realm = &verdict->conf->realm;
    cmk_bytes scope, written;
    size_t bytes;
    u_char *buffer;
    ngx_str_null(value);
    if (read_scope(r, verdict, &scope) != NGX_OK) {
        return NGX_ERROR;
    }
    /* Escapes double at the most; the rest is of fixed texts. */
    bytes = 128 + 2 * (realm->len + scope.len);
    buffer = ngx_pnalloc(r->pool, bytes);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    if (cmk_challenge(verdict->scheme, realm->len == 0 ? cmk_none() : cm_bytes(realm), scope.len == 0 ? cmk_none() : scope,
                      verdict->status, buffer, bytes, &written) == CMK_OK) {
        value->data = buffer;
        value->len = written.len;
    }
    return NGX_OK;
}

ngx_int_t cm_nonce(ngx_http_request_t *r, const cm_verdict_t *verdict, ngx_str_t *value) {
    cmk_bytes written;
    u_char *buffer;
    ngx_str_null(value);
    if (verdict->status != CMK_PROOF_NONCE) {
        return NGX_OK;
    }
    buffer = ngx_pnalloc(r->pool, CMK_NONCE_CHARS);
    if (buffer == NULL
        || cmk_dpop_nonce(&verdict->conf->dpop->rules, (int64_t)ngx_time(), buffer, CMK_NONCE_CHARS, &written) != CMK_OK) {
        return NGX_ERROR;
    }
    value->data = buffer;
    value->len = written.len;
    return NGX_OK;
}

/* A field of the answer, once: a redirect inside nginx may bring the request here again. */
static ngx_int_t put(ngx_http_request_t *r, ngx_table_elt_t **field, const char *name, const ngx_str_t *value) {
    if (*field == NULL) {
        if (value->len == 0) {
            return NGX_OK;
        }
        *field = ngx_list_push(&r->headers_out.headers);
        if (*field == NULL) {
            return NGX_ERROR;
        }
#if (nginx_version >= 1023000)
        (*field)->next = NULL;
#endif
        (*field)->key.data = (u_char *)(uintptr_t)name;
        (*field)->key.len = ngx_strlen(name);
    }
    (*field)->value = *value;
    (*field)->hash = value->len != 0; /* 0: the field is left out */
    return NGX_OK;
}

ngx_int_t cm_answer(ngx_http_request_t *r, cm_verdict_t *verdict) {
    ngx_str_t challenge, nonce, retry = ngx_null_string;
    if (cm_challenge(r, verdict, &challenge) != NGX_OK || cm_nonce(r, verdict, &nonce) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (verdict->retry_after != 0) {
        retry.data = ngx_pnalloc(r->pool, NGX_INT32_LEN);
        if (retry.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        retry.len = (size_t)(ngx_sprintf(retry.data, "%uD", verdict->retry_after) - retry.data);
    }
    if (put(r, &verdict->challenge, "WWW-Authenticate", &challenge) != NGX_OK
        || put(r, &verdict->nonce, "DPoP-Nonce", &nonce) != NGX_OK || put(r, &verdict->retry, "Retry-After", &retry) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    /* Where `satisfy any` lets another module say yes, nginx takes the challenge back. */
    r->headers_out.www_authenticate = verdict->challenge;
    return cm_http_status(verdict);
}
