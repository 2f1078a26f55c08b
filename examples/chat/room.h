/* What the three files of the server share. */
#ifndef ROOM_H
#define ROOM_H

#include <stdio.h>
#include <uv.h>

#include "chat.link.h"

struct room {
	struct member *members;		/* those who are here */
	uv_loop_t *uv;
	const char *path;		/* of the log */
	FILE *log;
};

extern const struct chat_room_ops room_ops;

/* Answers `call`, later, with the log's last lines. */
void history(struct room *room, struct lwl_call *call);

#endif
