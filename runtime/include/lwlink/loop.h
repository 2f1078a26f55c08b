/*
 * lwlink/loop.h - links on libuv: addresses, listening, dialling, time, threads.
 *
 * In a library of its own, liblwlink-uv, so that the core needs libc alone.  A loop is for one
 * thread: all functions are to be called there, lwl_loop_post excepted.  Functions of the program
 * are called from lwl_loop_run.
 *
 * Addresses:
 *	unix:/path	a Unix socket; a path that begins with @ is abstract
 *	tcp:host:port	TCP; [::1] in brackets.  Listening takes numbers, and names of this machine;
 *			port 0 is any.  What other machines can dial is listened on only with
 *			?public behind it, tcp:0.0.0.0:7000?public: nobody asks who dials
 *	fd:3,4		descriptors that are there already, to read from and to write to; fd:3 is
 *			one for both.  Dials or listens (then once).  They are closed at the link's
 *			end (0, 1 and 2 become /dev/null); who else has them open finds them
 *			blocking again if they were.  Those that cannot be used are left alone
 *	exec:command	a shell command; its standard input and output are a socket.  Only to be
 *			dialled.  After the link's end it has 5 seconds to end, too, then it gets
 *			SIGTERM, 2 seconds later SIGKILL; until then it counts as a link
 *
 * Descriptors that are made here are closed on exec, and so are those of fd: from then on.
 * SIGPIPE is not raised for sockets.  The first fd: that writes to something else, a pipe, has
 * SIGPIPE ignored in the whole process, if it is as it was at its start (SIG_DFL).
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
 * Stop listening, end all links (lwl_link_end; their events tell), wait for everything to be
 * closed, and free it.  Runs the loop for that, and what was posted.  It takes a second at most
 * if a peer does not read, and 7 if a command of exec: does not end.  Not from inside the loop.
 * Handles of the program's own in a loop that was made here have to be closed before.
 */
void lwl_loop_free(struct lwl_loop *loop);

/* The libuv loop, for timers and so on of the program's own. */
struct uv_loop_s *lwl_loop_uv(struct lwl_loop *loop);

/*
 * Run until lwl_loop_stop (which may come before), or until there are neither links nor listeners
 * nor posts; an fd: that was listened on is only its link, and what the program has in the libuv
 * loop does not count.  Blocks.  -LWL_EDEADLK: called from inside: from a function of the program
 * that a link or the loop has called.  Not from callbacks of libuv either, which cannot be found
 * out if the program runs that itself.
 */
int lwl_loop_run(struct lwl_loop *loop);
void lwl_loop_stop(struct lwl_loop *loop);

/*
 * One turn: what is there now, or, if `wait`, what comes next; it may also end without anything.
 * Blocks then.  -LWL_EDEADLK.
 */
int lwl_loop_turn(struct lwl_loop *loop, bool wait);

/*
 * Before the loop goes to sleep, and bytes have just gone in or out, look for up to so many
 * microseconds whether something comes (50 is a good value, 0 the default): quicker answers for a
 * core that is kept busy.  Where that does not help, because the peer is slow or on the same
 * core, it is tried less and less often; with a single core to run on it is not done.
 */
void lwl_loop_set_spin(struct lwl_loop *loop, unsigned microseconds);

/*
 * From any thread: have `run(ctx)` called by the loop's thread.  In order for each caller.
 * -LWL_ENOMEM.  A worker thread that has found the answer to a call posts a function that
 * replies.  Not once lwl_loop_free has been called.
 */
typedef void lwl_post_fn(void *ctx);
int lwl_loop_post(struct lwl_loop *loop, lwl_post_fn *run, void *ctx);

/*
 * Dial: `*out` is a link that is being connected; its event `up` tells when commands can be
 * started, `ended` that it did not come about.  `config` is as for lwl_link_new; `random` and
 * `incarnation` are filled in if they are NULL.  The link is the loop's, and freed by it when
 * `ended` has returned; while somebody waits for an answer over it, in the next turn.  No event
 * comes from inside.  A host with several addresses is tried at all of them, in order; a Unix
 * socket whose queue is full for 5 seconds.
 * -LWL_EINVAL: not an address; `error` (of `size` bytes, may be NULL) gets a text that says why.
 * Or the errors of lwl_link_new.
 */
int lwl_loop_dial(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		  const struct lwl_link_config *config, char *error, size_t size);

/*
 * The same, and wait until the session is in force; for tools.  Any error, with a text that begins
 * with the address.  There is no link then; its event `ended` has been called.
 */
int lwl_loop_dial_wait(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		       const struct lwl_link_config *config, char *error, size_t size);

/*
 * Is this an address, to be dialled or to be listened on?  0, or -LWL_EINVAL with a text.  Nothing is
 * looked up or opened.
 */
int lwl_loop_check_address(const char *address, bool listening, char *error, size_t size);

/*
 * Listen: a link is made from `config` for each that dials.  `accept` (may be NULL) is asked
 * before: it may change the configuration, its own copy (for instance ctx), or refuse with an
 * error; if no link can be made after it has returned 0, `ended` is called all the same, with NULL
 * for the link.  Of the configuration only exports and events must stay.  The links are freed by the
 * loop after `ended`.  A socket file that nobody listens on any more is replaced; its mode follows
 * the umask.  -LWL_EADDRINUSE: somebody listens there; -LWL_EACCES: ?public is missing; any other
 * error.  Each with its text.
 */
typedef int lwl_accept_fn(void *ctx, struct lwl_link_config *config);
int lwl_loop_listen(struct lwl_loop *loop, struct lwl_listener **out, const char *address,
		    const struct lwl_link_config *config, lwl_accept_fn *accept, void *ctx,
		    char *error, size_t size);

/*
 * At most so many links at a time; further ones wait in the system's queue.  0: no bound; 1024 at
 * first.
 */
void lwl_listener_set_limit(struct lwl_listener *listener, unsigned links);

/* The address as somebody else would dial it: with the port that tcp:…:0 got.  The listener's. */
const char *lwl_listener_address(const struct lwl_listener *listener);

/*
 * No more links; those that there are live on.  Frees the listener and removes a socket's file, if
 * it is still that one.
 */
void lwl_listener_close(struct lwl_listener *listener);

#ifdef __cplusplus
}
#endif
#endif
