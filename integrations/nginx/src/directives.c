/* The directives about the token itself. Each is checked on its own line. */
#include "module.h"

char *cm_set_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t words[] = {
        {ngx_string("off"), CM_OFF}, {ngx_string("deny"), CM_DENY}, {ngx_string("pass"), CM_PASS}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    int32_t mode = cm_word(words, &arguments[1]);
    (void)cmd;
    if (local->mode != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }
    if (mode < 0) {
        return cm_refused(cf, "neither off nor deny nor pass:", &arguments[1], CMK_OK);
    }
    local->mode = (ngx_uint_t)mode;
    local->place = cm_place(cf);
    return NGX_CONF_OK;
}

/* A list of texts: issuers, audiences, claims, acr. `off` alone empties one that is inherited. */
char *cm_set_list(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    ngx_array_t **list = (ngx_array_t **)((char *)conf + cmd->offset);
    ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at;
    if (*list != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (cf->args->nelts == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        *list = NULL;
        return NGX_CONF_OK;
    }
    if (cf->args->nelts - 1 > CMK_NAMES_MAX) {
        return "has more than eight values";
    }
    *list = ngx_array_create(cf->pool, cf->args->nelts, sizeof(cmk_bytes));
    for (at = 1; *list != NULL && at < cf->args->nelts; at++) {
        cmk_bytes *text = ngx_array_push(*list);
        if (text == NULL) {
            return NGX_CONF_ERROR;
        }
        if (arguments[at].len == 0) {
            return "has an empty value";
        }
        *text = cm_bytes(&arguments[at]);
    }
    return *list == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}

char *cm_set_algorithms(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at;
    (void)cmd;
    if (local->algorithms != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (cf->args->nelts - 1 > CMK_LIST_MAX) {
        return "has more than sixteen values";
    }
    local->algorithms = ngx_array_create(cf->pool, cf->args->nelts, sizeof(int32_t));
    for (at = 1; local->algorithms != NULL && at < cf->args->nelts; at++) {
        int32_t *algorithm = ngx_array_push(local->algorithms);
        if (algorithm == NULL) {
            return NGX_CONF_ERROR;
        }
        *algorithm = cm_algorithm(&arguments[at]);
        if (*algorithm < 0) {
            return cm_refused(cf, "no algorithm of this build:", &arguments[at], CMK_OK);
        }
    }
    return local->algorithms == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}

/* Where the token is looked for: one place and no other (RFC 6750 2). */
char *cm_set_token(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_str_t name;
    (void)cmd;
    if (local->source != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    local->source = ngx_palloc(cf->pool, sizeof *local->source);
    if (local->source == NULL) {
        return NGX_CONF_ERROR;
    }
    *local->source = cmk_source_authorization();
    if (ngx_strcmp(arguments[1].data, "authorization") == 0) {
        return NGX_CONF_OK;
    }
    local->source->ignore_authorization = 1;
    if (cm_option(&arguments[1], "cookie", &name) && name.len != 0) {
        local->source->cookie = cm_bytes(&name);
        return NGX_CONF_OK;
    }
    if (cm_option(&arguments[1], "argument", &name) && name.len != 0) {
        local->source->argument = cm_bytes(&name);
        return NGX_CONF_OK;
    }
    return cm_refused(cf, "neither authorization nor cookie=NAME nor argument=NAME:", &arguments[1], CMK_OK);
}

/* What the host looks up by the client's address, as a value with variables. */
char *cm_set_known(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t words[] = {
        {ngx_string("asn"), CM_ASN}, {ngx_string("country"), CM_COUNTRY}, {ngx_string("organisation"), CM_ORGANISATION},
        {ngx_string("isp"), CM_ISP}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_http_compile_complex_value_t compile;
    ngx_http_complex_value_t *value;
    int32_t which = cm_word(words, &arguments[1]);
    (void)cmd;
    if (which < 0) {
        return cm_refused(cf, "neither asn nor country nor organisation nor isp:", &arguments[1], CMK_OK);
    }
    if (local->known[which] != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    value = ngx_pcalloc(cf->pool, sizeof *value);
    if (value == NULL) {
        return NGX_CONF_ERROR;
    }
    ngx_memzero(&compile, sizeof compile);
    compile.cf = cf;
    compile.value = &arguments[2];
    compile.complex_value = value;
    local->known[which] = value;
    return ngx_http_compile_complex_value(&compile) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* What a token must be allowed: PATH TEST VALUE... */
char *cm_set_right(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t tests[] = {
        {ngx_string("all_of"), CMK_RULE_ALL_OF}, {ngx_string("any_of"), CMK_RULE_ANY_OF},
        {ngx_string("none_of"), CMK_RULE_NONE_OF}, {ngx_string("<"), CMK_RULE_LESS},
        {ngx_string("<="), CMK_RULE_LESS_OR_EQUAL}, {ngx_string("="), CMK_RULE_EQUAL},
        {ngx_string(">="), CMK_RULE_GREATER_OR_EQUAL}, {ngx_string(">"), CMK_RULE_GREATER}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at, count = cf->args->nelts;
    cmk_bytes *values;
    cmk_rule *rule;
    (void)cmd;
    if (count == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        if (local->rights != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }
        local->rights = NULL;
        return NGX_CONF_OK;
    }
    if (count < 4 || local->rights == NULL) {
        return "takes a claim's path, a test and values, or off alone";
    }
    if (local->rights == NGX_CONF_UNSET_PTR) {
        local->rights = ngx_array_create(cf->pool, 4, sizeof(cmk_rule));
    }
    rule = local->rights == NULL ? NULL : ngx_array_push(local->rights);
    values = ngx_palloc(cf->pool, count * sizeof *values);
    if (rule == NULL || values == NULL) {
        return NGX_CONF_ERROR;
    }
    ngx_memzero(rule, sizeof *rule);
    rule->path = cm_bytes(&arguments[1]);
    rule->test = cm_word(tests, &arguments[2]);
    if (rule->test < 0) {
        return cm_refused(cf, "neither all_of nor any_of nor none_of nor a comparison:", &arguments[2], CMK_OK);
    }
    if (rule->test >= CMK_RULE_LESS) {
        ngx_int_t number = ngx_atoi(arguments[3].data, arguments[3].len);
        rule->number = number;
        return number == NGX_ERROR || count != 4 ? cm_refused(cf, "not one natural number:", &arguments[3], CMK_OK)
                                                 : NGX_CONF_OK;
    }
    for (at = 3; at < count; at++) {
        values[at - 3] = cm_bytes(&arguments[at]);
    }
    rule->values = values;
    rule->value_count = count - 3;
    return NGX_CONF_OK;
}
