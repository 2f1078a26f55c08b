/*
 * Numbered diagnostics.  Everybody says what is wrong and where, as byte offsets; this file alone
 * turns offsets into lines, columns and carets, sorts, and prints, as text or as JSON.
 *
 * Each number stands in diag.def with its name, its short title and the text of --explain.  The
 * message of one report says what is wrong in this place.
 */
#ifndef LWL_IDL_DIAG_H
#define LWL_IDL_DIAG_H

#include <stdio.h>

#include "model.h"

struct arena;

/* The text of one schema file.  `path` is as it was opened and as messages show it. */
struct source {
	const char *path;
	const char *text;		/* `length` bytes and two NULs behind them */
	uint32_t length;
	uint32_t order;			/* 0 for the file named first; reports are sorted by it */
};

enum diag_number {
#define DIAG(number, name, title, explanation) DIAG_##name = number,
#include "diag.def"
#undef DIAG
	DIAG_END
};

enum { DIAG_LIMIT = 200 };		/* reports kept, before the one that says there were more */

struct diagnostics *diag_new(struct arena *arena);

/*
 * Report an error at `where`; `where.source` NULL for one that has no place in a text.  Texts are
 * formatted at once and copied.  Returns a handle for the notes and the help of the same report,
 * never NULL.  The same number at the same place twice counts once.  After 200 reports one more
 * says that there were more, and the rest is dropped.
 */
__attribute__((format(printf, 4, 5)))
struct diag *diag_error(struct diagnostics *d, enum diag_number number, struct location where,
			const char *format, ...);

/* A second place that explains the first: "reserved here". */
__attribute__((format(printf, 4, 5)))
void diag_note(struct diagnostics *d, struct diag *report, struct location where,
	       const char *format, ...);

/* What to do: "the next free number is 9".  At most one a report. */
__attribute__((format(printf, 3, 4)))
void diag_help(struct diagnostics *d, struct diag *report, const char *format, ...);

/* Reports kept so far; above DIAG_LIMIT, any further one is dropped. */
size_t diag_count(const struct diagnostics *d);

enum diag_format { DIAG_TEXT, DIAG_TEXT_COLOUR, DIAG_JSON };

/*
 * Print all reports, sorted by file and place.  Text, for each:
 *
 *	vfs.lwl:31:9: error[L0042]: item number 8 is reserved
 *	   31 |         8: u64 birth;
 *	      |         ^
 *	vfs.lwl:27:14: note: reserved here
 *	help: the next free number is 9
 *
 * The rest of the place, as far as it is on the same line, is underlined: ^~~~.  Columns count
 * from 1, in characters.  A long line is shown only around the caret.  JSON: one array of
 * {"number":"L0042","message","file","line","column","end_line","end_column","notes":[{…}],"help"};
 * the end is the character behind the place, and what a report does not have is null.
 */
void diag_print(const struct diagnostics *d, FILE *out, enum diag_format format);

/* The title and explanation of number `n` (the digits of L0042), or false if there is none. */
bool diag_explain(FILE *out, unsigned n);

/* Every number with its title, one a line. */
void diag_list(FILE *out);

#endif
