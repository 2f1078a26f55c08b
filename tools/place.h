/*
 * Addresses of sockets, for `lwl trace`, which passes on bytes and speaks no protocol.
 */
#ifndef LWL_TOOLS_PLACE_H
#define LWL_TOOLS_PLACE_H

#include <stdbool.h>
#include <sys/socket.h>

enum { PLACES_MAX = 8 };

struct place {
	struct sockaddr_storage at[PLACES_MAX];	/* to be tried in this order */
	socklen_t length[PLACES_MAX];
	unsigned count;
	bool is_unix;
};

/*
 * unix:/path, unix:@name, tcp:host:port; to listen on, tcp: only of this machine, or with ?public.
 * False: what is wrong has been printed.
 */
bool place_parse(struct place *out, const char *address, bool listening);

/* A socket that listens and does not block, or -1: the reason has been printed. */
int place_listen(const struct place *place, const char *address);

/* Remove a socket's file. */
void place_remove(const struct place *place);

/*
 * A socket that is being connected to the i-th address and does not block, or -1 and errno.
 */
int place_dial(const struct place *place, unsigned i);

#endif
