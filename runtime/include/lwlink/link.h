/*
 * lwlink/link.h - commands over a link: what the generated tables, stubs and replies stand on.
 *
 * `lwlc` writes a NAME.link.h and NAME.link.c for each schema with interfaces.  A server fills the
 * generated table of functions; a client calls the generated stubs; both are thin: they encode with
 * NAME.lwl.h and hand over here.
 *
 * A *link* is what lasts between two peers (docs/protocol.md, "Linkids and references").  End points
 * are named by linkids, which the generated code keeps apart by interface: struct vfs_node holds the
 * linkid of a Node.
 */
#ifndef LWLINK_LINK_H
#define LWLINK_LINK_H

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

/* ---- client: used by the generated stubs ---- */

typedef void lwl_done_fn(void);		/* a program's function of another type, on its way */

/*
 * The generated half of an answer: decode the `len` bytes at `msg` and call `done` as what it is,
 * with `ctx`.  `status` is not 0, and there is no message, for a command that ended without an
 * answer: -LWL_ENOTRUN, -LWL_EFATE, -LWL_ECANCELLED, -LWL_EDEADLINE.
 */
typedef void lwl_answer_fn(int status, const void *msg, size_t len, struct lwl_reply *reply,
			   lwl_done_fn *done, void *ctx);

/*
 * Start a command on the end point `linkid`, or a one-way.  Gives a writer with room for
 * command->request_max bytes, in the transmit ring.  -LWL_ECALLS: as many commands are outstanding as
 * the peer allows, or the ring is full; -LWL_ENOENDPOINT: no reference to that end point is held;
 * otherwise the error that ended the link.  After 0 exactly one of the three below follows.
 */
int lwl_call_begin(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
		   struct lwl_writer **w);

/*
 * Send what was encoded, or take it back if `encoded`, the encoder's result, is not 0; returns that.
 * After 0 `answer` runs exactly once, never from inside this call.
 */
int lwl_call_commit(struct lwl_link *link, int encoded, lwl_answer_fn *answer, lwl_done_fn *done,
		    void *ctx);

/* The same for a one-way, which gets no answer. */
int lwl_oneway_commit(struct lwl_link *link, int encoded);

/*
 * The same, and wait: runs the link until the answer is there and copies it to the `size` bytes at
 * `buf`; `*len` is its length.  Blocks.  -LWL_ENOBUFS: the answer is larger than buf.
 */
int lwl_call_wait(struct lwl_link *link, int encoded, void *buf, size_t size, size_t *len);

/*
 * The text that came with an error, and what was wrong with an answer that did not decode.  Valid
 * while the program's function runs.
 */
struct lwl_error *lwl_reply_error(struct lwl_reply *reply);

/* ---- server: used by the generated replies ---- */

/*
 * A writer for the response to `call`, with room for the command's response_max bytes.  The error of
 * a call that ended meanwhile: nothing can be answered then, and nothing has to be.
 */
int lwl_reply_begin(struct lwl_call *call, struct lwl_writer **w);

/*
 * Send the response and end the call, if `encoded` is 0; otherwise the call goes on, no reference
 * moves, and the result is `encoded`.
 */
int lwl_reply_commit(struct lwl_call *call, int encoded);

/*
 * Answer with an error: `code` is positive, an LWL_E… number; `detail` is text for people or NULL,
 * cut to 255 bytes.  Ends the call.
 */
int lwl_call_fail(struct lwl_call *call, int code, const char *detail);

/* The bytes of the request stay as they are until the call ends, not only until the function returns. */
int lwl_call_hold(struct lwl_call *call);

#ifdef __cplusplus
}
#endif
#endif
