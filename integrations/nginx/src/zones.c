/* Tables in shared memory: `countermark_zone replay|revocation|throttle|cache NAME SIZE [life=TIME]`.
 *
 * The first process begins a table. A reload with the same name, kind and size takes it over with all that it remembers; one with
 * another size begins an empty one, and says so. The workers inherit view and mapping when they are forked, at one address, so that
 * they need not attach. Nothing is locked; a worker that is killed leaves a usable table.
 */
#include "module.h"
#include <sys/random.h>

static const char *const kinds[CM_KINDS] = {"replay", "revocation", "throttle", "cache"};
/* nginx takes a zone over from the old configuration only where the tag is the same: so it takes over none of another kind. */
static char tags[CM_KINDS];

static int32_t begin(cm_zone_t *zone) {
    cm_zone_head_t *head = zone->head;
    cmk_bytes secret = cmk_bytes_of(head->secret, sizeof head->secret);
    switch (zone->kind) {
    case CM_REPLAY:
        return cmk_replay_init(&zone->view.replay, head->region, head->bytes, secret);
    case CM_REVOCATION:
        return cmk_revocation_init(&zone->view.revocation, head->region, head->bytes, secret, head->life, 0);
    case CM_THROTTLE:
        return cmk_throttle_init(&zone->view.throttle, head->region, head->bytes, secret, 0);
    default:
        return cmk_cache_init(&zone->view.cache, head->region, head->bytes, secret);
    }
}

static int32_t attach(cm_zone_t *zone) {
    cm_zone_head_t *head = zone->head;
    cmk_bytes secret = cmk_bytes_of(head->secret, sizeof head->secret);
    switch (zone->kind) {
    case CM_REPLAY:
        return cmk_replay_attach(&zone->view.replay, head->region, head->bytes, secret);
    case CM_REVOCATION:
        return cmk_revocation_attach(&zone->view.revocation, head->region, head->bytes, secret, zone->life, 0);
    case CM_THROTTLE:
        return cmk_throttle_attach(&zone->view.throttle, head->region, head->bytes, secret, 0);
    default:
        return cmk_cache_attach(&zone->view.cache, head->region, head->bytes, secret);
    }
}

/* The verifiers were made while the configuration was read; there was no table then. */
static int32_t hand_over(cm_zone_t *zone) {
    cmk_verifier **verifiers = zone->verifiers.elts;
    ngx_uint_t at;
    int32_t status = CMK_OK;
    for (at = 0; at < zone->verifiers.nelts && status == CMK_OK; at++) {
        status = zone->kind == CM_CACHE ? cmk_verifier_use_cache(verifiers[at], &zone->view.cache)
                                        : cmk_verifier_use_revocation(verifiers[at], &zone->view.revocation);
    }
    return status;
}

static ngx_int_t first(ngx_shm_zone_t *shared, cm_zone_t *zone) {
    ngx_slab_pool_t *slab = (ngx_slab_pool_t *)shared->shm.addr;
    zone->head = ngx_slab_calloc(slab, sizeof *zone->head);
    if (zone->head == NULL || getentropy(zone->head->secret, sizeof zone->head->secret) != 0) {
        return NGX_ERROR;
    }
    /* All that is left: the table is the zone's only tenant. */
    zone->head->bytes = slab->pfree * ngx_pagesize;
    zone->head->region = ngx_slab_alloc(slab, zone->head->bytes);
    zone->head->life = zone->life;
    return zone->head->region == NULL ? NGX_ERROR : NGX_OK;
}

/* A failure here fails `nginx -t`, a start or a reload, and never a server that runs. The tables of that server only it itself sees:
 * `nginx -t` is a process of its own, and begins all of them. */
static ngx_int_t init(ngx_shm_zone_t *shared, void *before) {
    cm_zone_t *zone = shared->data, *old = before;
    u_char other[96] = "";
    int32_t status;
    if (old != NULL) {
        zone->head = old->head;
        status = attach(zone);
    } else if (first(shared, zone) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, shared->shm.log, 0, "countermark: no memory or no randomness for the zone \"%V\"", &zone->name);
        return NGX_ERROR;
    } else {
        status = begin(zone);
    }
    if (status == CMK_OK) {
        status = hand_over(zone);
    }
    if (status != CMK_OK) {
        if (zone->head->life != zone->life) {
            (void)ngx_snprintf(other, sizeof other - 1, " Its life is %uDs, and a zone whose life changes needs another name.",
                               zone->head->life);
        }
        ngx_log_error(NGX_LOG_EMERG, shared->shm.log, 0, "countermark: the zone \"%V\": %s: %s%s", &zone->name,
                      cmk_status_name(status), cmk_status_sentence(status), other);
        return NGX_ERROR;
    }
    return NGX_OK;
}

static void wipe(void *data) {
    cm_zone_t *zone = data;
    cmk_wipe(&zone->view, sizeof zone->view);
}

/* Whether a configuration that is still in use has a zone of this name and kind, but another size. */
static void warn_if_new(ngx_conf_t *cf, const cm_zone_t *zone, size_t size) {
    ngx_list_part_t *part = &cf->cycle->old_cycle->shared_memory.part;
    ngx_shm_zone_t *shared;
    ngx_uint_t at;
    for (; part != NULL; part = part->next) {
        shared = part->elts;
        for (at = 0; at < part->nelts; at++) {
            if (shared[at].tag == &tags[zone->kind] && shared[at].shm.name.len == zone->name.len && shared[at].shm.size != size
                && ngx_strncmp(shared[at].shm.name.data, zone->name.data, zone->name.len) == 0) {
                ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "countermark: the zone \"%V\" has another size: what it remembers is lost",
                                   &zone->name);
            }
        }
    }
}

char *cm_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_main_t *globals = conf;
    ngx_str_t *arguments = cf->args->elts, value;
    cm_zone_t **place = ngx_array_push(&globals->zones), *zone = ngx_pcalloc(cf->pool, sizeof *zone);
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    ngx_shm_zone_t *shared;
    ssize_t size = ngx_parse_size(&arguments[3]);
    ngx_int_t life = 0;
    (void)cmd;
    if (zone == NULL || place == NULL || cleanup == NULL) {
        return NGX_CONF_ERROR;
    }
    *place = zone;
    zone->name = arguments[2];
    for (zone->kind = 0; zone->kind < CM_KINDS && ngx_strcmp(arguments[1].data, kinds[zone->kind]) != 0;) {
        zone->kind++;
    }
    if (zone->kind == CM_KINDS) {
        return cm_refused(cf, "neither replay nor revocation nor throttle nor cache:", &arguments[1], CMK_OK);
    }
    if (size < (ssize_t)(8 * ngx_pagesize) || zone->name.len == 0) {
        return cm_refused(cf, "no size of 32k or more:", &arguments[3], CMK_OK);
    }
    if (cf->args->nelts == 5) {
        life = cm_option(&arguments[4], "life", &value) ? ngx_parse_time(&value, 1) : NGX_ERROR;
    }
    if (life < 0 || life > INT32_MAX || (life == 0) != (zone->kind != CM_REVOCATION)) {
        return "takes life=TIME, the longest that a token lives, for the kind revocation and for no other";
    }
    zone->life = (uint32_t)life;
    shared = ngx_shared_memory_add(cf, &zone->name, (size_t)size, &tags[zone->kind]);
    if (shared == NULL || ngx_array_init(&zone->verifiers, cf->pool, 4, sizeof(cmk_verifier *)) != NGX_OK) {
        return NGX_CONF_ERROR;
    }
    if (shared->data != NULL) {
        return cm_refused(cf, "a second zone of the name", &zone->name, CMK_OK);
    }
    warn_if_new(cf, zone, (size_t)size);
    shared->init = init;
    shared->data = zone;
    cleanup->handler = wipe;
    cleanup->data = zone;
    return NGX_CONF_OK;
}

cm_zone_t *cm_zone(ngx_conf_t *cf, const ngx_str_t *name, cm_kind_t kind) {
    cm_main_t *globals = ngx_http_conf_get_module_main_conf(cf, ngx_http_countermark_module);
    cm_zone_t **zones = globals->zones.elts;
    ngx_uint_t at;
    for (at = 0; at < globals->zones.nelts; at++) {
        if (zones[at]->kind == kind && zones[at]->name.len == name->len
            && ngx_memcmp(zones[at]->name.data, name->data, name->len) == 0) {
            return zones[at];
        }
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "countermark: no \"countermark_zone %s %V SIZE\" stands above", kinds[kind], name);
    return NULL;
}

/* countermark_revocation and countermark_cache: the kind is told by the member. */
char *cm_set_table(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) {
    cm_zone_t **table = (cm_zone_t **)((char *)conf + cmd->offset);
    ngx_str_t *name = (ngx_str_t *)cf->args->elts + 1;
    if (*table != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    if (ngx_strcmp(name->data, "off") == 0) {
        *table = NULL;
        return NGX_CONF_OK;
    }
    *table = cm_zone(cf, name, cmd->offset == offsetof(cm_conf_t, cache) ? CM_CACHE : CM_REVOCATION);
    return *table == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}
