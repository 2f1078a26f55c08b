/*
 * What the commands that make connections share.
 */
#ifndef LWL_TOOLS_LIVE_H
#define LWL_TOOLS_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "lwl.h"

struct lwl_loop;

/* SIGINT and SIGTERM, while a loop runs.  SIGPIPE is ignored then. */
struct signals {
	uv_signal_t handles[2];
	void (*arrived)(void *ctx);
	void *ctx;
};

/* They call `arrived(ctx)`, and do not keep the loop running. */
void signals_begin(struct signals *s, uv_loop_t *uv, void (*arrived)(void *ctx), void *ctx);

/* Closes what libuv then lets go of in its next turn, or in lwl_loop_free. */
void signals_end(struct signals *s);

/* A loop, or NULL: the reason has been printed. */
struct lwl_loop *loop_begin(void);

/* Why a link to `address` has ended, unless the text says already what it is about. */
void complain_about_link(const char *address, const char *reason);

/* "ENOENT (2), No such file or directory: no such key". */
void error_text(char *buf, size_t size, uint32_t code, struct lwl_string detail);

#endif
