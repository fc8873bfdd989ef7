/* A location's members become one verifier. Whatever is wrong with them together fails here, before anything is served. */
#include "module.h"

static void wipe(void *data) {
    (void)cmk_verifier_wipe(data);
}

static void list(const ngx_array_t *from, const cmk_bytes **texts, size_t *count) {
    if (from != NULL) {
        *texts = from->elts;
        *count = from->nelts;
    }
}

static cmk_policy policy_of(const cm_conf_t *conf) {
    cmk_policy policy = cmk_policy_strict();
    list(conf->issuers, &policy.issuers, &policy.issuer_count);
    list(conf->audiences, &policy.audiences, &policy.audience_count);
    list(conf->require, &policy.require, &policy.require_count);
    list(conf->acr, &policy.acr, &policy.acr_count);
    if (conf->algorithms != NULL) {
        policy.algs = conf->algorithms->elts;
        policy.alg_count = conf->algorithms->nelts;
    }
    if (conf->rights != NULL) {
        policy.rules = conf->rights->elts;
        policy.rule_count = conf->rights->nelts;
    }
    policy.typ = conf->typ.len == 0 ? cmk_none() : cm_bytes(&conf->typ);
    policy.flags = conf->any_audience ? CMK_ANY_AUDIENCE : 0;
    policy.leeway = (uint32_t)conf->leeway;
    policy.max_age = (uint32_t)conf->max_age;
    policy.auth_max_age = (uint32_t)conf->auth_max_age;
    policy.token_bytes = (uint32_t)conf->token_bytes;
    policy.shape = (int32_t)conf->shape;
    policy.combination = (int32_t)conf->combination;
    policy.certificate = conf->certificate ? 1 : 0;
    policy.dpop = conf->dpop == NULL ? NULL : &conf->dpop->rules;
    if (conf->fingerprint != NULL && conf->fingerprint->is_sketch) {
        policy.sketch = &conf->fingerprint->sketch;
    } else if (conf->fingerprint != NULL) {
        policy.digest = &conf->fingerprint->recipe;
    }
    return policy;
}

static char *look_at(cm_zone_t *zone, cmk_verifier *verifier) {
    cmk_verifier **place;
    if (zone == NULL) {
        return NGX_CONF_OK;
    }
    place = ngx_array_push(&zone->verifiers);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }
    *place = verifier;
    return NGX_CONF_OK;
}

/* What a location accepts, its revocations must outlast. */
static void remember(ngx_conf_t *cf, const cm_conf_t *conf) {
    cm_zone_t *zone = conf->revocation;
    /* So much longer a token is accepted than its exp says, and so much longer it must be known as revoked. */
    zone->leeway = ngx_max(zone->leeway, conf->leeway);
    /* A subject's logout is forgotten after the life. An older token would then be good again. Once for each zone: locations inherit. */
    if (!zone->warned && (conf->max_age == 0 || conf->max_age + conf->leeway > (time_t)zone->life)) {
        zone->warned = 1;
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "countermark: the zone \"%V\" forgets after %uDs, and no countermark_max_age (with the leeway) keeps tokens from "
                      "living longer in %V:%ui",
                      &zone->name, zone->life, &conf->place.file, conf->place.line);
    }
}

/* Bounds that the library's 32 bits would cut off. */
static ngx_uint_t in_range(const cm_conf_t *conf) {
    return conf->leeway <= INT32_MAX && conf->max_age <= INT32_MAX && conf->auth_max_age <= INT32_MAX
        && conf->token_bytes <= INT32_MAX;
}

char *cm_build(ngx_conf_t *cf, cm_conf_t *conf) {
    cm_main_t *globals = ngx_http_conf_get_module_main_conf(cf, ngx_http_countermark_module);
    ngx_str_t certificate = ngx_string("ssl_client_raw_cert");
    ngx_pool_cleanup_t *cleanup;
    cmk_policy policy = policy_of(conf);
    int32_t status;
    if (conf->keys == NULL || conf->keys->count == 0) {
        return cm_refused_at(cf, &conf->place, "no countermark_keys for what is protected", CMK_OK);
    }
    if (!in_range(conf)) {
        return cm_refused_at(cf, &conf->place, "a time or size of the location", CMK_LIMIT_RANGE);
    }
    if (conf->certificate && globals->certificate_index == NGX_ERROR) {
        globals->certificate_index = ngx_http_get_variable_index(cf, &certificate);
    }
    conf->verifier = ngx_pcalloc(cf->pool, sizeof *conf->verifier);
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (conf->verifier == NULL || cleanup == NULL || (conf->certificate && globals->certificate_index == NGX_ERROR)
        || cm_prepare(cf, conf->keys) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    status = cmk_verifier_init(conf->verifier, conf->keys->sets, conf->keys->count, &policy);
    cleanup->handler = wipe;
    cleanup->data = conf->verifier;
    if (status == CMK_OK && conf->keys->prepared != NULL) {
        status = cmk_verifier_use_prepared(conf->verifier, conf->keys->prepared, conf->keys->prepared_bytes);
    }
    if (status != CMK_OK) {
        return cm_refused_at(cf, &conf->place, "the location's rules do not go together", status);
    }
    if (conf->source == NULL) {
        conf->source = ngx_palloc(cf->pool, sizeof *conf->source);
        if (conf->source == NULL) {
            return NGX_CONF_ERROR;
        }
        *conf->source = cmk_source_authorization();
    }
    if (look_at(conf->revocation, conf->verifier) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    if (conf->revocation != NULL) {
        remember(cf, conf);
    }
    return look_at(conf->cache, conf->verifier);
}
