/*
 * The messages of a connection, as they pass, for people: lwl trace.
 */
#ifndef LWL_TOOLS_SHOW_H
#define LWL_TOOLS_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwl.h"

/* What all connections share. */
struct show {
	const struct lwl_schema *const *schemas;
	size_t schema_count;
	struct lwl_schema *control;	/* of links themselves: built in */
	bool coloured, hex;
};

/* Bytes in one direction, until they are a message. */
struct show_flow {
	uint8_t msg[LWL_MESSAGE_MAX + 1];
	uint32_t have;
	bool lost;			/* where the next message starts cannot be known */
};

struct show_link;			/* an end point whose interface is known */
struct show_open;			/* an open that is not answered yet */

/* One connection. */
struct show_connection {
	const struct show *show;
	unsigned long number;
	struct show_flow flows[2];	/* from the side that dialled, and to it */
	struct show_link *links;
	struct show_open *opens;
};

/* False: the built-in schema cannot be loaded. */
bool show_init(struct show *show);
void show_fini(struct show *show);

void show_connection_init(struct show_connection *c, const struct show *show, unsigned long number);
void show_connection_fini(struct show_connection *c);

/* "  0.001234 [1] " */
void show_begin_line(const struct show *show, unsigned long number, uint64_t microseconds);

/* Print the messages that these bytes complete.  `to_dialler`: the direction. */
void show_bytes(struct show_connection *c, bool to_dialler, const uint8_t *bytes, size_t size,
		uint64_t microseconds);

/* No more will come: says so if something is left over. */
void show_end(struct show_connection *c, bool to_dialler, uint64_t microseconds);

#endif
