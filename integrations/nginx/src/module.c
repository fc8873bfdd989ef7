/* What nginx sees of the module: its directives, how locations inherit them, and its place among the phases. */
#include "module.h"

#define CM_ANYWHERE NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF
#define CM_LOCAL(name, arguments, set, member) \
    { ngx_string("countermark" name), CM_ANYWHERE | (arguments), set, NGX_HTTP_LOC_CONF_OFFSET, offsetof(cm_conf_t, member), NULL }
#define CM_CHOICE(name, member, words) \
    { ngx_string("countermark" name), CM_ANYWHERE | NGX_CONF_TAKE1, ngx_conf_set_enum_slot, NGX_HTTP_LOC_CONF_OFFSET, \
      offsetof(cm_conf_t, member), words }
#define CM_GLOBAL(name, arguments, set) \
    { ngx_string("countermark" name), NGX_HTTP_MAIN_CONF | (arguments), set, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL }

static ngx_conf_enum_t combinations[] = {
    {ngx_string("all"), CMK_ALL_OF},
    {ngx_string("any"), CMK_ANY_OF},
    {ngx_string("if_bound"), CMK_IF_BOUND},
    {ngx_string("fingerprint_unless_possession"), CMK_FINGERPRINT_UNLESS_POSSESSION},
    {ngx_null_string, 0},
};

static ngx_conf_enum_t shapes[] = {
    {ngx_string("signed"), CMK_SIGNED},
    {ngx_string("signed-then-encrypted"), CMK_SIGNED_THEN_ENCRYPTED},
    {ngx_string("encrypted-then-signed"), CMK_ENCRYPTED_THEN_SIGNED},
    {ngx_null_string, 0},
};

/* 0 would be the library's usual size there, and no room for a token here. */
static char *no_zero(ngx_conf_t *cf, void *post, void *data) {
    (void)cf;
    (void)post;
    return *(size_t *)data == 0 ? "is 0, and no token is so short" : NGX_CONF_OK;
}

static ngx_conf_post_t token_size = {no_zero};

/* The README says what each does. */
ngx_command_t cm_commands[] = {
    CM_LOCAL("", NGX_CONF_TAKE1, cm_set_mode, mode),
    CM_LOCAL("_keys", NGX_CONF_2MORE, cm_set_keys, keys),
    CM_LOCAL("_issuer", NGX_CONF_1MORE, cm_set_list, issuers),
    CM_LOCAL("_audience", NGX_CONF_1MORE, cm_set_list, audiences),
    CM_LOCAL("_any_audience", NGX_CONF_FLAG, ngx_conf_set_flag_slot, any_audience),
    CM_LOCAL("_require", NGX_CONF_1MORE, cm_set_list, require),
    CM_LOCAL("_acr", NGX_CONF_1MORE, cm_set_acr, acr),
    CM_LOCAL("_algorithms", NGX_CONF_1MORE, cm_set_algorithms, algorithms),
    CM_LOCAL("_typ", NGX_CONF_TAKE1, ngx_conf_set_str_slot, typ),
    CM_LOCAL("_leeway", NGX_CONF_TAKE1, ngx_conf_set_sec_slot, leeway),
    CM_LOCAL("_max_age", NGX_CONF_TAKE1, ngx_conf_set_sec_slot, max_age),
    CM_LOCAL("_auth_max_age", NGX_CONF_TAKE1, ngx_conf_set_sec_slot, auth_max_age),
    { ngx_string("countermark_token_size"), CM_ANYWHERE | NGX_CONF_TAKE1, ngx_conf_set_size_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(cm_conf_t, token_bytes), &token_size },
    CM_CHOICE("_shape", shape, shapes),
    CM_LOCAL("_token", NGX_CONF_TAKE1, cm_set_token, source),
    CM_LOCAL("_realm", NGX_CONF_TAKE1, ngx_conf_set_str_slot, realm),
    CM_LOCAL("_right", NGX_CONF_1MORE, cm_set_right, rights),
    CM_LOCAL("_fingerprint", NGX_CONF_1MORE, cm_set_fingerprint, fingerprint),
    CM_LOCAL("_known", NGX_CONF_TAKE2, cm_set_known, known),
    CM_LOCAL("_collector", NGX_CONF_TAKE2, cm_set_collector, collector),
    CM_LOCAL("_dpop", NGX_CONF_1MORE, cm_set_dpop, dpop),
    CM_LOCAL("_certificate", NGX_CONF_FLAG, ngx_conf_set_flag_slot, certificate),
    CM_CHOICE("_combination", combination, combinations),
    CM_LOCAL("_throttle", NGX_CONF_1MORE, cm_set_throttle, limits),
    CM_LOCAL("_revocation", NGX_CONF_TAKE1, cm_set_table, revocation),
    CM_LOCAL("_cache", NGX_CONF_TAKE1, cm_set_table, cache),
    { ngx_string("countermark_revoke"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, cm_set_revoke, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    CM_GLOBAL("_zone", NGX_CONF_TAKE3 | NGX_CONF_TAKE4, cm_set_zone),
    CM_GLOBAL("_claim", NGX_CONF_TAKE2, cm_set_claim),
    ngx_null_command,
};

static void *create_main(ngx_conf_t *cf) {
    cm_main_t *globals = ngx_pcalloc(cf->pool, sizeof *globals);
    if (globals == NULL || ngx_array_init(&globals->zones, cf->pool, 4, sizeof(cm_zone_t *)) != NGX_OK) {
        return NULL;
    }
    globals->certificate_index = NGX_ERROR;
    return globals;
}

static void *create_local(ngx_conf_t *cf) {
    cm_conf_t *conf = ngx_pcalloc(cf->pool, sizeof *conf);
    size_t at;
    if (conf == NULL) {
        return NULL;
    }
    conf->mode = NGX_CONF_UNSET_UINT;
    conf->keys = NGX_CONF_UNSET_PTR;
    conf->issuers = conf->audiences = conf->require = conf->acr = conf->algorithms = NGX_CONF_UNSET_PTR;
    conf->rights = conf->limits = NGX_CONF_UNSET_PTR;
    conf->any_audience = conf->certificate = NGX_CONF_UNSET;
    conf->leeway = conf->max_age = conf->auth_max_age = NGX_CONF_UNSET;
    conf->token_bytes = NGX_CONF_UNSET_SIZE;
    conf->combination = conf->shape = NGX_CONF_UNSET_UINT;
    conf->source = NGX_CONF_UNSET_PTR;
    conf->fingerprint = NGX_CONF_UNSET_PTR;
    conf->collector = NGX_CONF_UNSET_PTR;
    conf->dpop = NGX_CONF_UNSET_PTR;
    conf->revocation = conf->cache = NGX_CONF_UNSET_PTR;
    for (at = 0; at < 4; at++) {
        conf->known[at] = NGX_CONF_UNSET_PTR;
    }
    return conf;
}

static char *merge_local(ngx_conf_t *cf, void *parent, void *child) {
    cm_conf_t *above = parent, *conf = child;
    size_t at;
    if (conf->mode == NGX_CONF_UNSET_UINT) {
        conf->place = above->place;
    }
    ngx_conf_merge_uint_value(conf->mode, above->mode, CM_OFF);
    ngx_conf_merge_ptr_value(conf->keys, above->keys, NULL);
    ngx_conf_merge_ptr_value(conf->issuers, above->issuers, NULL);
    ngx_conf_merge_ptr_value(conf->audiences, above->audiences, NULL);
    ngx_conf_merge_ptr_value(conf->require, above->require, NULL);
    ngx_conf_merge_ptr_value(conf->acr, above->acr, NULL);
    ngx_conf_merge_ptr_value(conf->algorithms, above->algorithms, NULL);
    ngx_conf_merge_ptr_value(conf->rights, above->rights, NULL);
    ngx_conf_merge_ptr_value(conf->limits, above->limits, NULL);
    ngx_conf_merge_value(conf->any_audience, above->any_audience, 0);
    ngx_conf_merge_value(conf->certificate, above->certificate, 0);
    ngx_conf_merge_sec_value(conf->leeway, above->leeway, 0);
    ngx_conf_merge_sec_value(conf->max_age, above->max_age, 0);
    ngx_conf_merge_sec_value(conf->auth_max_age, above->auth_max_age, 0);
    ngx_conf_merge_size_value(conf->token_bytes, above->token_bytes, 8192);
    ngx_conf_merge_uint_value(conf->combination, above->combination, CMK_ALL_OF);
    ngx_conf_merge_uint_value(conf->shape, above->shape, CMK_SIGNED);
    ngx_conf_merge_str_value(conf->typ, above->typ, "");
    ngx_conf_merge_str_value(conf->realm, above->realm, "");
    ngx_conf_merge_ptr_value(conf->source, above->source, NULL);
    ngx_conf_merge_ptr_value(conf->fingerprint, above->fingerprint, NULL);
    ngx_conf_merge_ptr_value(conf->collector, above->collector, NULL);
    ngx_conf_merge_ptr_value(conf->dpop, above->dpop, NULL);
    ngx_conf_merge_ptr_value(conf->revocation, above->revocation, NULL);
    ngx_conf_merge_ptr_value(conf->cache, above->cache, NULL);
    for (at = 0; at < 4; at++) {
        ngx_conf_merge_ptr_value(conf->known[at], above->known[at], NULL);
    }
    /* An `if` inside the location keeps its handler, but brings a configuration of its own. */
    conf->revoke = conf->revoke == NULL ? above->revoke : conf->revoke;
    return conf->mode == CM_OFF ? NGX_CONF_OK : cm_build(cf, conf);
}

static ngx_int_t start(ngx_conf_t *cf) {
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *handler = ngx_array_push(&core->phases[NGX_HTTP_ACCESS_PHASE].handlers);
    if (handler == NULL) {
        return NGX_ERROR;
    }
    *handler = cm_access;
    return NGX_OK;
}

static ngx_http_module_t context = {
    cm_add_variables, start, create_main, NULL, NULL, NULL, create_local, merge_local,
};

ngx_module_t ngx_http_countermark_module = {
    NGX_MODULE_V1, &context, cm_commands, NGX_HTTP_MODULE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NGX_MODULE_V1_PADDING,
};
