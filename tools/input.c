#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "lwl.h"

void input_init(struct input *in, int fd, bool hex)
{
	in->fd = fd;
	in->hex = hex;
	in->ended = in->failed = in->in_comment = false;
	in->digit = -1;
	in->line = in->column = 1;
	in->at = in->end = 0;
}

static bool fill(struct input *in)
{
	ssize_t n;

	if (in->ended || in->failed)
		return false;
	do
		n = read(in->fd, in->buffer, sizeof in->buffer);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		complain("cannot read: %s", strerror(errno));
		in->failed = true;
		return false;
	}
	in->ended = n == 0;
	in->at = 0;
	in->end = (size_t)n;
	return n > 0;
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void bad_hex(struct input *in, int c)
{
	if (in->digit >= 0 && (c == '\0' || c == '#' || is_space(c)))
		complain("stdin:%lu:%lu: a byte is written as two digits", in->line, in->column);
	else if (c > ' ' && c < 0x7f)
		complain("stdin:%lu:%lu: '%c' is no hexadecimal digit", in->line, in->column, c);
	else
		complain("stdin:%lu:%lu: byte 0x%02x is no hexadecimal digit; without --hex the "
			 "message is read as it is", in->line, in->column, (unsigned)c);
	in->failed = true;
}

/* Takes one character; true when a byte is complete. */
static bool take_digit(struct input *in, uint8_t *out)
{
	int c = in->buffer[in->at], digit = digit_of(c);
	bool complete = false;

	if (c == '\n') {
		in->in_comment = false;
	} else if (in->in_comment) {
		;
	} else if (digit >= 0 && in->digit >= 0) {
		*out = (uint8_t)(in->digit << 4 | digit);
		in->digit = -1;
		complete = true;
	} else if (digit >= 0) {
		in->digit = digit;
		in->at++;
		in->column++;
		return false;
	} else if (in->digit < 0 && c == '#') {
		in->in_comment = true;
	} else if (!is_space(c)) {
		bad_hex(in, c);
		return false;
	}
	if (in->digit >= 0) {
		bad_hex(in, c);
		return false;
	}
	in->at++;
	in->column++;
	if (c == '\n') {
		in->line++;
		in->column = 1;
	}
	return complete;
}

size_t input_read(struct input *in, void *out, size_t size)
{
	uint8_t *bytes = out;
	size_t n = 0;

	while (n < size && !in->failed) {
		if (in->at == in->end) {
			if (fill(in))
				continue;
			if (in->hex && in->digit >= 0 && !in->failed)
				bad_hex(in, 0);
			break;
		}
		if (in->hex) {
			n += take_digit(in, bytes + n);
		} else {
			size_t part = in->end - in->at < size - n ? in->end - in->at : size - n;

			memcpy(bytes + n, in->buffer + in->at, part);
			in->at += part;
			n += part;
		}
	}
	return n;
}

char *input_read_all(struct input *in, size_t limit, const char *what, size_t *size)
{
	size_t room = 65536, n = 0;
	char *text = allocate(NULL, room);

	for (;;) {
		n += input_read(in, text + n, room - 1 - n);
		if (in->failed || n > limit) {
			if (!in->failed)
				complain("%s has more than %zu bytes, which is the limit", what,
					 limit);
			free(text);
			return NULL;
		}
		if (n < room - 1)
			break;
		room *= 2;
		text = allocate(text, room);
	}
	text[n] = '\0';
	*size = n;
	return text;
}

char *input_read_file(const char *path, size_t limit, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct input *in;
	char *text;

	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	in = allocate(NULL, sizeof *in);
	input_init(in, fd, false);
	text = input_read_all(in, limit, path, size);
	free(in);
	close(fd);
	return text;
}
