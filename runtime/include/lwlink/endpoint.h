/*
 * lwlink/endpoint.h - what can be addressed over a link, and who keeps it alive.
 *
 * An *end point* is an object that one side of a link hosts and the other side sends commands to.  A
 * *linkid* names it within one link (docs/protocol.md, "Linkids and references").  Linkids stand in
 * messages, in the fields that the schema calls link<…>.
 *
 * References on one page:
 *
 *   - Host an end point with lwl_link_host and put its linkid into a message.  Once the message is
 *     sent, the peer holds a reference, and the end point lives until it has given all of them back
 *     and no command is running on it.  Then `closed` is called, once, and the linkid is dead.
 *   - A linkid that comes in a message is *borrowed*: it can be used while the function runs that
 *     was given the message (for a call that is held: until the call ends).  lwl_link_keep makes it
 *     last until lwl_link_drop.  What is not kept is given back without further ado, also in
 *     messages that the program never saw.
 *   - A linkid of one's own that comes back is one's own object: lwl_link_self finds it.
 *   - A linkid means nothing on another link: lwl_link_pass gives one there that stands for it.
 *   - When the session ends, all of the peer's references are dropped (`closed` is called for each of
 *     our end points), and what we kept is dead.
 *
 * All functions here are for the thread that runs the link; none blocks.  They may be called from
 * functions that the link calls.
 */
#ifndef LWLINK_ENDPOINT_H
#define LWLINK_ENDPOINT_H

#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lwl_link;
struct lwl_call;
struct lwl_interface;

/* The peer has no reference left, and no command runs: free what `self` points to, or keep it. */
typedef void lwl_closed_fn(void *self);

/* The peer's end point `id` died: commands to it fail with -LWL_EGONE, or with the session's end.  It
 * still has to be dropped. */
typedef void lwl_died_fn(void *ctx, uint64_t id);

/*
 * For end points without a schema: any command that is addressed to it, a checked message of `len`
 * padded bytes, which stays until the function returns (lwl_call_hold).  To be answered, unless
 * lwl_call_is_oneway, like any call.
 */
typedef void lwl_raw_fn(void *self, struct lwl_call *call, const void *msg, size_t len);

/* ---- what we host ---- */

/*
 * A new end point that speaks `interface`: `ops` is the generated table of functions, `self` is what
 * they are given.  Both stay the caller's, and must be there until `closed` (which may be NULL) has
 * been called.  Without references yet; one that is never sent is ended with lwl_link_revoke.
 *	-LWL_EMFILE	as many as the peer allows, which is its limit and not ours: a program that hosts
 *			end points at a peer's wish counts them
 *	-LWL_ENOMEM
 *	-LWL_ENOTCONN	there is no session, so no linkids either
 */
int lwl_link_host(struct lwl_link *link, const struct lwl_interface *interface, const void *ops,
		  void *self, lwl_closed_fn *closed, uint64_t *id);

/* The same without a schema: `raw` gets every command. */
int lwl_link_host_raw(struct lwl_link *link, lwl_raw_fn *raw, void *self, lwl_closed_fn *closed,
		      uint64_t *id);

/*
 * The end point ceases to exist: the peer is told, commands to it are answered with -LWL_EGONE.
 * `closed` follows when the peer's references are back and running calls are answered.  Not called
 * from inside this function.  -LWL_ENOENDPOINT: `id` is not a live end point of ours.
 */
int lwl_link_revoke(struct lwl_link *link, uint64_t id);

/*
 * The `self` of a live end point of ours, if it speaks `interface` (NULL: any); NULL if not.  For
 * linkids that come back from the peer.
 */
void *lwl_link_self(const struct lwl_link *link, uint64_t id, const struct lwl_interface *interface);

/* References to it that the peer holds, those on the way included; 0 if it is not ours. */
uint64_t lwl_link_references(const struct lwl_link *link, uint64_t id);

/* ---- what the peer hosts ---- */

/*
 * Keep a borrowed linkid: it is ours until as many lwl_link_drop as lwl_link_keep.  Our own linkids
 * need no keeping: they are accepted and nothing happens.  -LWL_ENOENDPOINT: we hold no reference.
 */
int lwl_link_keep(struct lwl_link *link, uint64_t id);

/*
 * Give it back: the references go to the peer with the next batch.  The same error.  Works after the
 * session's end, too.
 */
int lwl_link_drop(struct lwl_link *link, uint64_t id);

/*
 * Be told when a kept end point dies, once; at the latest when the session ends.  `died` NULL: no
 * longer; do that before `ctx` is freed, also when the end point is dropped.  One watcher for each:
 * -LWL_EBUSY if there is another, -LWL_ENOENDPOINT, -LWL_EGONE if it is dead already.
 */
int lwl_link_watch(struct lwl_link *link, uint64_t id, lwl_died_fn *died, void *ctx);

/* ---- between links ---- */

/*
 * `*out` becomes the linkid on `to` for what `id` is on `from`: a proxy that forwards commands,
 * answers and the linkids in them, whatever their schema; or, if `id` is itself a proxy that stands
 * for something on `to`, that.  The same linkid for the same end point each time, until the proxy is
 * closed.  Put it into a message to `to` (or revoke it).  The two links must be run by one thread.
 * -LWL_ENOENDPOINT: `id` is not borrowed or kept, or is an end point of this program's own: host that
 * on `to` as well.  -LWL_EINVAL: `from` and `to` are one.  And the errors of lwl_link_host.
 */
int lwl_link_pass(struct lwl_link *to, struct lwl_link *from, uint64_t id, uint64_t *out);

/*
 * For an lwl_open_fn (link.h) of a program that stands between two links: ask the peer of `to` for the
 * name, and answer `call` with a proxy for what it gives.  Answers with the error if that fails.
 */
void lwl_open_forward(struct lwl_call *call, struct lwl_link *to, struct lwl_string name,
		      struct lwl_string interface, uint32_t version);

#ifdef __cplusplus
}
#endif
#endif
