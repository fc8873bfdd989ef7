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

/* The acr that would do, with spaces between them. */
static ngx_int_t read_acr(ngx_http_request_t *r, const cm_verdict_t *verdict, cmk_bytes *acr) {
    const ngx_array_t *list = verdict->conf->acr;
    size_t bytes = 0;
    ngx_uint_t at;
    u_char *buffer, *end;
    *acr = cmk_none();
    if (list == NULL || list->nelts == 0) {
        return NGX_OK;
    }
    for (at = 0; at < list->nelts; at++) {
        bytes += ((const cmk_bytes *)list->elts)[at].len + 1;
    }
    buffer = end = ngx_pnalloc(r->pool, bytes);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    for (at = 0; at < list->nelts; at++) {
        const cmk_bytes *one = (const cmk_bytes *)list->elts + at;
        end = ngx_cpymem(end, one->ptr, one->len);
        *end++ = ' ';
    }
    *acr = cmk_bytes_of(buffer, bytes - 1);
    return NGX_OK;
}

/* Whether another login of the same user may help (RFC 9470 3). */
static int asks_for_a_login(int32_t status) {
    return status == CMK_STEP_UP || status == CMK_STEP_UP_RISK || status == CMK_ACR || status == CMK_AUTH_TIME_MISSING
        || status == CMK_AUTH_TOO_OLD;
}

ngx_int_t cm_challenge(ngx_http_request_t *r, const cm_verdict_t *verdict, ngx_str_t *value) {
    const cm_conf_t *conf = verdict->conf;
    const cmk_bytes realm = conf->realm.len == 0 ? cmk_none() : cm_bytes(&conf->realm);
    const int of_the_login = asks_for_a_login(verdict->status);
    cmk_bytes text, written;
    size_t bytes;
    u_char *buffer;
    int32_t made;
    ngx_str_null(value);
    if ((of_the_login ? read_acr(r, verdict, &text) : read_scope(r, verdict, &text)) != NGX_OK) {
        return NGX_ERROR;
    }
    /* Escapes double at the most; the rest is of fixed texts. */
    bytes = 128 + 2 * (realm.len + text.len);
    buffer = ngx_pnalloc(r->pool, bytes);
    if (buffer == NULL) {
        return NGX_ERROR;
    }
    if (text.len == 0) {
        text = cmk_none();
    }
    made = of_the_login ? cmk_login_challenge(verdict->scheme, realm, text, conf->auth_max_age == 0 ? -1 : conf->auth_max_age,
                                              verdict->status, buffer, bytes, &written)
                        : cmk_challenge(verdict->scheme, realm, text, verdict->status, buffer, bytes, &written);
    if (made == CMK_OK) {
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
