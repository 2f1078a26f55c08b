/*
 * Bytes of messages from a descriptor: as they are, or written as hexadecimal digits.
 */
#ifndef LWL_TOOLS_INPUT_H
#define LWL_TOOLS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
	int fd;
	bool hex;			/* pairs of digits, white space, # up to the line's end */
	bool ended, failed;
	bool in_comment;
	int digit;			/* the first one of a pair, or -1 */
	unsigned long line, column;	/* of what comes next; both count from 1 */
	size_t at, end;
	uint8_t buffer[16384];
};

void input_init(struct input *in, int fd, bool hex);

/*
 * Wait for `size` bytes.  Fewer come only at the end of the input, or after a mistake, which then has
 * been printed and is in `failed`.
 */
size_t input_read(struct input *in, void *out, size_t size);

/*
 * All that there is, up to `limit` bytes, with a NUL behind it; NULL after a mistake that has been
 * printed (more than that, for instance: `what` names it).  The caller frees it.
 */
char *input_read_all(struct input *in, size_t limit, const char *what, size_t *size);

/* The same of a file, whose name then is in the message. */
char *input_read_file(const char *path, size_t limit, size_t *size);

#endif
