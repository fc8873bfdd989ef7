/* For the build that sanitizers watch: what the module takes from a pool is memory of its own, so that a byte too many is seen.
 * Inside a pool's block nobody would notice. */
#ifndef COUNTERMARK_NGINX_WATCHED_H
#define COUNTERMARK_NGINX_WATCHED_H

#include <stdlib.h>

static ngx_inline void *cm_watched(ngx_pool_t *pool, size_t bytes) {
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(pool, 0);
    if (cleanup == NULL) {
        return NULL;
    }
    cleanup->data = malloc(bytes);
    cleanup->handler = free;
    return cleanup->data;
}

static ngx_inline void *cm_watched_clear(ngx_pool_t *pool, size_t bytes) {
    void *memory = cm_watched(pool, bytes);
    if (memory != NULL) {
        ngx_memzero(memory, bytes);
    }
    return memory;
}

#define ngx_palloc cm_watched
#define ngx_pnalloc cm_watched
#define ngx_pcalloc cm_watched_clear

#endif
