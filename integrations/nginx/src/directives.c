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

/* As cm_set_list; a refusal names the values, with spaces between them (RFC 9470 3). */
char *cm_set_acr(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    const ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at;
    size_t byte;
    for (at = 1; at < cf->args->nelts; at++) {
        for (byte = 0; byte < arguments[at].len; byte++) {
            if (arguments[at].data[byte] <= ' ' || arguments[at].data[byte] == 0x7f) {
                return "has a value with a space or a control character";
            }
        }
    }
    return cm_set_list(cf, cmd, conf);
}

char *cm_set_algorithms(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_uint_t at;
    (void)cmd;
    if (local->algorithms != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (cf->args->nelts == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        local->algorithms = NULL;
        return NGX_CONF_OK;
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

static char *compile(ngx_conf_t *cf, ngx_str_t *text, ngx_http_complex_value_t *value) {
    ngx_http_compile_complex_value_t compile;
    ngx_memzero(&compile, sizeof compile);
    compile.cf = cf;
    compile.value = text;
    compile.complex_value = value;
    return ngx_http_compile_complex_value(&compile) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

/* What the host looks up by the client's address, as a value with variables. */
char *cm_set_known(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t words[] = {
        {ngx_string("asn"), CM_ASN}, {ngx_string("country"), CM_COUNTRY}, {ngx_string("organisation"), CM_ORGANISATION},
        {ngx_string("isp"), CM_ISP}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
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
    local->known[which] = value;
    return compile(cf, &arguments[2], value);
}

/* What the page's scripts collected: COLLECTOR VALUE, where the value is that collector's JSON document. */
char *cm_set_collector(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    static const cm_word_t words[] = {
        {ngx_string("fingerprintjs"), CMK_COLLECTOR_FINGERPRINTJS}, {ngx_string("clientjs"), CMK_COLLECTOR_CLIENTJS},
        {ngx_string("imprintjs"), CMK_COLLECTOR_IMPRINTJS}, {ngx_string("thumbmarkjs"), CMK_COLLECTOR_THUMBMARKJS},
        {ngx_string("detect-incognito"), CMK_COLLECTOR_DETECT_INCOGNITO}, {ngx_null_string, 0},
    };
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    int32_t which = cm_word(words, &arguments[1]);
    (void)cmd;
    if (local->collector != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (which < 0) {
        return cm_refused(cf, "no collector that the library knows:", &arguments[1], CMK_OK);
    }
    local->collector = ngx_pcalloc(cf->pool, sizeof *local->collector);
    if (local->collector == NULL) {
        return NGX_CONF_ERROR;
    }
    local->collector->number = which;
    return compile(cf, &arguments[2], &local->collector->document);
}
