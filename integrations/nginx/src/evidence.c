/* What is known of the client: its fields, address, method, URI, proofs and certificate. Lists lie in the request's pool; the
 * texts stay where nginx has them. */
#include "module.h"

static cmk_bytes trimmed(const ngx_str_t *text) {
    const u_char *from = text->data, *to = text->data + text->len;
    while (from < to && (*from == ' ' || *from == '\t')) {
        from++;
    }
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) {
        to--;
    }
    return cmk_bytes_of(from, (size_t)(to - from));
}

static ngx_uint_t is_dpop(const ngx_table_elt_t *field) {
    return field->key.len == 4 && ngx_strncasecmp(field->key.data, (u_char *)"dpop", 4) == 0;
}

/* Every field, and among them the proofs: all of them, for two are refused. */
static ngx_int_t read_fields(ngx_http_request_t *r, cmk_evidence *evidence) {
    ngx_list_part_t *part;
    ngx_table_elt_t *fields;
    ngx_uint_t at;
    size_t count = 0, proofs = 0, written = 0, shown = 0;
    cmk_header *headers;
    cmk_bytes *values;
    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        fields = part->elts;
        count += part->nelts;
        for (at = 0; at < part->nelts; at++) {
            proofs += is_dpop(&fields[at]);
        }
    }
    headers = ngx_palloc(r->pool, (count + 1) * sizeof *headers);
    values = ngx_palloc(r->pool, (proofs + 1) * sizeof *values);
    if (headers == NULL || values == NULL) {
        return NGX_ERROR;
    }
    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        fields = part->elts;
        for (at = 0; at < part->nelts; at++) {
            headers[written].name = cm_bytes(&fields[at].key);
            headers[written++].value = cm_bytes(&fields[at].value);
            if (is_dpop(&fields[at])) {
                values[shown++] = trimmed(&fields[at].value);
            }
        }
    }
    *evidence = cmk_evidence_of(headers, count);
    evidence->proofs = values;
    evidence->proof_count = proofs;
    return NGX_OK;
}

/* The client's own method: where nginx goes on inside (error_page, X-Accel-Redirect) it turns r->method_name into GET. Over HTTP/2 nginx
 * writes such a line itself. */
static cmk_bytes read_method(const ngx_http_request_t *r) {
    const ngx_str_t *line = &r->request_line;
    u_char *space = line->len == 0 ? NULL : ngx_strlchr(line->data, line->data + line->len, ' ');
    return space == NULL ? cm_bytes(&r->method_name) : cmk_bytes_of(line->data, (size_t)(space - line->data));
}

/* The origin that the configuration names, and the target as it came: what the client wrote into its Host field says nothing. The
 * library leaves query and fragment out. */
static ngx_int_t read_target(ngx_http_request_t *r, const cm_dpop_t *dpop, cmk_evidence *evidence) {
    u_char *uri = ngx_pnalloc(r->pool, dpop->origin.len + r->unparsed_uri.len);
    if (uri == NULL) {
        return NGX_ERROR;
    }
    ngx_memcpy(uri, dpop->origin.data, dpop->origin.len);
    ngx_memcpy(uri + dpop->origin.len, r->unparsed_uri.data, r->unparsed_uri.len);
    evidence->uri = cmk_bytes_of(uri, dpop->origin.len + r->unparsed_uri.len);
    evidence->method = read_method(r);
    return NGX_OK;
}

/* That of the handshake, which proved it; nginx gives it as PEM. */
static ngx_int_t read_certificate(ngx_http_request_t *r, cmk_evidence *evidence) {
    cm_main_t *globals = ngx_http_get_module_main_conf(r, ngx_http_countermark_module);
    ngx_http_variable_value_t *value = ngx_http_get_indexed_variable(r, (ngx_uint_t)globals->certificate_index);
    cmk_certificate *certificate;
    if (value == NULL || value->not_found || value->len == 0) {
        return NGX_OK;
    }
    certificate = ngx_palloc(r->pool, sizeof *certificate);
    if (certificate == NULL) {
        return NGX_ERROR;
    }
    /* OpenSSL made the text; were it not readable, the token would count as shown without one, and be refused. */
    if (cmk_certificate_of_pem(cmk_bytes_of(value->data, value->len), certificate) == CMK_OK) {
        evidence->certificate_digest = cmk_bytes_of(certificate->digest, sizeof certificate->digest);
    }
    return NGX_OK;
}

static ngx_int_t read_known(ngx_http_request_t *r, ngx_http_complex_value_t *value, cmk_bytes *text) {
    ngx_str_t found;
    if (value == NULL) {
        return NGX_OK;
    }
    if (ngx_http_complex_value(r, value, &found) != NGX_OK) {
        return NGX_ERROR;
    }
    *text = cm_bytes(&found);
    return NGX_OK;
}

/* A page tells at most as much as fits into nginx's buffers for fields; what the library does not take is the client's fault. */
static ngx_int_t read_page(ngx_http_request_t *r, cm_collector_t *collector, cmk_evidence *evidence, int32_t *status) {
    size_t most;
    cmk_component *components;
    cmk_collected found;
    ngx_str_t document;
    u_char *scratch, *values;
    if (ngx_http_complex_value(r, &collector->document, &document) != NGX_OK) {
        return NGX_ERROR;
    }
    if (document.len == 0) {
        return NGX_OK;
    }
    most = ngx_min(document.len, 1024 + 64); /* the longest list that the library takes, and single values */
    components = ngx_palloc(r->pool, most * sizeof *components);
    scratch = ngx_palloc(r->pool, CMK_COLLECT_SCRATCH_BYTES);
    values = ngx_pnalloc(r->pool, 3 * document.len);
    if (components == NULL || scratch == NULL || values == NULL) {
        return NGX_ERROR;
    }
    *status = cmk_collect(collector->number, cm_bytes(&document), scratch, CMK_COLLECT_SCRATCH_BYTES, values, 3 * document.len,
                          components, most, &found);
    if (*status == CMK_BUFFER_TOO_SMALL) {
        *status = CMK_COLLECTOR_MALFORMED; /* more elements than a page has */
    }
    evidence->components = components;
    evidence->component_count = found.count;
    return NGX_OK;
}

ngx_int_t cm_evidence(ngx_http_request_t *r, cm_conf_t *conf, cmk_evidence *evidence, int32_t *status) {
    *status = CMK_OK;
    if (read_fields(r, evidence) != NGX_OK) {
        return NGX_ERROR;
    }
    /* realip has put the client's own address here, where it is used. A client of a UNIX socket has none. */
    if (r->connection->sockaddr->sa_family != AF_UNIX) {
        evidence->address = cm_bytes(&r->connection->addr_text);
    }
    if (conf->dpop != NULL && read_target(r, conf->dpop, evidence) != NGX_OK) {
        return NGX_ERROR;
    }
    if (conf->certificate && read_certificate(r, evidence) != NGX_OK) {
        return NGX_ERROR;
    }
    if (conf->collector != NULL && read_page(r, conf->collector, evidence, status) != NGX_OK) {
        return NGX_ERROR;
    }
    if (read_known(r, conf->known[CM_ASN], &evidence->asn) != NGX_OK
        || read_known(r, conf->known[CM_COUNTRY], &evidence->country) != NGX_OK
        || read_known(r, conf->known[CM_ORGANISATION], &evidence->organisation) != NGX_OK) {
        return NGX_ERROR;
    }
    return read_known(r, conf->known[CM_ISP], &evidence->isp);
}
