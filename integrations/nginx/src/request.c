/* A request in the access phase: count its address, find its token, verify, use up its proof, count its claims. In this order,
 * and the first that fails ends it. */
#include "module.h"

static void forget(void *data) {
    cm_verdict_t *verdict = data;
    cmk_wipe(&verdict->claims, sizeof verdict->claims);
}

/* An internal redirect clears the request's contexts but keeps its pool, where the clean-up still finds the verdict. */
cm_verdict_t *cm_verdict(ngx_http_request_t *r) {
    cm_verdict_t *verdict = ngx_http_get_module_ctx(r, ngx_http_countermark_module);
    ngx_pool_cleanup_t *cleanup;
    if (verdict != NULL) {
        return verdict;
    }
    for (cleanup = r->pool->cleanup; cleanup != NULL; cleanup = cleanup->next) {
        if (cleanup->handler == forget) {
            ngx_http_set_ctx(r, cleanup->data, ngx_http_countermark_module);
            return cleanup->data;
        }
    }
    return NULL;
}

static cm_verdict_t *begin(ngx_http_request_t *r) {
    cm_verdict_t *verdict = cm_verdict(r);
    ngx_pool_cleanup_t *cleanup;
    if (verdict != NULL) {
        return verdict;
    }
    cleanup = ngx_pool_cleanup_add(r->pool, sizeof *verdict);
    if (cleanup == NULL) {
        return NULL;
    }
    cleanup->handler = forget;
    ngx_memzero(cleanup->data, sizeof *verdict);
    ngx_http_set_ctx(r, cleanup->data, ngx_http_countermark_module);
    return cleanup->data;
}

/* What a verdict that is not the verifier's looks like. */
static void end(cm_verdict_t *verdict, int32_t status, uint64_t failure) {
    ngx_memzero(&verdict->claims, sizeof verdict->claims);
    ngx_memzero(&verdict->report, sizeof verdict->report);
    verdict->report.status = status;
    verdict->report.failures = failure;
    verdict->report.similarity = verdict->report.unmet = -1;
    verdict->status = status;
}

static int64_t now_ms(void) {
    ngx_time_t *time = ngx_timeofday();
    return (int64_t)time->sec * 1000 + (int64_t)time->msec;
}

/* One call for all charges: they are taken together or not at all. */
static int32_t admit(cm_verdict_t *verdict, const cm_limit_t *limits, const cmk_charge *charges, size_t count) {
    int32_t status;
    if (count == 0) {
        return CMK_OK;
    }
    status = cmk_throttle_admit(&limits[0].zone->view.throttle, charges, count, now_ms(), &verdict->retry_after);
    if (status != CMK_OK) {
        end(verdict, status, status == CMK_RATE_LIMITED ? CMK_FAILED_RATE_LIMITED
                             : status == CMK_THROTTLE_FULL ? CMK_FAILED_THROTTLE_FULL : 0);
    }
    return status;
}

/* A request that is redirected inside nginx counts once for each location's limits. What they refused has not been let through, so it
 * is asked again where a location that passes sends it on. */
static int32_t count_address(ngx_http_request_t *r, const cm_conf_t *conf, cm_verdict_t *verdict) {
    cmk_charge charges[CMK_CHARGES_MAX];
    const cm_limit_t *limits;
    size_t count = 0;
    ngx_uint_t at;
    int32_t status;
    if (conf->limits == NULL || verdict->counted == conf->limits) {
        return CMK_OK;
    }
    limits = conf->limits->elts;
    for (at = 0; at < conf->limits->nelts; at++) {
        if (limits[at].claim.len == 0) {
            charges[count] = cmk_charge_of_address(cm_bytes(&limits[at].scope), cm_bytes(&r->connection->addr_text),
                                                   limits[at].requests, limits[at].seconds, limits[at].burst);
            /* The peers of a UNIX socket are counted together. */
            charges[count++].is_name = r->connection->sockaddr->sa_family == AF_UNIX;
        }
    }
    status = admit(verdict, limits, charges, count);
    if (status == CMK_OK) {
        verdict->counted = conf->limits;
    }
    return status;
}

/* The text of a claim, or its JSON where it is none. */
static int32_t read_name(ngx_http_request_t *r, const cm_verdict_t *verdict, const ngx_str_t *claim, cmk_bytes *name) {
    cmk_value value;
    cmk_bytes json;
    u_char *buffer;
    if (cmk_claims_at(&verdict->claims, cm_bytes(claim), &value) != CMK_OK || cmk_value_json(&value, &json) != CMK_OK) {
        return CMK_CLAIM_REQUIRED;
    }
    buffer = ngx_pnalloc(r->pool, json.len);
    if (buffer == NULL) {
        return CMK_BUFFER_TOO_SMALL;
    }
    if (cmk_value_text(&value, buffer, json.len, name) != CMK_OK) {
        ngx_memcpy(buffer, json.ptr, json.len);
        *name = cmk_bytes_of(buffer, json.len);
    }
    return CMK_OK;
}

/* A token without the claim would escape the limit, so it is refused. */
static int32_t count_claims(ngx_http_request_t *r, const cm_conf_t *conf, cm_verdict_t *verdict) {
    cmk_charge charges[CMK_CHARGES_MAX];
    const cm_limit_t *limits;
    cmk_bytes name;
    size_t count = 0;
    ngx_uint_t at;
    int32_t status;
    if (conf->limits == NULL || verdict->named == conf->limits) {
        return CMK_OK;
    }
    limits = conf->limits->elts;
    for (at = 0; at < conf->limits->nelts; at++) {
        if (limits[at].claim.len == 0) {
            continue;
        }
        status = read_name(r, verdict, &limits[at].claim, &name);
        if (status != CMK_OK) {
            end(verdict, status, status == CMK_CLAIM_REQUIRED ? CMK_FAILED_CLAIM_REQUIRED : 0);
            return status;
        }
        charges[count++] = cmk_charge_of_name(cm_bytes(limits[at].scope.len == 0 ? &limits[at].claim : &limits[at].scope), name,
                                              limits[at].requests, limits[at].seconds, limits[at].burst);
    }
    status = admit(verdict, limits, charges, count);
    if (status == CMK_OK) {
        verdict->named = conf->limits;
    }
    return status;
}

/* The scratch holds the claims for as long as the request lives, so it comes from the pool, no larger than this token needs. */
static void *scratch_for(ngx_http_request_t *r, const cm_conf_t *conf, cmk_bytes token, const cmk_evidence *evidence, size_t *bytes) {
    size_t proof = evidence->proof_count == 1 ? evidence->proofs[0].len : 0;
    if (cmk_scratch_bytes(conf->verifier, ngx_min(token.len, conf->token_bytes), bytes) != CMK_OK) {
        return NULL;
    }
    if (conf->dpop != NULL) {
        *bytes += CMK_SCRATCH_BYTES(ngx_min(proof, 8192));
    }
    return ngx_palloc(r->pool, *bytes);
}

/* Each proof serves one request; this one may come here again by a redirect inside nginx. */
static void use_proof(const cm_conf_t *conf, cm_verdict_t *verdict, int64_t now) {
    cmk_use *use = &verdict->report.to_commit;
    int32_t status;
    if (use->expires_at == 0) {
        /* Under the scheme DPoP a token is served for its proof, and for nothing else (RFC 9449 7.1). */
        if (verdict->scheme == CMK_DPOP) {
            end(verdict, CMK_POSSESSION_UNBOUND, CMK_FAILED_POSSESSION_UNBOUND);
        }
        return;
    }
    if (verdict->used.expires_at != 0 && ngx_memcmp(verdict->used.digest, use->digest, sizeof use->digest) == 0) {
        return;
    }
    status = cmk_replay_commit(&conf->dpop->zone->view.replay, use, now);
    if (status == CMK_OK) {
        verdict->used = *use;
    } else {
        end(verdict, status, status == CMK_REPLAYED ? CMK_FAILED_REPLAYED : status == CMK_REPLAY_FULL ? CMK_FAILED_REPLAY_FULL : 0);
    }
}

/* What follows the question mark as it came: a rewrite may have changed r->args. */
static cmk_bytes query_of(const ngx_http_request_t *r) {
    u_char *end = r->unparsed_uri.data + r->unparsed_uri.len, *mark = ngx_strlchr(r->unparsed_uri.data, end, '?'), *fragment;
    if (mark == NULL) {
        return cmk_none();
    }
    fragment = ngx_strlchr(mark, end, '#');
    return cmk_bytes_of(mark + 1, (size_t)((fragment == NULL ? end : fragment) - mark - 1));
}

/* NGX_ERROR: no memory. */
static ngx_int_t judge(ngx_http_request_t *r, cm_conf_t *conf, cm_verdict_t *verdict) {
    int64_t now = (int64_t)ngx_time();
    cmk_evidence evidence;
    cmk_credentials found;
    cmk_request request;
    void *scratch;
    size_t bytes;
    int32_t status;
    verdict->conf = conf;
    /* Until there is a verdict it is none that lets anybody in. */
    end(verdict, CMK_NOT_INITIALIZED, 0);
    /* Without a token: the challenge names the scheme that would do. */
    verdict->scheme = conf->dpop != NULL && conf->combination == CMK_ALL_OF ? CMK_DPOP : CMK_BEARER;
    verdict->retry_after = 0;
    if (count_address(r, conf, verdict) != CMK_OK) {
        return NGX_OK;
    }
    if (cm_evidence(r, conf, &evidence, &status) != NGX_OK) {
        return NGX_ERROR;
    }
    if (status == CMK_OK) {
        status = cmk_find(conf->source, evidence.headers, evidence.header_count, query_of(r), &found);
    }
    if (status != CMK_OK) {
        end(verdict, status, 0);
        return NGX_OK;
    }
    verdict->scheme = evidence.scheme = found.scheme;
    scratch = scratch_for(r, conf, found.token, &evidence, &bytes);
    if (scratch == NULL) {
        return NGX_ERROR;
    }
    request = cmk_request_at(found.token, now);
    request.evidence = &evidence;
    verdict->status = cmk_verify(conf->verifier, &request, scratch, bytes, &verdict->claims, &verdict->report);
    if (verdict->status == CMK_OK) {
        use_proof(conf, verdict, now);
    }
    if (verdict->status == CMK_OK) {
        (void)count_claims(r, conf, verdict);
    }
    return NGX_OK;
}

ngx_int_t cm_access(ngx_http_request_t *r) {
    cm_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_countermark_module);
    cm_verdict_t *verdict;
    ngx_uint_t level;
    if (conf->mode == CM_OFF) {
        return NGX_DECLINED;
    }
    verdict = begin(r);
    if (verdict == NULL || judge(r, conf, verdict) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (verdict->status == CMK_OK) {
        return conf->mode == CM_DENY ? NGX_OK : NGX_DECLINED;
    }
    /* Names and sentences only: neither token nor proof belongs into a log. */
    level = cm_http_status(verdict) == NGX_HTTP_INTERNAL_SERVER_ERROR ? NGX_LOG_ERR : NGX_LOG_INFO;
    ngx_log_error(level, r->connection->log, 0, "countermark: %s: %s", cmk_status_name(verdict->status),
                  cmk_status_sentence(verdict->status));
    return conf->mode == CM_DENY ? cm_answer(r, verdict) : NGX_DECLINED;
}
