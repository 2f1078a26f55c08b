/*
 * lwlc diff: what a change of a schema breaks.
 *
 * compat.c compares two checked models and lists what changed, each change with the tier that it
 * falls into; compat_report.c is the command around it.  docs/language.md has the rules.
 */
#ifndef LWL_COMPILER_COMPAT_H
#define LWL_COMPILER_COMPAT_H

#include "idl/idl.h"

struct arena;

enum compat_tier {
	COMPAT_WIRE,			/* programs of both schemas do not understand each other */
	COMPAT_SOURCE,			/* programs that use the generated C have to follow */
	COMPAT_VERSION,			/* an addition, and the library's version did not rise */
	COMPAT_FINE,
	COMPAT_TIERS
};

/* Whom a change of the wire breaks.  Neither: nobody yet, but what may come next will. */
enum {
	COMPAT_OLD_READS_NEW = 1,	/* readers made from OLD, of what is written from NEW */
	COMPAT_NEW_READS_OLD = 2,
	COMPAT_BOTH = 3
};

struct compat_change {
	enum compat_tier tier;
	unsigned breaks;		/* WIRE: COMPAT_OLD_READS_NEW and so on */
	const char *kind;		/* for programs: "type", "default", "removed" ... */
	const char *message;
	struct location old, new;	/* where there is nothing, what it would stand in */
	size_t order;			/* as found */
	struct compat_change *next;
};

/* All changes from `old` to `new`, whose models are there; made in `arena`. */
struct compat_change *compat_compare(struct arena *arena, const struct idl *old,
				     const struct idl *new);

/* argv[0] is what --help shows as the program.  Returns the exit status. */
int compat_main(int argc, char **argv);

#endif
