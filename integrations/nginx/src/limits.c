/* `countermark_throttle ZONE REQUESTS/TIME [burst=N] [scope=TEXT] [claim=NAME]`: how often an address may ask, before anything of
 * the token is looked at; with claim=, how often tokens with one value there may, after they were accepted. */
#include "module.h"

/* 10/1s, 6/1m, 1000/1h */
static ngx_uint_t read_rate(const ngx_str_t *text, cm_limit_t *limit) {
    u_char *slash = ngx_strlchr(text->data, text->data + text->len, '/');
    ngx_str_t time;
    ngx_int_t requests, seconds;
    if (slash == NULL) {
        return 0;
    }
    time.data = slash + 1;
    time.len = (size_t)(text->data + text->len - time.data);
    requests = ngx_atoi(text->data, (size_t)(slash - text->data));
    seconds = ngx_parse_time(&time, 1);
    if (requests <= 0 || requests > INT32_MAX || seconds <= 0 || seconds > INT32_MAX) {
        return 0;
    }
    limit->requests = (uint32_t)requests;
    limit->seconds = (uint32_t)seconds;
    return 1;
}

static char *read_options(ngx_conf_t *cf, cm_limit_t *limit) {
    ngx_str_t *arguments = cf->args->elts, value;
    ngx_uint_t at;
    for (at = 3; at < cf->args->nelts; at++) {
        if (cm_option(&arguments[at], "burst", &value)) {
            ngx_int_t burst = ngx_atoi(value.data, value.len);
            if (burst <= 0 || burst > INT32_MAX) {
                return cm_refused(cf, "no burst of one or more:", &value, CMK_OK);
            }
            limit->burst = (uint32_t)burst;
        } else if (cm_option(&arguments[at], "scope", &value)) {
            limit->scope = value;
        } else if (cm_option(&arguments[at], "claim", &value) && value.len != 0) {
            limit->claim = value;
        } else {
            return cm_refused(cf, "neither burst=, scope= nor claim=:", &arguments[at], CMK_OK);
        }
    }
    return NGX_CONF_OK;
}

/* Whether the library takes such a limit: asked of a table of this moment's own, so that the line fails and not the first request. */
static int32_t try_limit(ngx_conf_t *cf, const cm_limit_t *limit) {
    static const u_char secret[16] = "not one in use.";
    cmk_charge charge = cmk_charge_of_name(cm_bytes(&limit->scope), cmk_text("?"), limit->requests, limit->seconds, limit->burst);
    size_t bytes = cmk_throttle_region_bytes(1);
    void *region = ngx_pcalloc(cf->temp_pool, bytes);
    cmk_throttle throttle;
    uint32_t retry_after;
    int32_t status;
    if (region == NULL) {
        return CMK_REGION_TOO_SMALL;
    }
    status = cmk_throttle_init(&throttle, region, bytes, cmk_bytes_of(secret, sizeof secret), 0);
    if (status == CMK_OK) {
        status = cmk_throttle_admit(&throttle, &charge, 1, (int64_t)ngx_time() * 1000, &retry_after);
    }
    return status;
}

char *cm_set_throttle(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_conf_t *local = conf;
    ngx_str_t *arguments = cf->args->elts;
    cm_limit_t *limit;
    char *done;
    int32_t status;
    (void)cmd;
    if (cf->args->nelts == 2 && ngx_strcmp(arguments[1].data, "off") == 0) {
        if (local->limits != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }
        local->limits = NULL;
        return NGX_CONF_OK;
    }
    if (cf->args->nelts < 3 || local->limits == NULL) {
        return "takes a zone and REQUESTS/TIME, or off alone";
    }
    if (local->limits == NGX_CONF_UNSET_PTR) {
        local->limits = ngx_array_create(cf->pool, 2, sizeof(cm_limit_t));
        if (local->limits == NULL) {
            return NGX_CONF_ERROR;
        }
    }
    if (local->limits->nelts == CMK_CHARGES_MAX) {
        return "comes more than eight times";
    }
    limit = ngx_array_push(local->limits);
    if (limit == NULL) {
        return NGX_CONF_ERROR;
    }
    ngx_memzero(limit, sizeof *limit);
    limit->burst = 1;
    limit->zone = cm_zone(cf, &arguments[1], CM_THROTTLE);
    if (limit->zone == NULL) {
        return NGX_CONF_ERROR;
    }
    /* All limits of a location are charged together or not at all, which one table can do. */
    if (limit->zone != ((cm_limit_t *)local->limits->elts)->zone) {
        return cm_refused(cf, "another zone than that of the location's first limit:", &arguments[1], CMK_OK);
    }
    if (!read_rate(&arguments[2], limit)) {
        return cm_refused(cf, "not REQUESTS/TIME, such as 10/1s:", &arguments[2], CMK_OK);
    }
    done = read_options(cf, limit);
    if (done != NGX_CONF_OK) {
        return done;
    }
    status = try_limit(cf, limit);
    return status == CMK_OK ? NGX_CONF_OK : cm_refused(cf, "throttle", &arguments[2], status);
}
