#include "emit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_HOLES = 16, MAX_COLUMNS = 100, TAB = 8 };

static void *need(void *memory)
{
	if (memory == NULL) {
		fputs("lwlc: out of memory\n", stderr);
		exit(2);
	}
	return memory;
}

static void grow(struct output *out, size_t length)
{
	out->room = (out->length + length + 1) * 2;
	out->text = need(realloc(out->text, out->room));
}

static inline void append(struct output *out, const char *text, size_t length)
{
	if (out->room - out->length < length + 1)
		grow(out, length);
	memcpy(out->text + out->length, text, length);
	out->length += length;
	out->text[out->length] = '\0';
}

void emit_text(struct output *out, const char *text)
{
	append(out, text, strlen(text));
}

/* The column where a text ends that starts at `columns`.  Tabs are mostly in front of a line. */
static size_t columns_of(const char *line, size_t length, size_t columns)
{
	const char *end = line + length;

	while (line < end) {
		if (*line == '\t') {
			columns = (columns / TAB + 1) * TAB;
			line++;
		} else {
			const char *tab = memchr(line, '\t', (size_t)(end - line));

			columns += (size_t)((tab != NULL ? tab : end) - line);
			line = tab != NULL ? tab : end;
		}
	}
	return columns;
}

/* Is the byte `at` of a line inside of a literal? */
static bool is_quoted(const char *line, size_t at)
{
	const char *first = memchr(line, '"', at);
	bool quoted = false;
	size_t i;

	if (first == NULL)
		return false;
	for (i = (size_t)(first - line); i < at; i++)
		if (line[i] == '"' && (i == 0 || line[i - 1] != '\\'))
			quoted = !quoted;
	return quoted;
}

/* Where a line that is too long is best broken: at the last space behind "," or "&&" that fits. */
static size_t break_place(const char *line, size_t length, size_t columns)
{
	const char *space = line;
	size_t place = 0, from = 0, at;

	for (; (space = memchr(space, ' ', length - (size_t)(space - line))) != NULL; space++) {
		at = (size_t)(space - line);
		if (at <= 2 * TAB + 1 || !(space[-1] == ',' || (space[-1] == '&' && space[-2] == '&') ||
					   (space[-1] == '|' && space[-2] == '|')) || is_quoted(line, at))
			continue;
		columns = columns_of(line + from, at - from, columns);
		from = at;
		if (columns >= MAX_COLUMNS && place != 0)
			break;
		place = at;
	}
	return place;
}

/* Whether a line from `start` on is too long: most are not, and need no second look. */
static bool any_long(const struct output *out, size_t start)
{
	const char *line = out->text + start, *end = out->text + out->length;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((newline != NULL ? newline : end) - line);

		if (columns_of(line, length, 0) > MAX_COLUMNS)
			return true;
		line += length + 1;
	}
	return false;
}

/* Break the lines of code from `start` on that are too long. */
static void fold(struct output *out, size_t start)
{
	struct output folded = { 0 };
	size_t at = start;

	if (!any_long(out, start))
		return;

	while (at < out->length) {
		const char *line = out->text + at;
		const char *newline = strchr(line, '\n');
		size_t length = newline != NULL ? (size_t)(newline - line) : out->length - at;
		size_t indent = strspn(line, "\t"), lead = 0;
		char first = line[strspn(line, "\t ")];
		bool code = first != '*' && first != '/' && first != '#';

		at += length + (newline != NULL);
		while (code && columns_of(line, length, lead) > MAX_COLUMNS) {
			size_t place = break_place(line, length, lead), i;

			if (place == 0)
				break;
			append(&folded, line, place);
			append(&folded, "\n", 1);
			for (i = 0; i < indent + 2; i++)
				append(&folded, "\t", 1);
			line += place + 1;
			length -= place + 1;
			lead = (indent + 2) * TAB;
		}
		append(&folded, line, length);
		if (newline != NULL)
			append(&folded, "\n", 1);
	}
	out->length = start;
	append(out, folded.text != NULL ? folded.text : "", folded.length);
	free(folded.text);
}

/*
 * Which of the names stands at `hole`, `length` bytes; `count` if none does.  Most holes come in the
 * order of the values, so that the one behind the last is tried first.
 */
static size_t find_hole(const char *const *names, size_t count, size_t first, const char *hole,
			size_t length)
{
	size_t i, k;

	for (i = 0, k = first; i < count; i++, k++) {
		if (k >= count)
			k = 0;
		if (strncmp(names[k], hole, length) == 0 && names[k][length] == '\0')
			return k;
	}
	return count;
}

void emit(struct output *out, const char *format, ...)
{
	const char *names[MAX_HOLES], *values[MAX_HOLES];
	bool used[MAX_HOLES] = { false };
	size_t count = 0, next = 0, i, start = out->length;
	const char *name, *hole, *end;
	va_list ap;

	va_start(ap, format);
	while ((name = va_arg(ap, const char *)) != NULL) {
		if (count == MAX_HOLES)
			abort();
		names[count] = name;
		values[count++] = va_arg(ap, const char *);
	}
	va_end(ap);
	/* A line that earlier calls began is folded as one. */
	while (start > 0 && out->text[start - 1] != '\n')
		start--;
	for (; (hole = strchr(format, '$')) != NULL; format = end + 1) {
		append(out, format, (size_t)(hole - format));
		end = strchr(++hole, '$');
		i = end != NULL ? find_hole(names, count, next, hole, (size_t)(end - hole)) : count;
		if (i == count) {
			fprintf(stderr, "lwlc: hole $%.*s$ has no value\n", (int)strcspn(hole, "$"), hole);
			abort();
		}
		used[i] = true;
		next = i + 1;
		emit_text(out, values[i]);
	}
	emit_text(out, format);
	for (i = 0; i < count; i++)
		if (!used[i]) {
			fprintf(stderr, "lwlc: value %s has no hole\n", names[i]);
			abort();
		}
	if (out->length > 0 && out->text[out->length - 1] == '\n')
		fold(out, start);
}

/*
 * How many bytes at `text` are a character that turns text around, so that what a reader sees is not
 * what stands there: U+061C, U+200E, U+200F, U+202A..U+202E, U+2066..U+2069; otherwise 0.
 */
static size_t turning(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (p[0] == 0xd8 && p[1] == 0x9c)
		return 2;
	if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
		return 3;
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
		return 3;
	return 0;
}

/*
 * One line of a comment.  What would end it, start another or be a trigraph is taken apart; characters
 * that move or turn text become '?'.
 */
static void comment_line(struct output *out, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		size_t turns = turning(text + i);

		if (turns > 0 || ((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f) {
			append(out, "?", 1);
			i += turns > 0 ? turns - 1 : 0;
			continue;
		}
		append(out, text + i, 1);
		if (i + 1 < length && ((text[i] == '*' && text[i + 1] == '/') ||
				       (text[i] == '/' && text[i + 1] == '*') ||
				       (text[i] == '?' && text[i + 1] == '?')))
			append(out, " ", 1);
	}
}

static void comment_lines(struct output *out, const char *indent, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t length = strcspn(text, "\n");

		emit_text(out, indent);
		emit_text(out, length > 0 ? " * " : " *");
		comment_line(out, text, length);
		emit_text(out, "\n");
		text += length + (text[length] == '\n');
	}
}

void emit_comment(struct output *out, const char *indent, const char *text, const char *extra)
{
	const char *only;

	if (text != NULL && *text == '\0')
		text = NULL;		/* an empty doc comment */
	only = text != NULL ? text : extra;
	if (only == NULL)
		return;
	emit_text(out, indent);
	if ((text == NULL || extra == NULL) && strchr(only, '\n') == NULL &&
	    strlen(only) + 6 + strlen(indent) * TAB <= MAX_COLUMNS) {
		emit_text(out, "/* ");
		comment_line(out, only, strlen(only));
		emit_text(out, " */\n");
		return;
	}
	emit_text(out, "/*\n");
	comment_lines(out, indent, text);
	if (text != NULL && extra != NULL) {
		emit_text(out, indent);
		emit_text(out, " *\n");
	}
	comment_lines(out, indent, extra);
	emit_text(out, indent);
	emit_text(out, " */\n");
}

void output_free(struct output *out)
{
	free(out->text);
	memset(out, 0, sizeof *out);
}

/* ---- files ---- */

struct file {
	char *path, *temporary;		/* temporary NULL: not written, or already moved */
	struct output out;
};

struct output_set {
	struct file *files;
	size_t count;
};

struct output_set *output_set_new(void)
{
	return need(calloc(1, sizeof(struct output_set)));
}

void output_set_add(struct output_set *set, const char *path, struct output *out)
{
	struct file *file;

	set->files = need(realloc(set->files, (set->count + 1) * sizeof *set->files));
	file = &set->files[set->count++];
	file->path = need(strdup(path));
	file->temporary = NULL;
	file->out = *out;
	memset(out, 0, sizeof *out);
}

static bool same_content(const struct file *file)
{
	FILE *f = fopen(file->path, "rb");
	struct stat st;
	char chunk[16384];
	size_t at = 0, got;
	bool same = f != NULL && fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
		    (size_t)st.st_size == file->out.length;

	while (same && at < file->out.length && (got = fread(chunk, 1, sizeof chunk, f)) > 0) {
		same = got <= file->out.length - at && memcmp(chunk, file->out.text + at, got) == 0;
		at += got;
	}
	if (f != NULL)
		fclose(f);
	return same && at == file->out.length;
}

static bool write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* A new file beside the place of `file`, with all of its text. */
static bool write_temporary(struct file *file)
{
	size_t size = strlen(file->path) + sizeof ".XXXXXX";
	mode_t mask = umask(0);
	struct stat st;
	int fd, error;

	umask(mask);
	if (stat(file->path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;		/* or the move would find out, when others have been moved */
		return false;
	}
	file->temporary = need(malloc(size));
	snprintf(file->temporary, size, "%s.XXXXXX", file->path);
	fd = mkstemp(file->temporary);
	if (fd < 0) {
		error = errno;
		free(file->temporary);
		file->temporary = NULL;
		errno = error;
		return false;
	}
	if (fchmod(fd, 0666 & ~mask) == 0 && write_all(fd, file->out.text, file->out.length) &&
	    close(fd) == 0)
		return true;
	error = errno;
	close(fd);
	errno = error;
	return false;
}

static bool write_files(struct output_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (!same_content(&set->files[i]) && !write_temporary(&set->files[i]))
			goto failed;
	for (i = 0; i < set->count; i++) {
		struct file *file = &set->files[i];

		if (file->temporary == NULL)
			continue;
		if (rename(file->temporary, file->path) != 0)
			goto failed;
		free(file->temporary);
		file->temporary = NULL;
	}
	return true;
failed:
	fprintf(stderr, "lwlc: cannot write %s: %s\n", set->files[i].path, strerror(errno));
	for (i = 0; i < set->count; i++)
		if (set->files[i].temporary != NULL)
			unlink(set->files[i].temporary);
	return false;
}

/* Whoever interrupts the program while files are written waits until they stand, or are gone again. */
bool output_set_write(struct output_set *set)
{
	sigset_t interruptions, before;
	bool done;

	sigemptyset(&interruptions);
	sigaddset(&interruptions, SIGHUP);
	sigaddset(&interruptions, SIGINT);
	sigaddset(&interruptions, SIGTERM);
	sigaddset(&interruptions, SIGXFSZ);	/* the write fails instead, with EFBIG */
	sigprocmask(SIG_BLOCK, &interruptions, &before);
	done = write_files(set);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return done;
}

void output_set_free(struct output_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		free(set->files[i].path);
		free(set->files[i].temporary);
		output_free(&set->files[i].out);
	}
	free(set->files);
	free(set);
}
