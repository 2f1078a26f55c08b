/*
 * lwlink/link.h - commands over a link, in both directions: for programs, and for generated code.
 *
 * `lwlc` writes a NAME.link.h and NAME.link.c for each schema with interfaces.  A server fills the
 * generated table of functions; a client calls the generated stubs; both are thin: they encode with
 * NAME.lwl.h and hand over here.
 *
 * A *link* is one side of what lasts between two peers (docs/protocol.md, "Linkids and references",
 * "Sessions").  End points are named by linkids, which the generated code keeps apart by interface:
 * struct vfs_node holds the linkid of a Node.  What keeps them alive is in endpoint.h.
 *
 * A link is a machine without a system call or a clock: bytes and the time go in, bytes and events
 * come out (transport.h).  Most programs let loop.h do that, which stands on libuv.
 *
 * One thread runs a link, and only that thread calls functions for it (lwl_loop_post in loop.h is the
 * way in for others).  Functions that the program gives are called from where the link is run: from
 * lwl_link_received, lwl_link_tick and lwl_link_flush, never from inside a function of this header.  They
 * may call everything here except lwl_link_free and what blocks.
 */
#ifndef LWLINK_LINK_H
#define LWLINK_LINK_H

#include <lwlink/endpoint.h>
#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lwl_link;			/* one side of a link */
struct lwl_call;			/* a command that came in and is not answered yet */
struct lwl_reply;			/* what came back for a command */

/* ---- what the generated tables say of an interface ---- */

/*
 * Decode the request in the `len` bytes at `msg` and pass it to the server's function.  `ops` is the
 * interface's table of functions, `self` the end point's own pointer.  0 if the function ran; else
 * it did not, and the peer gets the error: -LWL_EUNKNOWN for a function that is NULL,
 * -LWL_EMALFORMED with `*err` filled in for a request that does not decode.
 */
typedef int lwl_run_fn(const void *ops, void *self, struct lwl_call *call, const void *msg,
		       size_t len, struct lwl_error *err);

struct lwl_command {
	const char *name;		/* "lookup"; NULL: no command has this number */
	lwl_run_fn *run;
	uint32_t request_max;		/* bytes that any request fits in, a multiple of 8 */
	uint32_t response_max;		/* the same of responses, errors included; 0: one-way */
	uint16_t command;		/* as in the header: interface id and number */
	bool oneway;
	bool replay_safe;		/* running it twice is harmless */
};

struct lwl_interface {
	const char *name;		/* "lwlink.vfs.Node" */
	uint32_t version;		/* of its library */
	uint8_t id;
	const struct lwl_command *commands;	/* indexed by number */
	uint32_t command_count;		/* the highest number and 1 */
	const struct lwl_use *uses;	/* all `use`s that can be reached */
	uint32_t use_count;
};

/*
 * A `use`, of an interface or of one that it uses: interface number `from` of all those that can be
 * reached (0 is the one at hand) uses number `to`, and has the pointer to its table in its own, at
 * `ops_offset`.
 */
struct lwl_use {
	const struct lwl_interface *interface;	/* number `to` */
	size_t ops_offset;
	uint8_t from, to;
};

/*
 * The command with the number `command`, as in a header, among those of `interface` and of all that
 * it uses, or NULL.  `*table` becomes the table of functions that it is to be run with; NULL if the
 * server left the table out on every way to it.  Does not block, allocates nothing.
 */
const struct lwl_command *lwl_command_find(const void **table, const struct lwl_interface *interface,
					   const void *ops, uint16_t command);

/* ---- making a link ---- */

/* What this side accepts, for as long as the session lasts (docs/protocol.md, "Control commands"). */
struct lwl_limits {
	uint64_t window;		/* bytes of messages not acknowledged; from 131,072 */
	uint32_t calls;			/* commands of the peer that are not answered */
	uint32_t endpoints;		/* end points that the peer may host */
	uint32_t keepalive_ms;		/* idle for so long: is anybody there? */
	uint32_t retain_ms;		/* a broken session is kept for so long */
};

/* What a limit is when it is given as 0. */
enum {
	LWL_WINDOW_DEFAULT = 1 << 20,
	LWL_CALLS_DEFAULT = 4096,
	LWL_ENDPOINTS_DEFAULT = 65536,
	LWL_KEEPALIVE_DEFAULT = 15000,
	LWL_RETAIN_DEFAULT = 60000,
	LWL_RING_DEFAULT = 1 << 20,
	LWL_HELD_BYTES_DEFAULT = 64 << 20
};

/*
 * What the peer can open by name.  An end point is hosted when a name is opened first, and the same
 * one is given out for as long as the peer keeps it.
 */
struct lwl_export {
	const char *name;
	const struct lwl_interface *interface;
	const void *ops;		/* the generated table of functions */
	void *self;			/* what they are given */
	lwl_closed_fn *closed;		/* may be NULL: the peer has given it back, or the session ended */
	uint32_t oldest;		/* clients built with an earlier version of the library get
					   -LWL_EINTERFACE; 0: all are welcome */
};

/*
 * The peer asks for a name that is not among the exports.  To be answered, now or later, with
 * lwl_open_reply or lwl_call_fail.
 */
typedef void lwl_open_fn(void *ctx, struct lwl_link *link, struct lwl_call *call,
			 struct lwl_string name, struct lwl_string interface, uint32_t version);

/* What the program is told; each may be NULL.  `ctx` is the configuration's. */
struct lwl_link_events {
	/* A session is in force: commands can be started. */
	void (*up)(void *ctx, struct lwl_link *link);
	/* A command was not started for want of room (-LWL_ECALLS); one may be now. */
	void (*room)(void *ctx, struct lwl_link *link);
	/*
	 * The session is over, or did not come about: the last event.  All commands have been
	 * answered before, all deaths told.  `status` is 0 after a goodbye without an error of
	 * either side, else negative; `reason` is text for people.
	 */
	void (*ended)(void *ctx, struct lwl_link *link, int status, const char *reason);
};

/* `size` bytes from the system's random generator to `buf`.  0, or an error: the link is not made. */
typedef int lwl_random_fn(void *buf, size_t size);

/*
 * Read when the link is made; only exports and events must stay.  Everything may be 0, except
 * `random`.
 */
struct lwl_link_config {
	struct lwl_limits limits;
	uint32_t ring;			/* most bytes that wait to be acknowledged on our side */
	uint64_t held_bytes;		/* memory for answers that wait for room, and for requests that
					   are held: above it commands are refused with -LWL_ECALLS.  Those
					   that run already may still be answered: a peer that does not read
					   can cost this and its `calls` times the largest answer */
	const uint8_t *incarnation;	/* 16 bytes, drawn once by each process; NULL: `random` is asked */
	const uint8_t *node;		/* 16 bytes: see the protocol's `hello`; NULL: no name */
	const struct lwl_export *exports;
	uint32_t export_count;
	lwl_open_fn *open;
	const struct lwl_link_events *events;
	void *ctx;
	lwl_random_fn *random;
};

/*
 * A new link, without a connection.  -LWL_EINVAL: a limit out of range (window below 131,072, more
 * than 1,048,576 calls, more than 16,777,216 end points), no `random`; -LWL_ENOMEM; what `random`
 * returned.
 */
int lwl_link_new(struct lwl_link **out, const struct lwl_link_config *config);

/*
 * Free a link.  If its session has not ended, it ends here, and everybody is told as always, from
 * inside this function.  Calls that are not answered yet keep the memory: they can still be answered,
 * into the void.
 */
void lwl_link_free(struct lwl_link *link);

/* The `ctx` of its configuration. */
void *lwl_link_context(const struct lwl_link *link);

/*
 * End in order: no more commands can be started (-LWL_ESHUTDOWN), those of ours that are running are
 * answered, calls that came in too, everything is sent, then goodbye.  The event `ended` tells when.
 * It takes as long as the slowest of those answers, and at most `timeout_us`, after which it is
 * lwl_link_end.  Later calls can only shorten that time.
 */
void lwl_link_shutdown(struct lwl_link *link, uint64_t timeout_us);

/*
 * End now: goodbye with `code` (0, or a positive LWL_E… number) and `detail` (text for people, or
 * NULL), behind what has been committed, if the peer takes that within a second.  The events follow
 * when the link is run.
 */
void lwl_link_end(struct lwl_link *link, int code, const char *detail);

/*
 * What ended the link, without the words that this side adds for people: the text of whoever ended it,
 * "" if there is none, NULL if nobody did but the connection broke.  `*code` (may be NULL) is the number
 * that goes with it, 0 or positive.  For passing both on.  The link's, until it is freed.
 */
const char *lwl_link_goodbye(const struct lwl_link *link, int *code);

/* Is a session in force? */
bool lwl_link_is_up(const struct lwl_link *link);

/* What a link is doing, for people and tests.  Sums are of the session. */
struct lwl_link_stats {
	uint64_t messages_out, messages_in;	/* with numbers: committed, consumed */
	uint64_t bytes_unacked;		/* committed and not acknowledged */
	uint32_t calls_out, calls_in;	/* not answered yet */
	uint32_t hosted, held;		/* end points */
	uint64_t hosted_references, held_references;
	uint64_t held_bytes;		/* answers that wait, requests that are held */
	uint64_t memory;		/* bytes of memory, all in all */
	uint32_t memory_of_call, memory_of_pending, memory_of_hosted, memory_of_held;
					/* of which each call in, call out, end point takes */
};
void lwl_link_stats(const struct lwl_link *link, struct lwl_link_stats *out);

/* ---- client ---- */

typedef void lwl_done_fn(void);		/* a program's function of another type, on its way */

/*
 * An end point was opened: `id` is borrowed, so lwl_link_keep it.  `version` is that of the library
 * that the host was built with.  After an error `id` is 0 (and lwl_reply_error says more):
 *	-LWL_ENOENT	no such name
 *	-LWL_EINTERFACE	it speaks another interface, or the version is not supported
 */
typedef void lwl_opened_fn(void *ctx, int status, uint64_t id, uint32_t version,
			   struct lwl_reply *reply);

/* Ask for what the peer offers as `name`, to be spoken to as `interface`.  Errors as lwl_call_begin. */
int lwl_link_open(struct lwl_link *link, const char *name, const struct lwl_interface *interface,
		  lwl_opened_fn *done, void *ctx);

/* The same for an interface that is known by its name only. */
int lwl_link_open_named(struct lwl_link *link, struct lwl_string name, struct lwl_string interface,
			uint32_t version, lwl_opened_fn *done, void *ctx);

/* The same, and wait.  `*id` is kept.  Blocks; see lwl_call_wait. */
int lwl_link_open_wait(struct lwl_link *link, const char *name, const struct lwl_interface *interface,
		       uint64_t *id);

/*
 * For commands that are started from now on: how long, in microseconds, their sender is willing to
 * wait (0: for ever; that is how a link starts).  It travels with the command.  When the time is over
 * the command completes with -LWL_EDEADLINE, and the peer is asked to cancel it.
 */
void lwl_link_set_timeout(struct lwl_link *link, uint64_t microseconds);

/* And a mark of 16 bytes that travels with them; NULL: none. */
void lwl_link_set_trace(struct lwl_link *link, const uint8_t trace[16]);

/* A name for the command that was started last, for lwl_call_cancel. */
uint32_t lwl_call_last(const struct lwl_link *link);

/*
 * Its answer is no longer wanted.  The peer is told; the answer still comes, from the peer, and is what
 * the peer makes of it, often -LWL_ECANCELLED.  -LWL_ENOENT: it has been answered already.
 */
int lwl_call_cancel(struct lwl_link *link, uint32_t call);

/*
 * The text that came with an error, and what was wrong with an answer that did not decode.  Valid
 * while the program's function runs.
 */
struct lwl_error *lwl_reply_error(struct lwl_reply *reply);

/* ---- client: used by the generated stubs ---- */

/*
 * The generated half of an answer: decode the `len` bytes at `msg` and call `done` as what it is,
 * with `ctx`.  `status` is not 0, and there is no message, for a command that ended without an
 * answer:
 *	-LWL_ENOTRUN	the session ended, and it certainly did not run
 *	-LWL_EFATE	the session ended; whether it ran is not known
 *	-LWL_EDEADLINE	its time was over
 *	-LWL_EMALFORMED	the answer holds linkids that are not valid
 */
typedef void lwl_answer_fn(int status, const void *msg, size_t len, struct lwl_reply *reply,
			   lwl_done_fn *done, void *ctx);

/*
 * Start a command on the end point `linkid`, or a one-way.  Gives a writer with room for
 * command->request_max bytes, in the transmit ring.  After 0 exactly one of the three below follows,
 * before anything else is done with the link.
 *	-LWL_ECALLS	as many commands are outstanding as the peer allows, or the ring is full: the
 *			event `room` tells when it is worth another try
 *	-LWL_ENOENDPOINT  no reference to that end point is held, or it is our own
 *	-LWL_EGONE	it died
 *	-LWL_ESHUTDOWN	lwl_link_shutdown was called
 *	-LWL_ENOTCONN	there is no session yet
 *	-LWL_ENOMEM
 *	or the error that ended the link
 */
int lwl_call_begin(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
		   struct lwl_writer **w);

/*
 * Send what was encoded, or take it back if `encoded`, the encoder's result, is not 0; returns that.
 * Also -LWL_ENOENDPOINT for a linkid in the message that is neither held nor a live one of ours, and
 * -LWL_ECALLS if the window is full.  After 0 `answer` runs exactly once, never from inside this
 * call.
 */
int lwl_call_commit(struct lwl_link *link, int encoded, lwl_answer_fn *answer, lwl_done_fn *done,
		    void *ctx);

/* The same for a one-way, which gets no answer. */
int lwl_oneway_commit(struct lwl_link *link, int encoded);

/*
 * The same, and wait: runs the link until the answer is there and copies it to the `size` bytes at
 * `buf`; `*len` is its length.  Linkids in it are kept.  Blocks.  -LWL_ENOBUFS: the answer is larger
 * than buf; -LWL_EDEADLK: called from a function that the link has called; -LWL_EOPNOTSUPP: nobody
 * is there to run the link (lwl_transport.drive).
 */
int lwl_call_wait(struct lwl_link *link, int encoded, void *buf, size_t size, size_t *len);

/*
 * For programs without generated code: send the checked message of `len` padded bytes at `msg`, a
 * command or, with msgid 0, a one-way.  linkid and msgid of its header are filled in here; a deadline
 * or trace that it holds stays, otherwise it gets those that are set for the link.  `answer` may be NULL for a one-way.  Errors as begin and commit;
 * -LWL_EINVAL for a response, or a length that does not fit.
 */
int lwl_call_send(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
		  lwl_answer_fn *answer, lwl_done_fn *done, void *ctx);

/*
 * For lwl_answer_fn without generated code: is this message an error response?  0, or minus its code;
 * `*err`, if not NULL, gets the detail.  -LWL_EMALFORMED: an error item that is not well-formed.
 */
int lwl_answer_status(const void *msg, size_t len, struct lwl_error *err);

/* ---- server ---- */

/* The link it came over, the end point that it is for, its command with the interface's id. */
struct lwl_link *lwl_call_link(const struct lwl_call *call);
uint64_t lwl_call_linkid(const struct lwl_call *call);
uint16_t lwl_call_command(const struct lwl_call *call);
bool lwl_call_is_oneway(const struct lwl_call *call);

/* Microseconds that its sender is still willing to wait; false: it did not say. */
bool lwl_call_deadline(const struct lwl_call *call, uint64_t *microseconds);

/* 16 bytes that mark it, or NULL.  There as long as the request. */
const uint8_t *lwl_call_trace(const struct lwl_call *call);

/*
 * Be told, once, when the answer is no longer wanted: cancelled by the peer, too late for its
 * deadline, or the session has ended.  The call still has to be answered; -LWL_ECANCELLED will do.
 * If that is so already, lwl_call_cancelled is true and nobody is told.
 */
typedef void lwl_cancelled_fn(void *ctx, struct lwl_call *call);
void lwl_call_on_cancel(struct lwl_call *call, lwl_cancelled_fn *cancelled, void *ctx);
bool lwl_call_cancelled(const struct lwl_call *call);

/*
 * The bytes of the request, and the linkids in it, stay as they are until the call ends, not only until
 * the function returns.  -LWL_ENOMEM: held_bytes are taken, copy what you need; -LWL_EINVAL: a
 * one-way.
 */
int lwl_call_hold(struct lwl_call *call);

/*
 * Answer with an error: `code` is positive, an LWL_E… number; `detail` is text for people or NULL,
 * cut to 255 bytes.  Ends the call.  Returns 0, or the error of a session that ended.
 */
int lwl_call_fail(struct lwl_call *call, int code, const char *detail);

/* Answer lwl_open_fn: with an end point of ours on this link, or one that is kept. */
int lwl_open_reply(struct lwl_call *call, uint64_t id, uint32_t version);

/* ---- server: used by the generated replies ---- */

/*
 * A writer for the response to `call`, with room for the command's response_max bytes: in the
 * transmit ring, or, while that is full, in memory of its own, from where it follows.
 * -LWL_ENOMEM, or the error of a session that has ended: the call has ended with it.
 */
int lwl_reply_begin(struct lwl_call *call, struct lwl_writer **w);

/*
 * Send the response and end the call.  If `encoded`, the encoder's result, is not 0, or a linkid in it
 * is neither held nor a live one of ours, the peer gets that error instead (-LWL_ETOOLARGE for what
 * does not fit, -LWL_EINVAL, -LWL_ENOENDPOINT), and it is returned: the call has ended in any
 * case.  After the session's end there is nobody to answer, and that error is returned.
 */
int lwl_reply_commit(struct lwl_call *call, int encoded);

/*
 * For programs without generated code: answer with a copy of this response, as lwl_call_send.
 * -LWL_EINVAL: it is none to this call, which goes on; after any other error it has ended.
 */
int lwl_reply_send(struct lwl_call *call, const void *msg, size_t len);

#ifdef __cplusplus
}
#endif
#endif
