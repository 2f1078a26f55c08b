/*
 * lwlink/loop.h - links on libuv: addresses, listening, dialling, time, threads.
 *
 * In a library of its own, liblwlink-uv, so that the core needs libc alone.  A loop is for one thread:
 * all functions are to be called there, lwl_loop_post excepted.  Functions of the program are called
 * from lwl_loop_run.
 *
 * Addresses:
 *	unix:/path		a Unix socket; a path that begins with @ is abstract
 *	tcp:host:port		TCP; [::1] in brackets.  Listening takes numbers, and names of this machine
 *	fd:3,4			descriptors that are there already, to read from and to write to; fd:3 is one
 *				for both.  Dials or listens (then once)
 *	exec:command		a shell command; its standard input and output.  Only to be dialled
 */
#ifndef LWLINK_LOOP_H
#define LWLINK_LOOP_H

#include <lwlink/link.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s;
struct lwl_loop;
struct lwl_listener;

/*
 * A loop.  `uv`: run as part of that loop, which the program runs (lwl_loop_run may still be used);
 * NULL: one of its own.  -LWL_ENOMEM, or what libuv says.
 */
int lwl_loop_new(struct lwl_loop **out, struct uv_loop_s *uv);

/*
 * Stop listening, break all links (their events tell), wait for everything to be closed, and free it.
 * Runs the loop for that.
 */
void lwl_loop_free(struct lwl_loop *loop);

/* The libuv loop, for timers and so on of the program's own. */
struct uv_loop_s *lwl_loop_uv(struct lwl_loop *loop);

/* Run until lwl_loop_stop, or until there are neither links nor listeners nor posts.  Blocks. */
int lwl_loop_run(struct lwl_loop *loop);
void lwl_loop_stop(struct lwl_loop *loop);

/* One turn: what is there now, or, if `wait`, at least one event.  Blocks then. */
int lwl_loop_turn(struct lwl_loop *loop, bool wait);

/*
 * Before the loop goes to sleep, look for up to so many microseconds whether something comes (50 is a
 * good value, 0 the default): quicker answers for a core that is kept busy.  Links whose two sides
 * run on one core do not do it.
 */
void lwl_loop_set_spin(struct lwl_loop *loop, unsigned microseconds);

/*
 * From any thread: have `run(ctx)` called by the loop's thread.  In order for each caller.  -LWL_ENOMEM.
 * A worker thread that has found the answer to a call posts a function that replies.
 */
typedef void lwl_post_fn(void *ctx);
int lwl_loop_post(struct lwl_loop *loop, lwl_post_fn *run, void *ctx);

/*
 * Dial: `*out` is a link that is being connected; its event `up` tells when commands can be started,
 * `ended` that it did not come about.  `config` is as for lwl_link_new; `random` and `incarnation`
 * are filled in.  The link is the loop's and is freed by it after `ended`.
 * -LWL_EINVAL: not an address; `error` (of `size` bytes, may be NULL) gets a text that says why.
 */
int lwl_loop_dial(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		  const struct lwl_link_config *config, char *error, size_t size);

/* The same, and wait until the session is in force; for tools.  Any error, with its text. */
int lwl_loop_dial_wait(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		       const struct lwl_link_config *config, char *error, size_t size);

/*
 * Listen: a link is made from `config` for each that dials.  `accept` (may be NULL) is asked before:
 * it may change the configuration, its own copy (for instance ctx), or refuse with an error.  The
 * links are freed by the loop after `ended`.  A socket file that nobody listens on any more is
 * replaced, one that somebody listens on is -LWL_EADDRINUSE.
 */
typedef int lwl_accept_fn(void *ctx, struct lwl_link_config *config);
int lwl_loop_listen(struct lwl_loop *loop, struct lwl_listener **out, const char *address,
		    const struct lwl_link_config *config, lwl_accept_fn *accept, void *ctx, char *error,
		    size_t size);

/* At most so many links at a time; further ones wait in the system's queue (0: no bound; 1024 at first). */
void lwl_listener_set_limit(struct lwl_listener *listener, unsigned links);

/* The address as somebody else would dial it: with the port that tcp:…:0 got.  The listener's. */
const char *lwl_listener_address(const struct lwl_listener *listener);

/* No more links; those that there are live on.  Frees the listener and removes a socket's file. */
void lwl_listener_close(struct lwl_listener *listener);

#ifdef __cplusplus
}
#endif
#endif
